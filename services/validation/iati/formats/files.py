"""Readers of IATI files: rulesets from JSON, and nodes from XML as records.

A node's record holds the results of a rule's XPaths, as texts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import yaml

from services.validation.engine.domain.language.iati_functions import moment_of, utc_text
from services.validation.iati.domain.cases import RulesetIsRefused
from services.validation.iati.domain.kinds import Column
from services.validation.iati.domain.paths import PathIsRefused
from services.validation.iati.domain.rulesets import DATE_WORDS, IatiRule, IatiRuleset, iati_ruleset
from services.validation.iati.formats.trees import (
    compile_path,
    evaluate,
    find_nodes,
    identifier_of,
    read_trees,
    text_of,
)
from shared.http.json_codec import reason_of

MAX_RULESET_BYTES = 4 * 1024**2

_RULESET = "Give a ruleset of the IATI Standard."


def read_ruleset(content: bytes) -> IatiRuleset:
    """Read a ruleset and compile every XPath in it. Raise RulesetIsRefused."""
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
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RulesetIsRefused(where, f"it is not JSON: {reason_of(error)}", _RULESET) from None
    except ValueError as error:
        raise RulesetIsRefused("the file", f"it is not JSON: {error}", _RULESET) from None


def ruleset_as_yaml(ruleset: IatiRuleset) -> str:
    """Write the rules as a ruleset file."""
    return yaml.safe_dump(dict(ruleset.written), sort_keys=False, allow_unicode=True, width=110)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object. Duplicate names raise ValueError, since the first value would be lost unnoticed."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"'{twice[:80]}' is given twice")
    return found


def _no_number(written: str) -> Any:
    raise ValueError(f"{written} is not a number")


@dataclass(frozen=True)
class SelectedNode:
    """A node that a rule selected: its place, its owner's identifier, and its record (in a loop one for each value)."""

    rule: IatiRule
    node: str
    identifier: str | None
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class EvaluationContext:
    """The data that rules read besides the file: the moment of evaluation, registration agencies and publishers."""

    now: datetime
    agencies: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()


def select_nodes(
    ruleset: IatiRuleset, source: BinaryIO, context: EvaluationContext
) -> Iterator[SelectedNode]:
    """Yield every node that a rule selects, activity by activity. Raise XmlIsRefused, PathIsRefused."""
    selectors: dict[str, list[IatiRule]] = {}
    for rule in ruleset.rules:
        selectors.setdefault(rule.case.selector, []).append(rule)
    for tree in read_trees(source, one_by_one=ruleset.stays_inside):
        for selector, rules in selectors.items():
            for node in tree.selected(selector):
                place, owner = tree.place_of(node), identifier_of(node)
                for rule in rules:
                    yield SelectedNode(rule, place, owner, _records(rule, node, context))


def _records(rule: IatiRule, node: Any, context: EvaluationContext) -> list[dict[str, Any]]:
    loop = rule.case.loop
    if loop is None:
        return [_record(rule.columns(), node, context)]
    values = dict.fromkeys(text_of(found) for found in find_nodes(node, loop.foreach))
    return [_record(rule.columns(value), node, context) for value in values]


def _record(columns: Mapping[str, Column], node: Any, context: EvaluationContext) -> dict[str, Any]:
    """Make the record of a node. If the rule's condition does not hold, the record holds nothing else."""
    condition = columns.get("condition")
    if condition is not None and not _value(condition, node, context):
        return {"condition": False}
    return {name: _value(column, node, context) for name, column in columns.items()}


def _value(column: Column, node: Any, context: EvaluationContext) -> Any:
    if column.how == "texts":
        return [text_of(found) for path in column.paths for found in find_nodes(node, path)] or None
    if column.how == "counts":
        return [len(find_nodes(node, path)) for path in column.paths]
    if column.how == "truth":
        return _is_true(evaluate(node, column.paths[0]))
    if column.how == "date":
        return _moment(node, column.paths[0], context)
    return getattr(context, column.value) if column.how == "known" else column.value


def _moment(node: Any, path: str, context: EvaluationContext) -> str | None:
    """Return the first date found, as both published tools do; None if it is not a date."""
    if path in DATE_WORDS:
        now = utc_text(context.now)
        return now if path == "NOW" else moment_of(now[: len("2026-01-01")])
    found = find_nodes(node, path)
    return moment_of(text_of(found[0])) if found else None


def _is_true(found: Any) -> bool:
    """Convert a result as XPath's boolean() does: NaN is false."""
    return bool(found) and found == found  # noqa: PLR0124 - NaN alone differs from itself
