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
    parts = []
    for mark in marks[:MOST_PER_CELL]:
        parts += [
            Part(f"{_FROM}: {mark.rule} ({mark.severity})\n", is_bold=True),
            Part(f"{_cut(mark.title)}\n"),
            Part("Found: ", is_bold=True),
            Part(f"{_cut(mark.message)}\n"),
            Part("Would pass: ", is_bold=True),
            Part(f"{_cut(mark.expected)}\n\n"),
        ]
    if more := len(marks) - MOST_PER_CELL:
        parts += [Part(f"{more} more in the list of findings.")] if more > 0 else []
    return [*parts[:-1], Part(parts[-1].text.rstrip("\n"), is_bold=parts[-1].is_bold)]


def _gravity(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PART else f"{text[: LONGEST_PART - 1]}…"
