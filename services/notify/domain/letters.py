"""What one mail says: everything that is due to one mailbox at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.domain.calendar import Meeting, Obligation
from services.notify.domain.reminders import Reminder, still_holds
from shared.reference.partners import PARTNERS
from shared.reference.structures import STRUCTURES

MAPPINGS = {"need": "Needs", "response": "Responses", "support": "Support"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A mapping that a structure has not handed in yet."""

    obligation: Obligation
    meeting: Meeting

    @property
    def addressee(self) -> str:
        """The structure that owes it, in words."""
        return in_words(self.obligation.structure)

    @property
    def mapping(self) -> str:
        """What is owed: `Needs 2025-2026`."""
        return f"{MAPPINGS[self.obligation.kind]} {self.obligation.period}"


@dataclass(frozen=True, slots=True)
class Moved:
    """A meeting that has another date now, and what a structure still owes towards it."""

    structure: str
    meeting: Meeting
    previously: date
    owed: tuple[Owed, ...]

    @property
    def addressee(self) -> str:
        """The structure that is told, in words."""
        return in_words(self.structure)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content on the day on which it is sent."""

    day: date
    moved: tuple[Moved, ...] = ()
    owed: tuple[Owed, ...] = ()

    @property
    def overdue(self) -> tuple[Owed, ...]:
        """What should have been handed in, the oldest first."""
        return tuple(item for item in self._by_date() if item.obligation.due_on < self.day)

    @property
    def coming(self) -> tuple[Owed, ...]:
        """What is due today or later, the nearest first."""
        return tuple(item for item in self._by_date() if item.obligation.due_on >= self.day)

    @property
    def addressees(self) -> tuple[str, ...]:
        """The structures that share the mailbox and are spoken to."""
        codes = {item.obligation.structure for item in self.owed} | {item.structure for item in self.moved}
        return tuple(in_words(code) for code in STRUCTURES if code in codes)

    @property
    def subject(self) -> str:
        """What it is about and when: the gravest of what it says."""
        if self.moved:
            meeting = self.moved[0].meeting
            return f"New date: {meeting.title} on {day_in_words(meeting.held_on)}"
        if self.overdue:
            return f"Overdue since {plain_day(self.overdue[0].obligation.due_on)}: {_what(self.overdue)}"
        nearest = self.coming[0].obligation.due_on
        return f"Due {days_left(nearest, self.day)}, on {plain_day(nearest)}: {_what(self.coming)}"

    def _by_date(self) -> list[Owed]:
        return sorted(self.owed, key=lambda item: (item.obligation.due_on, item.obligation.code))


def in_words(structure: str) -> str:
    """Say a structure in words: `the WBCTi structure of Albania`."""
    found = STRUCTURES[structure]
    return f"the {found.pillar} structure of {PARTNERS[found.partner].label}"


def plain_day(day: date) -> str:
    """A date without its weekday: `7 December 2026`."""
    return f"{day.day} {day:%B %Y}"


def day_in_words(day: date) -> str:
    """A date with its weekday: `Monday 7 December 2026`."""
    return f"{day:%A} {plain_day(day)}"


def days_left(due_on: date, day: date) -> str:
    """How far off a day is: `today`, `tomorrow`, `in 7 days`, `1 day ago`."""
    days = (due_on - day).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} ago"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _what(items: Sequence[Owed]) -> str:
    mappings = sorted({item.mapping for item in items})
    return mappings[0] if len(mappings) == 1 else f"{len(items)} mappings"


def write_letter(
    reminders: Iterable[Reminder],
    *,
    obligations: Iterable[Obligation],
    meetings: Mapping[str, Meeting],
    day: date,
) -> tuple[Letter, tuple[Reminder, ...]]:
    """The letter that says those of the reminders that hold on the day; and these reminders."""
    by_code = {obligation.code: obligation for obligation in obligations}
    held: list[Reminder] = []
    owed: list[Owed] = []
    moved: list[Moved] = []
    for reminder in reminders:
        if reminder.is_notice:
            notice = _moved(reminder, by_code.values(), meetings, day)
            if notice is not None:
                moved.append(notice)
                held.append(reminder)
        elif reminder.about in by_code and still_holds(reminder, by_code[reminder.about], day):
            obligation = by_code[reminder.about]
            owed.append(Owed(obligation, meetings[obligation.meeting]))
            held.append(reminder)
    return Letter(day=day, moved=tuple(moved), owed=tuple(owed)), tuple(held)


def _moved(
    notice: Reminder, obligations: Iterable[Obligation], meetings: Mapping[str, Meeting], day: date
) -> Moved | None:
    meeting = meetings[notice.about]
    owed = tuple(
        Owed(obligation, meeting)
        for obligation in obligations
        if obligation.structure == notice.structure
        and obligation.meeting == meeting.code
        and obligation.is_open(day)
    )
    if notice.due_on != meeting.held_on or notice.previously is None or not owed:
        return None
    return Moved(structure=notice.structure, meeting=meeting, previously=notice.previously, owed=owed)
