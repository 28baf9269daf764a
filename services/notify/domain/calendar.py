"""Meetings, and what follows from their dates: windows, deadlines and what each structure owes.

Nothing here is stored as a date of its own but the meeting's: everything else is a number of days before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.reference.periods import is_period
from shared.reference.reporters import STRUCTURES


class Body(StrEnum):
    """Who meets."""

    BOARD = "board"
    SUPPORT_GROUP = "support_group"


class WindowIsUpsideDown(Exception):
    """A collection would close before it opens, or be due outside its window."""

    def __init__(self, collection: str, opens: int, due: int, closes: int) -> None:
        self.collection = collection
        super().__init__(
            f"{collection} would open {opens}, be due {due} and close {closes} days before its meeting; "
            "it must open first, then be due, then close."
        )


class PeriodIsUnknown(Exception):
    """A collection names a period that its kind is not reported for."""

    def __init__(self, kind: str, period: str) -> None:
        super().__init__(f"{period!r} is not a period for which {kind} is reported.")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A Board or Support Group meeting. `sequence` grows with every change."""

    code: str
    body: str
    title: str
    held_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """One mapping of one period, collected towards a meeting. All three days are counted back from the meeting."""

    kind: str
    period: str
    meeting: str
    opens_days_before: int
    due_days_before: int
    closes_days_before: int = 0
    """The last day on which something can be handed in: after the deadline, for those who are late."""

    def __post_init__(self) -> None:
        """Refuse a window in the wrong order, and a period that the kind does not have."""
        if not is_period(self.kind, self.period):
            raise PeriodIsUnknown(self.kind, self.period)
        if not self.opens_days_before > self.due_days_before >= self.closes_days_before:
            raise WindowIsUpsideDown(
                self.code, self.opens_days_before, self.due_days_before, self.closes_days_before
            )

    @property
    def code(self) -> str:
        """The collection's name, also its window's and deadline's: `need-2025-2026`."""
        return f"{self.kind}-{self.period}"


@dataclass(frozen=True, slots=True)
class Dates:
    """A collection's dates for one date of its meeting. The window includes both its days."""

    opens_on: date
    due_on: date
    closes_on: date


def dates_of(collection: Collection, meeting: Meeting) -> Dates:
    """Count the collection's days back from the meeting."""

    def before(days: int) -> date:
        return meeting.held_on - timedelta(days=days)

    return Dates(
        opens_on=before(collection.opens_days_before),
        due_on=before(collection.due_days_before),
        closes_on=before(collection.closes_days_before),
    )


@dataclass(frozen=True, slots=True)
class Obligation:
    """A structure owes a mapping for a period by a day. It is met while a submission is received or accepted."""

    structure: str
    kind: str
    period: str
    meeting: str
    opens_on: date
    due_on: date
    closes_on: date
    is_met: bool = False
    is_returned: bool = False
    """Whether a submission of it came in and was returned: where it is not met otherwise, a corrected one is awaited."""

    @property
    def code(self) -> str:
        """The obligation's name: `AL-WBCTi/need/2025-2026`."""
        return f"{self.structure}/{self.kind}/{self.period}"

    def is_open(self, day: date) -> bool:
        """Whether it is missing and can still be handed in."""
        return not self.is_met and day <= self.closes_on

    def state(self, day: date) -> str:
        """How it stands: met, open, overdue (it can still be handed in) or closed (it cannot)."""
        if self.is_met:
            return "met"
        if day > self.closes_on:
            return "closed"
        return "overdue" if day > self.due_on else "open"


def obligations_of(
    collection: Collection, meeting: Meeting, structures: Iterable[str] | None = None
) -> tuple[Obligation, ...]:
    """Make what every structure owes for the collection; all pillar structures unless some are named."""
    dates = dates_of(collection, meeting)
    return tuple(
        Obligation(
            structure=structure,
            kind=collection.kind,
            period=collection.period,
            meeting=meeting.code,
            opens_on=dates.opens_on,
            due_on=dates.due_on,
            closes_on=dates.closes_on,
        )
        for structure in (STRUCTURES if structures is None else structures)
    )
