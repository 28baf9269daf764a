"""What is said at a cell: which rule, what was found, what would pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FROM = "IISG-D"
SEVERITIES = ("blocker", "error", "warning", "info")
"""The gravest first."""

MOST_PER_CELL = 5
LONGEST_PART = 600
"""Characters of a comment that are one title, one message, or what would pass: the list has all of it."""

Groups = Sequence[Mapping[str, Any]]
"""Findings as a report has them: a group for each rule, with its places."""


@dataclass(frozen=True)
class Mark:
    """A finding at a cell of a sheet."""

    sheet: str
    cell: str
    rule: str
    severity: str
    title: str
    message: str
    expected: str


@dataclass(frozen=True)
class Part:
    """A piece of a comment."""

    text: str
    is_bold: bool = False


def marks_of(groups: Groups) -> list[Mark]:
    """The places that have a cell."""
    return [
        Mark(
            sheet=place["sheet"],
            cell=place["cell"],
            rule=group["rule"],
            severity=group["severity"],
            title=group["title"],
            message=place["message"],
            expected=place["expected"],
        )
        for group in groups
        for place in group["places"]
        if "cell" in place
    ]


def by_gravity(marks: Iterable[Mark]) -> list[Mark]:
    """The gravest first."""
    return sorted(marks, key=lambda mark: (_gravity(mark.severity), mark.rule))


def comment_on(marks: Sequence[Mark]) -> list[Part]:
    """What is said at a cell, piece by piece; the gravest of the marks come first."""
    parts: list[Part] = []
    for mark in marks[:MOST_PER_CELL]:
        said = f"{_cut(mark.title)}\nFound: {_cut(mark.message)}\nWould pass: {_cut(mark.expected)}"
        blank = "\n\n" if parts else ""
        parts += [Part(f"{blank}{_FROM}: {mark.rule} ({mark.severity})\n", is_bold=True), Part(said)]
    if len(marks) > MOST_PER_CELL:
        parts.append(Part(f"\n\n{len(marks) - MOST_PER_CELL} more in the list of findings."))
    return parts


def _gravity(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PART else f"{text[: LONGEST_PART - 1]}…"
