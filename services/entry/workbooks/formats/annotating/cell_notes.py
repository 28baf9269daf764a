"""What is said at a cell: which rule, what was found, what would pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_AUTHOR = "IISG-D"
SEVERITIES = ("blocker", "error", "warning", "info")
"""The gravest first."""

MAX_NOTES_PER_CELL = 5
MAX_TEXT_LENGTH = 600
"""Characters of a comment that are one title, one message, or what would pass: the list has all of it."""

Groups = Sequence[Mapping[str, Any]]
"""Findings as a report has them: a group for each rule, with its places."""


@dataclass(frozen=True)
class CellNote:
    """A finding at a cell of a sheet."""

    sheet: str
    cell: str
    rule: str
    severity: str
    title: str
    message: str
    expected: str


@dataclass(frozen=True)
class TextRun:
    """A piece of a comment."""

    text: str
    is_bold: bool = False


def cell_notes_of(groups: Groups) -> list[CellNote]:
    """The places that have a cell."""
    return [
        CellNote(
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


def by_severity(marks: Iterable[CellNote]) -> list[CellNote]:
    """The gravest first."""
    return sorted(marks, key=lambda mark: (_severity_rank(mark.severity), mark.rule))


def write_comment(marks: Sequence[CellNote]) -> list[TextRun]:
    """What is said at a cell, piece by piece; the gravest of the marks come first."""
    parts: list[TextRun] = []
    for mark in marks[:MAX_NOTES_PER_CELL]:
        said = f"{_cut(mark.title)}\nFound: {_cut(mark.message)}\nWould pass: {_cut(mark.expected)}"
        blank = "\n\n" if parts else ""
        parts += [TextRun(f"{blank}{_AUTHOR}: {mark.rule} ({mark.severity})\n", is_bold=True), TextRun(said)]
    if len(marks) > MAX_NOTES_PER_CELL:
        parts.append(TextRun(f"\n\n{len(marks) - MAX_NOTES_PER_CELL} more in the list of findings."))
    return parts


def _severity_rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
