"""Rules and rulesets: data that was read, checked and translated once, ready to judge."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.validation.domain.findings import SEVERITIES, RulesetStamp, canonical, shown
from services.validation.domain.language import (
    MISSING,
    Scope,
    translate,
    translate_value,
)
from services.validation.domain.shapes import Field, field_of
from shared.reference import KINDS, PeriodIsUnknown, years_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.validation.domain.functions import Context
    from services.validation.domain.language import Test, Text

LEVELS = ("record", "reference", "submission")
"""Judged on one record, on one record and what others reported, on all records together."""

_REQUIRED = ("id", "title", "severity", "level", "kinds", "assert", "field", "message", "expected", "why")
_OPTIONAL = ("reference", "when", "missing", "for_each", "periods", "examples")
MOST_SHOWN = 20
"""So many entries of a list are written out in a message."""

_ID = re.compile(r"[A-Za-z]+-[0-9]{2,3}")
_PLACE = re.compile(r"\{([^{}]*)\}")

SUBMISSION = {
    name: Field(name, "text")
    for name in ("pillar", "kind", "period", "tlp", "reporter", "partner", "received_on")
}
"""What a rule may know of the submission. `partner` is missing where the reporter is a member."""


class RulesetIsBroken(ValueError):
    """A ruleset cannot be used. `problems` says why, one sentence each."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"ruleset {name}: " + "; ".join(problems))
        self.name = name
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Message:
    """A text with places that are filled with values of the record."""

    parts: tuple[str | Text, ...]

    def filled(
        self, record: Mapping[str, Any], submission: Mapping[str, Any], item: Any, context: Context
    ) -> str:
        """The text about this record; a value that cannot be had is called unknown."""
        return "".join(
            part if isinstance(part, str) else _value(part, record, submission, item, context)
            for part in self.parts
        )


def _value(
    part: Text, record: Mapping[str, Any], submission: Mapping[str, Any], item: Any, context: Context
) -> str:
    try:
        value = part(record, submission, item, context)
    except Exception:  # noqa: BLE001 - a finding must not be lost because its message cannot be filled
        return "(unknown)"
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value[:MOST_SHOWN]) + (
            ", …" if len(value) > MOST_SHOWN else ""
        )
    return _plain(value)


def _plain(value: Any) -> str:
    """Without quotation marks: where a message wants them, it has them."""
    text = shown(value)
    return text[1:-1] if isinstance(value, str) else text


@dataclass(frozen=True)
class Rule:
    """One rule. `written` is the rule as data, for those who read it; the rest is for the engine."""

    id: str
    title: str
    severity: str
    level: str
    kinds: tuple[str, ...]
    years: tuple[int, int]
    for_each: str | None
    place: str
    why: str
    reference: str
    examples: Mapping[str, Sequence[Mapping[str, Any]]]
    written: Mapping[str, Any]
    test: Test = field(compare=False)
    reads: frozenset[str] = field(compare=False)
    message: Message = field(compare=False)
    expected: Message = field(compare=False)

    def applies_to(self, *, kind: str, period: str) -> bool:
        """Whether the rule is for this mapping and for a year of this period."""
        if kind not in self.kinds:
            return False
        try:
            years = years_of(period)
        except PeriodIsUnknown:
            return True
        return self.years[0] <= years[-1] and years[0] <= self.years[1]


@dataclass(frozen=True)
class Shapes:
    """The fields of each kind, as the file describes them."""

    version: str
    kinds: Mapping[str, Mapping[str, Field]]
    written: Mapping[str, Any]

    def names(self, kinds: Iterable[str]) -> dict[str, Field]:
        """The fields of all these kinds together: one that a kind lacks is missing there."""
        return {name: spec for kind in kinds for name, spec in self.kinds[kind].items()}


@dataclass(frozen=True)
class Ruleset:
    """The rules in force for a pillar: the general ones and its own, in one order."""

    stamp: RulesetStamp
    title: str
    rules: tuple[Rule, ...]
    shapes: Shapes

    def rules_for(self, *, kind: str, period: str) -> tuple[Rule, ...]:
        """The rules that judge this mapping of this period."""
        return tuple(rule for rule in self.rules if rule.applies_to(kind=kind, period=period))


def shapes_of(written: Mapping[str, Any]) -> Shapes:
    """Read the description of the fields; raises ShapeIsBroken."""
    kinds = {
        kind: {name: field_of(name, spec) for name, spec in fields.items()}
        for kind, fields in written["kinds"].items()
    }
    return Shapes(str(written["version"]), kinds, written)


