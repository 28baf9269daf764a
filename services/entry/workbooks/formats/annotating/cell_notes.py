"""Notes at cells: the rule, the finding, and the expected value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.i18n import Text, translate

_AUTHOR = "IISG-D"
SEVERITIES = ("blocker", "error", "warning", "info")
"""Severities, the most severe first."""

_NAMES = {
    "blocker": Text("blocker"),
    "error": Text("error"),
    "warning": Text("warning"),
    "info": Text("info"),
}

MAX_NOTES_PER_CELL = 5
MAX_TEXT_LENGTH = 600
"""The maximum length of a title, a message or an expectation in a comment. The list has the full texts."""

Groups = Sequence[Mapping[str, Any]]
"""Findings as in a report: a group for each rule, with its places."""


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
    """A run of a comment's text."""

    text: str
    is_bold: bool = False


def list_cell_notes(groups: Groups) -> list[CellNote]:
    """List the notes of all places with a cell."""
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


def by_severity(notes: Iterable[CellNote]) -> list[CellNote]:
    """Sort notes by severity, the most severe first, then by rule."""
    return sorted(notes, key=lambda note: (_severity_rank(note.severity), note.rule))


def severity_in(severity: str, language: str) -> str:
    """Return the name of a severity in a language."""
    return translate(_NAMES[severity], language) if severity in _NAMES else severity


def count_text(severity: str, count: int) -> Text:
    """Return the number of findings of a severity."""
    if severity == "blocker":
        return Text.counted("{count:,} blocker", "{count:,} blockers", count=count)
    if severity == "error":
        return Text.counted("{count:,} error", "{count:,} errors", count=count)
    if severity == "warning":
        return Text.counted("{count:,} warning", "{count:,} warnings", count=count)
    return Text.counted("{count:,} remark", "{count:,} remarks", count=count)


def write_comment(notes: Sequence[CellNote], language: str) -> list[TextRun]:
    """Return the text of a comment on a cell; the first notes are shown."""
    parts: list[TextRun] = []
    for note in notes[:MAX_NOTES_PER_CELL]:
        found = translate(Text("Found: {message}", message=_cut(note.message)), language)
        expected = translate(Text("Expected: {expected}", expected=_cut(note.expected)), language)
        text = f"{_cut(note.title)}\n{found}\n{expected}"
        severity = severity_in(note.severity, language)
        blank = "\n\n" if parts else ""
        parts += [TextRun(f"{blank}{_AUTHOR}: {note.rule} ({severity})\n", is_bold=True), TextRun(text)]
    if len(notes) > MAX_NOTES_PER_CELL:
        more = Text.counted(
            "{count} more in the list of findings.",
            "{count} more in the list of findings.",
            count=len(notes) - MAX_NOTES_PER_CELL,
        )
        parts.append(TextRun(f"\n\n{translate(more, language)}"))
    return parts


def _severity_rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
