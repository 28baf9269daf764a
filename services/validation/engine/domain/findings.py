"""What the engine says: findings about records, and the verdict on a submission."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SEVERITIES = ("blocker", "error", "warning", "info")
RETURNING = ("blocker", "error")
"""A finding of these severities returns the submission."""

OUTCOMES = ("passed", "failed", "skipped", "errored")

MOST_PLACES = 100
"""So many places of a finding are told to who reads of it, and are followed; the others are counted."""

LONGEST_SHOWN = 80
LONGEST_VALUE = 500


@dataclass(frozen=True)
class Fault:
    """What is wrong with the shape of a record; `at` is a JSON pointer from the record."""

    rule: str
    at: str
    value: Any
    message: str
    expected: str


@dataclass(frozen=True)
class Place:
    """Where a rule was not content, and what it says about it.

    `value` is what stands there, cut short if it is long; `fingerprint` changes with any of it.
    """

    ref: str | None
    pointer: str
    value: Any
    fingerprint: str
    message: str
    expected: str

    @property
    def written(self) -> dict[str, Any]:
        """As the report has it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Finding:
    """What a rule found in a submission: in `count` places, of which the first are told."""

    rule: str
    version: str
    title: str
    severity: str
    outcome: str
    why: str
    reference: str
    count: int
    places: tuple[Mapping[str, Any], ...]
    cause: str | None = None
    """Why the rule broke, where it did."""

    @property
    def written(self) -> dict[str, Any]:
        """As the report has it."""
        of_rule = {name: value for name, value in vars(self).items() if name != "cause"}
        cause = {} if self.cause is None else {"cause": self.cause}
        left_out = self.count - len(self.places)
        return {**of_rule, **cause, "places": list(self.places), "left_out": left_out}


@dataclass(frozen=True)
class RulesetStamp:
    """Which rules judged: name, version, and the sha-256 of all they say."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True)
class Judgement:
    """Accepted or returned, and all that was found. `counts` is places by severity, `rules` the outcomes of each.

    `faulty` are the indexes of all records with a place that returns the submission, and `faulty_places` how many places
    each of them has; `whole` says whether something returns it that stands in no record.
    """

    outcome: str
    records: int
    stamp: Mapping[str, Any]
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    rules: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    faulty: Sequence[int] = ()
    faulty_places: Sequence[int] = ()
    whole: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the records count from now on."""
        return self.outcome == "accepted"

    def report(self) -> bytes:
        """The findings report: the same bytes for the same judgement, on every machine."""
        return canonical({**vars(self), "findings": [finding.written for finding in self.findings]})


def record_at(pointer: str) -> int | None:
    """The index of the record that a JSON pointer leads into; None where it leads into none."""
    _, _, after = pointer.partition("/records/")
    index = after.partition("/")[0]
    return int(index) if index.isdecimal() else None


def stands_as_such(findings: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of a report's findings returns the submission and stands in no record of it.

    All places of a rule stand in records or none does, and the first is always told.
    """
    return any(
        finding["severity"] in RETURNING
        and finding["count"] > finding.get("excused", 0)
        and record_at(finding["places"][0]["pointer"]) is None
        for finding in findings
    )


def fingerprint(*values: Any) -> str:
    """Equal for equal values, in 16 hexadecimal digits."""
    return hashlib.sha256(canonical(values)).hexdigest()[:16]


def canonical(written: Any) -> bytes:
    """JSON with sorted keys and no blanks, in UTF-8. A lone surrogate, which UTF-8 cannot write, becomes '?'."""
    text = json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="replace")


def shown(value: Any) -> str:
    """A value as a message quotes it: one line, not too long."""
    if value is None:
        return "nothing"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - beyond, a float has no cents
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return _cut(value, LONGEST_SHOWN)


def bounded(value: Any) -> Any:
    """A value as a finding carries it: itself, or the beginning of it written as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        written = _number(value)
        is_plain = abs(value) < 2**53
        return value if is_plain else written
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    return _cut(value, LONGEST_VALUE)


def _number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**30:
        # Writing thousands of digits costs more than it tells.
        return f"a number of about {value.bit_length() * 3 // 10} digits"
    return str(value)


def _cut(value: Any, longest: int) -> str:
    if isinstance(value, str):
        text = value if len(value) <= longest else f"{value[:longest]}…"
        return f'"{text}"'
    text = _outline(value, longest)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _outline(value: Any, longest: int) -> str:
    """Lists and blocks by their first entries only: neither depth nor length costs more than `longest`."""
    if isinstance(value, dict):
        inner = ", ".join(f"{str(key)[:longest]}: {_leaf(entry)}" for key, entry in list(value.items())[:4])
        return "{" + inner + (", …}" if len(value) > 4 else "}")  # noqa: PLR2004 - four entries give the idea
    if isinstance(value, list):
        inner = ", ".join(_leaf(entry) for entry in value[:4])
        return "[" + inner + (", …]" if len(value) > 4 else "]")  # noqa: PLR2004 - the same
    return "true" if value is True else "false" if value is False else str(value)


def _leaf(entry: Any) -> str:
    if isinstance(entry, dict):
        return "{…}" if entry else "{}"
    if isinstance(entry, list):
        return "[…]" if entry else "[]"
    if isinstance(entry, str):
        return f'"{entry[:LONGEST_SHOWN]}"'
    return shown(entry)
