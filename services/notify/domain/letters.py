"""What one mail says: everything that is due to one mailbox at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.domain.calendar import Meeting, Obligation
from services.notify.domain.reminders import Reminder, still_holds
from shared.reference.partners import PARTNERS
from shared.reference.reporters import STRUCTURES

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
    """A meeting that has another date now, and what is still owed towards it."""

    meeting: Meeting
    previously: date
    owed: tuple[Owed, ...]


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
        """What is due today or later, the nearest first, but for what is said with its meeting's new date."""
        said = {item.obligation.code for move in self.moved for item in move.owed}
        return tuple(
            item
            for item in self._by_date()
            if item.obligation.due_on >= self.day and item.obligation.code not in said
        )

    @property
    def addressees(self) -> tuple[str, ...]:
        """The structures that share the mailbox and are spoken to."""
        items = [*self.owed, *(item for move in self.moved for item in move.owed)]
        codes = {item.obligation.structure for item in items}
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
    moves: dict[tuple[str, date], list[Owed]] = {}
    for reminder in reminders:
        if reminder.is_notice:
            meeting = meetings[reminder.about]
            towards = _owed_towards(meeting, reminder.structure, by_code.values(), day)
            if reminder.due_on == meeting.held_on and reminder.previously is not None and towards:
                moves.setdefault((meeting.code, reminder.previously), []).extend(towards)
                held.append(reminder)
        elif reminder.about in by_code and still_holds(reminder, by_code[reminder.about], day):
            obligation = by_code[reminder.about]
            owed.append(Owed(obligation, meetings[obligation.meeting]))
            held.append(reminder)
    moved = tuple(
        Moved(meetings[code], previously, tuple(said)) for (code, previously), said in moves.items()
    )
    return Letter(day=day, moved=moved, owed=tuple(owed)), tuple(held)


def _owed_towards(
    meeting: Meeting, structure: str, obligations: Iterable[Obligation], day: date
) -> tuple[Owed, ...]:
    return tuple(
        Owed(obligation, meeting)
        for obligation in obligations
        if obligation.structure == structure
        and obligation.meeting == meeting.code
        and obligation.is_open(day)
    )
