"""Mutants of the rule files, judged by the rules' own examples, with which a rule is published."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import yaml

from services.validation.engine.domain.language.functions import FUNCTIONS
from services.validation.engine.domain.language.rule_translation import MISSING
from services.validation.engine.domain.reading import RulesetIsBroken, ruleset_of
from services.validation.engine.domain.rules import Ruleset, Shapes
from services.validation.rulesets.domain.examples import check_examples
from services.validation.rulesets.formats import yaml_files
from tests.mutants.changes import IsBrokenBefore, Mutant, changes, children

EXPRESSIONS = ("when", "assert", "for_each")

SIBLINGS = {
    "given": "absent",
    "absent": "given",
    "every": "some",
    "some": "every",
    "at_least_one": "only_one",
    "only_one": "one_or_all",
    "one_or_all": "at_least_one",
    "first_day": "last_day",
    "last_day": "first_day",
}
"""Functions that one may take for one another."""


@dataclass(frozen=True)
class RuleMutant(Mutant):
    """A mutant of one rule. `ruleset` holds this rule only; None if it is refused when it is loaded."""

    ruleset: Ruleset | None = field(compare=False)

    def outcome(self) -> str:
        """Whether it was refused, killed by an example of the rule, or survived."""
        if self.ruleset is None:
            return "refused"
        return "killed" if any(check_examples(self.ruleset)) else "survived"


def mutants_of(content: bytes, file: str, shapes: Shapes) -> Iterator[RuleMutant]:
    """Return every mutant of every rule of a file. Severity and texts are unchanged, since no example depends on them.

    Raise RulesetIsBroken, or IsBrokenBefore if an example does not behave.
    """
    written = yaml_files.read_yaml(content)
    for rule, lines in zip(written["rules"], _lines(content), strict=True):
        original = ruleset_of({**written, "rules": [rule]}, shapes)
        for problem in check_examples(original):
            raise IsBrokenBefore(f"{file}: {problem}")
        for name, before, after in _changes(rule):
            changed = {key: value for key, value in {**rule, name: after}.items() if value is not None}
            ruleset = _loaded({**written, "rules": [changed]}, shapes)
            if ruleset is None or _compiled(ruleset) != _compiled(original):
                where = f"{lines.get(name, lines['id'])} {rule['id']} {name}"
                yield RuleMutant(file, where, before, after or "nothing", ruleset)


def _loaded(written: Mapping[str, Any], shapes: Shapes) -> Ruleset | None:
    try:
        return ruleset_of(written, shapes)
    except RulesetIsBroken:
        return None


def _compiled(ruleset: Ruleset) -> CodeType:
    """Return the code of the rule. A change that leaves it equal is no mutant."""
    code: CodeType = ruleset.rules[0].test.__code__
    return code


def _lines(content: bytes) -> Iterator[Mapping[str, int]]:
    """Map each rule to the line of each of its parts."""
    root = {key.value: value for key, value in yaml.compose(content, Loader=yaml.SafeLoader).value}
    for rule in root["rules"].value:
        yield {key.value: key.start_mark.line + 1 for key, _ in rule.value}


def _changes(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Yield a part of the rule, its value, and another value; None removes the part."""
    for name in EXPRESSIONS:
        if name in rule:
            tree = ast.parse(rule[name].strip(), mode="eval")
            before = ast.unparse(tree)
            yield from ((name, before, after) for after in _rewritten(tree))
    if "when" in rule:
        yield "when", rule["when"], None
    missing = rule.get("missing", MISSING[0])
    yield "missing", missing, MISSING[MISSING.index(missing) - 1]


def _rewritten(tree: ast.Expression) -> Iterator[str]:
    """Return the expression with one changed part."""
    for place in [each for parent in ast.walk(tree) for each in children(parent)]:
        for other in (*changes(place.node), *_calls(place.node)):
            place.put(other)
            yield ast.unparse(tree)
            place.put(place.node)


def _calls(node: ast.AST) -> Iterator[ast.expr]:
    """Call another function instead; or drop an argument, where the function allows it."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    name = node.func.id
    if name in SIBLINGS:
        yield ast.Call(ast.Name(SIBLINGS[name]), node.args, [])
    if name in FUNCTIONS and len(node.args) > FUNCTIONS[name].min_arguments:
        for at, argument in enumerate(node.args):
            if not isinstance(argument, ast.Constant):
                yield ast.Call(node.func, [*node.args[:at], *node.args[at + 1 :]], [])
