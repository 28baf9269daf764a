"""Meetings and collections: windows, deadlines and obligations follow from the date of a meeting.

The meeting's date is the only date that is set. Every other one is a number of days before it.
"""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.notify.reminders.domain.obligations import Obligation
from shared.i18n import Text
from shared.reference.periods import is_period
from shared.reference.reporters import STRUCTURES


class MeetingType(StrEnum):
    """The types of meetings."""

    BOARD = "board"
    SUPPORT_GROUP = "support_group"


class MeetingIsUnknown(Exception):
    """No meeting has this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(Text("There is no meeting '{code}'.", code=code))


class WindowIsUpsideDown(Exception):
    """A collection's window would open, be due and close in the wrong order."""

    def __init__(self, collection: str, opens: int, due: int, closes: int) -> None:
        self.collection = collection
        super().__init__(
            Text(
                "{collection} would open {opens}, be due {due} and close {closes} days before its meeting; it must open first, then be due, then close.",
                collection=collection,
                opens=opens,
                due=due,
                closes=closes,
            )
        )


class WindowWouldCloseEarly(Exception):
    """A window would close before its mapping is due."""

    def __init__(self, collection: str, closes_on: date, due_on: date) -> None:
        self.collection = collection
        self.due_on = due_on
        super().__init__(
            Text(
                "The window of {collection} cannot close on {closes_on}: it is due on {due_on}.",
                collection=collection,
                closes_on=closes_on,
                due_on=due_on,
            )
        )


class PeriodIsUnknown(Exception):
    """The kind of a collection is not reported for its period."""

    def __init__(self, kind: str, period: str) -> None:
        super().__init__(
            Text("'{period}' is not a period for which {kind} is reported.", period=period, kind=kind)
        )


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the Board or the Support Group. `sequence` grows with every change."""

    code: str
    body: str
    """Its `MeetingType`."""
    title: str
    held_on: date
    sequence: int = 0
    is_cancelled: bool = False
    """Whether it will not be held. Its windows and deadlines stay."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping of one period, collected towards a meeting. All three days are counted back from the meeting."""

    kind: str
    period: str
    meeting: str
    opens_days_before: int
    due_days_before: int
    closes_days_before: int = 0
    """The last day on which late structures can submit."""

    def __post_init__(self) -> None:
        """Refuse a window in the wrong order and a period for which the kind is not reported."""
        if not is_period(self.kind, self.period):
            raise PeriodIsUnknown(self.kind, self.period)
        if not self.opens_days_before > self.due_days_before >= self.closes_days_before:
            raise WindowIsUpsideDown(
                self.code, self.opens_days_before, self.due_days_before, self.closes_days_before
            )

    @property
    def code(self) -> str:
        """The collection's name, also that of its window and deadline: `need-2025-2026`."""
        return f"{self.kind}-{self.period}"


@dataclass(frozen=True, slots=True)
class Dates:
    """A collection's dates for one date of its meeting. The first and the last day belong to the window."""

    opens_on: date
    due_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class ScheduledCollection:
    """A collection with its current dates. `sequence` grows with every change."""

    collection: Collection
    dates: Dates
    sequence: int

    @property
    def version(self) -> str:
        """The sequence, for the ETag."""
        return str(self.sequence)


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """The dates of a collection before and after a change of its meeting."""

    scheduled: ScheduledCollection
    after: Dates


@dataclass(frozen=True, slots=True)
class MeetingChange:
    """A change of a meeting, its consequences, and the structures that are notified. `before` is None for a new meeting."""

    before: Meeting | None
    after: Meeting
    collections: tuple[CollectionChange, ...] = ()
    notified: tuple[str, ...] = ()

    @property
    def is_move(self) -> bool:
        """Whether the meeting gets another date, or is held after all."""
        was = self.before
        if was is None or self.after.is_cancelled:
            return False
        return was.is_cancelled or was.held_on != self.after.held_on

    @property
    def is_cancellation(self) -> bool:
        """Whether the meeting is cancelled."""
        return self.before is not None and self.after.is_cancelled and not self.before.is_cancelled


@dataclass(frozen=True, slots=True)
class ScheduledMeeting:
    """A meeting and the collections towards it."""

    meeting: Meeting
    collections: tuple[ScheduledCollection, ...]

    @property
    def version(self) -> str:
        """A digest of all sequences, for the ETag."""
        towards = sorted(f"{known.collection.code}.{known.sequence}" for known in self.collections)
        return hashlib.sha256("|".join([str(self.meeting.sequence), *towards]).encode()).hexdigest()[:16]


def dates_of(collection: Collection, meeting: Meeting) -> Dates:
    """Count the collection's days back from the meeting."""
    days_before = (collection.opens_days_before, collection.due_days_before, collection.closes_days_before)
    return Dates(*(meeting.held_on - timedelta(days=days) for days in days_before))


def dates_after(
    known: ScheduledCollection, change: MeetingChange, *, today: date, closes_on: date | None = None
) -> Dates:
    """Return a collection's dates after a change of its meeting; raise `WindowWouldCloseEarly`.

    A move never closes an open window: it closes at the later of its old and new day, unless the Secretariat sets
    another, `closes_on`. The dates towards a cancelled meeting stay.
    """
    dates = was = known.dates
    if change.is_move:
        dates = dates_of(known.collection, change.after)
        if was.opens_on <= today <= was.closes_on:
            opens_on, closes = min(was.opens_on, dates.opens_on), max(was.closes_on, dates.closes_on)
            dates = replace(dates, opens_on=opens_on, closes_on=closes)
    if closes_on is None:
        return dates
    if closes_on < dates.due_on:
        raise WindowWouldCloseEarly(known.collection.code, closes_on, dates.due_on)
    return replace(dates, closes_on=closes_on)


def obligations_of(scheduled: ScheduledCollection) -> tuple[Obligation, ...]:
    """Return the obligations of all structures for the collection."""
    collection, dates = scheduled.collection, asdict(scheduled.dates)
    return tuple(
        Obligation(structure, collection.kind, collection.period, collection.meeting, **dates)
        for structure in STRUCTURES
    )
