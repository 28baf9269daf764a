"""IATI files to data: rulesets from JSON, and the nodes that their rules judge as records.

A node's record holds what the XPaths of a rule found, as texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from services.validation.engine.domain.language.iati_functions import moment_of, utc_text
from services.validation.iati.domain.cases import RulesetIsRefused
from services.validation.iati.domain.paths import PathIsRefused
from services.validation.iati.domain.rulesets import DATE_WORDS, iati_ruleset
from services.validation.iati.formats.trees import (
    compile_path,
    evaluate,
    find_nodes,
    identifier_of,
    read_trees,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from services.validation.iati.domain.kinds import Column
    from services.validation.iati.domain.rulesets import IatiRule, IatiRuleset

MAX_RULESET_BYTES = 4 * 1024**2


def read_iati_ruleset(content: bytes) -> IatiRuleset:
    """Read a ruleset; every XPath in it is tried. Raises RulesetIsRefused."""
    if len(content) > MAX_RULESET_BYTES:
        raise RulesetIsRefused(
            "the file", f"it has {len(content):,} bytes", f"At most {MAX_RULESET_BYTES:,}."
        )
    try:
        ruleset = iati_ruleset(_json_of(content))
    except RecursionError:
        raise RulesetIsRefused("the file", "it is nested too deeply", "Selectors, rules and cases.") from None
    for rule in ruleset.rules:
        try:
            for path in (rule.case.selector, *rule.paths()):
                compile_path(path)
        except PathIsRefused as refused:
            raise RulesetIsRefused(
                rule.case.where, str(refused), "Give an XPath 1.0 from the node."
            ) from None
    return ruleset


def _json_of(content: bytes) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
    except ValueError as error:
        raise RulesetIsRefused("the file", f"it is no JSON: {error}", "Give the Standard's form.") from None


def ruleset_as_yaml(ruleset: IatiRuleset) -> str:
    """The rules as a file in the form of our own rulesets."""
    return yaml.safe_dump(dict(ruleset.written), sort_keys=False, allow_unicode=True, width=110)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name given twice the first would be lost without anybody noticing."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"'{twice[:80]}' is given twice")
    return found


def _no_number(written: str) -> Any:
    raise ValueError(f"{written} is no number")


@dataclass(frozen=True)
class SelectedNode:
    """A node that a rule selected: where it is, whose it is, and a record of it (in a loop one for each value)."""

    rule: IatiRule
    node: str
    identifier: str | None
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class EvaluationContext:
    """What rules may know beside the file: the moment of judging, registration agencies, identifiers of publishers."""

    now: datetime
    agencies: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()


def select_nodes(ruleset: IatiRuleset, source: BinaryIO, around: EvaluationContext) -> Iterator[SelectedNode]:
    """Every node that a rule selects, activity by activity; raises XmlIsRefused, PathIsRefused."""
    selectors: dict[str, list[IatiRule]] = {}
    for rule in ruleset.rules:
        selectors.setdefault(rule.case.selector, []).append(rule)
    for tree in read_trees(source, one_by_one=ruleset.stays_inside):
        for selector, rules in selectors.items():
            for node in tree.selected(selector):
                place, owner = tree.place_of(node), identifier_of(node)
                for rule in rules:
                    yield SelectedNode(rule, place, owner, _records(rule, node, around))


def _records(rule: IatiRule, node: Any, around: EvaluationContext) -> list[dict[str, Any]]:
    loop = rule.case.loop
    if loop is None:
        return [_record(rule.columns(), node, around)]
    values = dict.fromkeys(text_of(found) for found in find_nodes(node, loop.foreach))
    return [_record(rule.columns(value), node, around) for value in values]


def _record(columns: Mapping[str, Column], node: Any, around: EvaluationContext) -> dict[str, Any]:
    """What the rule reads of the node; nothing more where its condition does not hold."""
    condition = columns.get("condition")
    if condition is not None and not _value(condition, node, around):
        return {"condition": False}
    return {name: _value(column, node, around) for name, column in columns.items()}


def _value(column: Column, node: Any, around: EvaluationContext) -> Any:
    if column.how == "texts":
        return [text_of(found) for path in column.paths for found in find_nodes(node, path)] or None
    if column.how == "counts":
        return [len(find_nodes(node, path)) for path in column.paths]
    if column.how == "truth":
        return _is_true(evaluate(node, column.paths[0]))
    if column.how == "date":
        return _moment(node, column.paths[0], around)
    return getattr(around, column.value) if column.how == "known" else column.value


def _moment(node: Any, path: str, around: EvaluationContext) -> str | None:
    """The first date that is found, as both published tools read it; a text that is no date is none."""
    if path in DATE_WORDS:
        now = utc_text(around.now)
        return now if path == "NOW" else moment_of(now[: len("2026-01-01")])
    found = find_nodes(node, path)
    return moment_of(text_of(found[0])) if found else None


def _is_true(found: Any) -> bool:
    """As XPath's boolean() has it: NaN is false."""
    return bool(found) and found == found  # noqa: PLR0124 - NaN alone differs from itself