def ruleset_of(written: Mapping[str, Any], shapes: Shapes) -> Ruleset:
    """Read and translate one file of rules; raises RulesetIsBroken with all that is wrong with it."""
    name = str(written.get("name"))
    problems = [
        f"'{each}' is missing" for each in ("name", "version", "title", "rules") if each not in written
    ]
    rules: list[Rule] = []
    for number, each in enumerate(written.get("rules", ()), start=1):
        label = each.get("id", f"rule {number}") if isinstance(each, dict) else f"rule {number}"
        try:
            rules.append(_rule_of(each, shapes))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problems.append(f"{label}: {error}")
    ids = [rule.id for rule in rules]
    problems += [f"{each}: the id is used twice" for each in sorted(set(ids)) if ids.count(each) > 1]
    if problems:
        raise RulesetIsBroken(name, problems)
    version = str(written["version"])
    stamp = RulesetStamp(name, version, _hash(written, shapes.written))
    return Ruleset(stamp, str(written["title"]), tuple(rules), shapes)


def combined(general: Ruleset, pillar: Ruleset) -> Ruleset:
    """Put the general rules before a pillar's; the hash is over all that both say."""
    version = f"{pillar.stamp.version}+general.{general.stamp.version}"
    stamp = RulesetStamp(pillar.stamp.name, version, _hash(general.stamp.hash, pillar.stamp.hash))
    return replace(pillar, stamp=stamp, rules=(*general.rules, *pillar.rules))


def _hash(*written: Any) -> str:
    return hashlib.sha256(canonical(written)).hexdigest()


def _rule_of(written: Mapping[str, Any], shapes: Shapes) -> Rule:
    _check_words(written)
    kinds = tuple(written["kinds"])
    each = written.get("for_each")
    scope = _scope(written["level"], shapes.names(kinds), each)
    missing = written.get("missing", "skip")
    translated = translate(written.get("when"), written["assert"], missing=missing, scope=scope)
    _check_place(written["field"], scope)
    periods = written.get("periods", {})
    return Rule(
        id=written["id"],
        title=written["title"],
        severity=written["severity"],
        level=written["level"],
        kinds=kinds,
        years=(int(periods.get("from", 0)), int(periods.get("to", 9999))),
        for_each=each,
        place=written["field"],
        why=written["why"],
        reference=written.get("reference", ""),
        examples=written.get("examples", {}),
        written=written,
        test=translated.test,
        reads=translated.reads | ({each} if each else set()),
        message=_message(written["message"], scope),
        expected=_message(written["expected"], scope),
    )


def _check_words(written: Mapping[str, Any]) -> None:
    lacking = [each for each in _REQUIRED if each not in written]
    unknown = [each for each in written if each not in (*_REQUIRED, *_OPTIONAL)]
    if lacking or unknown:
        raise ValueError(f"lacks {lacking or 'nothing'}, has the unknown {unknown or 'nothing'}")
    choices = (("severity", SEVERITIES), ("level", LEVELS), ("missing", MISSING))
    for name, allowed in choices:
        if written.get(name, allowed[0]) not in allowed:
            raise ValueError(f"'{name}' is one of {', '.join(allowed)}")
    if not _ID.fullmatch(written["id"]) or not set(written["kinds"]) <= set(KINDS) or not written["kinds"]:
        raise ValueError("the id is written like WBBSi-07, the kinds are a list of need, response, support")


def _scope(level: str, names: Mapping[str, Field], each: str | None) -> Scope:
    if level == "submission":
        names = {"records": Field("records", "list", items=Field("record", "block", fields=names))}
    if each is None:
        return Scope(names, SUBMISSION)
    if each not in names or names[each].items is None:
        raise ValueError(f"for_each: there is no list '{each}'")
    return Scope(names, SUBMISSION, names[each].items)


def _check_place(place: str, scope: Scope) -> None:
    """The field that a finding points at must be there to be pointed at."""
    fields: Mapping[str, Field] = scope.item.fields if scope.item is not None else scope.names
    for part in place.split(".") if place else ():
        if part not in fields:
            raise ValueError(f"field: there is no '{place}'")
        fields = fields[part].fields


def _message(text: str, scope: Scope) -> Message:
    parts: list[str | Text] = []
    for at, piece in enumerate(_PLACE.split(text)):
        if at % 2:
            parts.append(translate_value(piece, scope=scope))
        elif piece:
            parts.append(piece)
    return Message(tuple(parts))
