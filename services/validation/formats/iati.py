"""IATI files to data: rulesets from JSON, and the nodes that their rules judge as records.

A node's record holds what the XPaths of a rule found, as texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from services.validation.domain.iati.cases import RulesetIsRefused
from services.validation.domain.iati.functions import moment_of, utc_text
from services.validation.domain.iati.paths import PathIsRefused
from services.validation.domain.iati.rulesets import DATE_WORDS, iati_ruleset
from services.validation.formats.iati_trees import (
    compiled,
    evaluated,
    found_by,
    identifier_of,
    text_of,
    trees,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from services.validation.domain.iati.kinds import Column
    from services.validation.domain.iati.rulesets import IatiRule, IatiRuleset

LARGEST_RULESET = 4 * 1024**2


def read_iati_ruleset(content: bytes) -> IatiRuleset:
    """Read a ruleset; every XPath in it is tried. Raises RulesetIsRefused."""
    if len(content) > LARGEST_RULESET:
        raise RulesetIsRefused("the file", f"it has {len(content):,} bytes", f"At most {LARGEST_RULESET:,}.")
    try:
        ruleset = iati_ruleset(_json_of(content))
    except RecursionError:
        raise RulesetIsRefused("the file", "it is nested too deeply", "Selectors, rules and cases.") from None
    for rule in ruleset.rules:
        try:
            for path in (rule.case.selector, *rule.paths()):
                compiled(path)
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
class Judged:
    """A node that a rule selected: where it is, whose it is, and a record of it (in a loop one for each value)."""

    rule: IatiRule
    node: str
    identifier: str | None
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Surroundings:
    """What rules may know beside the file: the moment of judging, registration agencies, identifiers of publishers."""

    now: datetime
    agencies: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()


def nodes_of(ruleset: IatiRuleset, source: BinaryIO, around: Surroundings) -> Iterator[Judged]:
    """Every node that a rule selects, activity by activity; raises XmlIsRefused, PathIsRefused."""
    selectors: dict[str, list[IatiRule]] = {}
    for rule in ruleset.rules:
        selectors.setdefault(rule.case.selector, []).append(rule)
    for tree in trees(source, one_by_one=ruleset.stays_inside):
        for selector, rules in selectors.items():
            for node in tree.selected(selector):
                place, owner = tree.place_of(node), identifier_of(node)
                for rule in rules:
                    yield Judged(rule, place, owner, _records(rule, node, around))


def _records(rule: IatiRule, node: Any, around: Surroundings) -> list[dict[str, Any]]:
    loop = rule.case.loop
    if loop is None:
        return [_record(rule.columns(), node, around)]
    values = dict.fromkeys(text_of(found) for found in found_by(node, loop.foreach))
    return [_record(rule.columns(value), node, around) for value in values]


def _record(columns: Mapping[str, Column], node: Any, around: Surroundings) -> dict[str, Any]:
    """What the rule reads of the node; nothing more where its condition does not hold."""
    condition = columns.get("condition")
    if condition is not None and not _value(condition, node, around):
        return {"condition": False}
    return {name: _value(column, node, around) for name, column in columns.items()}


def _value(column: Column, node: Any, around: Surroundings) -> Any:
    if column.how == "texts":
        return [text_of(found) for path in column.paths for found in found_by(node, path)] or None
    if column.how == "counts":
        return [len(found_by(node, path)) for path in column.paths]
    if column.how == "truth":
        return _is_true(evaluated(node, column.paths[0]))
    if column.how == "date":
        return _moment(node, column.paths[0], around)
    return getattr(around, column.value) if column.how == "known" else column.value


def _moment(node: Any, path: str, around: Surroundings) -> str | None:
    """The first date that is found, as both published tools read it; a text that is no date is none."""
    if path in DATE_WORDS:
        now = utc_text(around.now)
        return now if path == "NOW" else moment_of(now[: len("2026-01-01")])
    found = found_by(node, path)
    return moment_of(text_of(found[0])) if found else None


def _is_true(found: Any) -> bool:
    """As XPath's boolean() has it: NaN is false."""
    return bool(found) and found == found  # noqa: PLR0124 - NaN alone differs from itself
