"""Which records of a version count, and the uses of a workbook that was made from a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.i18n import Text

CORRECTION, PLAIN = "correction", "plain"
WORKBOOK_USES = (CORRECTION, PLAIN)
"""The uses of a workbook that was made from a version: it corrects that version, or is read like any other file."""

WORKBOOK_NOTES: Mapping[str, Text] = {
    "correction": Text(
        "The workbook was made from version {version} of submission {submission}, and corrects it."
    ),
    "new": Text(
        "The workbook was made from version {version} of submission {submission}. It is submitted as new, as you asked."
    ),
    "other_reporter": Text("The workbook was made for another reporter. It is read like any other file."),
    "withdrawn": Text(
        "The workbook was made from submission {submission}, which is withdrawn. It is submitted as new."
    ),
    "unknown": Text("The workbook names a version that does not exist. It is read like any other file."),
}
"""The reasons for the use of a workbook, by their code."""


@dataclass(frozen=True)
class WorkbookUse:
    """The version that a workbook was made from, and the reason for the use that is made of it."""

    reason: str
    submission: str | None = None
    version: int | None = None

    @property
    def use(self) -> str:
        """Return the use."""
        return CORRECTION if self.reason == CORRECTION else PLAIN

    @property
    def note(self) -> Text:
        """Return the reason in words."""
        return Text(WORKBOOK_NOTES[self.reason], version=self.version, submission=self.submission)


@dataclass(frozen=True)
class Counting:
    """The number of a version's records that count in the report, and the submissions that supersede the others."""

    change: int
    """The number of the change that led to it. The highest is current."""
    records: int
    counted: int
    superseded_by: Mapping[str, int]
    """Submissions of which later versions of records count instead, and the number of these records."""
    at: str
