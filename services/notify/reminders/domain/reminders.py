"""Reminders: their planning for a day, and the state of each.

A reminder belongs to the *date* of a deadline: when the date changes, a new ladder begins and the old one is superseded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.notify.reminders.domain.ladder import CANCELLED, LADDER, NOTICES, Step, find_step, is_overtaken
from services.notify.reminders.domain.obligations import Obligation, Schedule


class ReminderState(StrEnum):
    """The state of a reminder."""

    PLANNED = "planned"
    BUNDLED = "bundled"
    """In a mail that is waiting for a sender."""
    SENDING = "sending"
    """In a mail that a sender has claimed. Planning leaves it alone."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """In a mail of which only the mail server knows whether it was accepted."""
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """Its date is outdated."""
    PASSED_OVER = "passed_over"
    """A later step was due before this one could be sent, or the window has closed."""
    MET = "met"
    """The obligation is met for now."""


WAITING_STATES = frozenset({ReminderState.PLANNED, ReminderState.BUNDLED})
"""States of a reminder that still waits to be sent."""
OPEN_STATES = WAITING_STATES | {ReminderState.SUPERSEDED, ReminderState.MET}
"""States that planning may change. All others are final for the step and date, or belong to a sender."""

Key = tuple[str, str, str, date, int]


@dataclass(frozen=True, slots=True)
class Reminder:
    """A step of the ladder for one obligation and one date of its deadline, or the notice of one change of a meeting."""

    structure: str
    about: str
    """The obligation's code; in a notice, the meeting's."""
    step: str
    due_on: date
    """The deadline; in a notice, the meeting's date after the change."""
    send_on: date
    state: ReminderState
    sequence: int = 0
    """In a notice, the meeting's sequence after the change; else 0."""
    previously: date | None = None
    """In a notice of a move, the outdated date that the structure was last given; None if it was told of a cancellation."""
    id: str = ""
    mail: str | None = None

    @property
    def is_notice(self) -> bool:
        """Whether this is the notice of a moved or cancelled meeting."""
        return self.step in NOTICES

    @property
    def key(self) -> Key:
        """The unique key: a reminder with the same key is the same reminder."""
        return (self.structure, self.about, self.step, self.due_on, self.sequence)

    def goes_out(self, day: date) -> bool:
        """Return whether the reminder would be sent on a day, bundled or not."""
        return self.state in WAITING_STATES and self.send_on <= day


def replan(schedule: Schedule, stored: Sequence[Reminder], *, day: date) -> tuple[Reminder, ...]:
    """Return every reminder that should exist on a day, stored or new, with the state that it should have.

    Supersede the reminders whose deadline or meeting has another date now. Planning twice changes nothing.
    """
    known = {(reminder.about, reminder.step, reminder.due_on): reminder.state for reminder in stored}
    ladder = plan_ladder(schedule.obligations, day, known)
    on_ladder = {reminder.key for reminder in ladder}
    owing = {(each.structure, each.meeting) for each in schedule.obligations if each.is_open(day)}
    others = []
    for reminder in stored:
        state = reminder.state
        if reminder.is_notice:
            is_owed = (reminder.structure, reminder.about) in owing
            state = notice_state(reminder, held_on=schedule.meeting_dates[reminder.about], is_owed=is_owed)
        elif reminder.key in on_ladder:
            continue
        elif state in OPEN_STATES:
            state = ReminderState.SUPERSEDED
        others.append(replace(reminder, state=state))
    return (*ladder, *others)


def plan_ladder(
    obligations: Iterable[Obligation], day: date, known: Mapping[tuple[str, str, date], ReminderState]
) -> tuple[Reminder, ...]:
    """Return each step of each obligation with the state that it should have on a day.

    `known` holds the stored states by (obligation, step, deadline). Of several steps that are due at once, only the
    latest stays planned.
    """
    return tuple(
        Reminder(
            structure=obligation.structure,
            about=obligation.code,
            step=step.name,
            due_on=obligation.due_on,
            send_on=step.send_on(obligation),
            state=_state(obligation, step, day, known.get((obligation.code, step.name, obligation.due_on))),
        )
        for obligation in obligations
        for step in LADDER
    )


def forecast(
    schedule: Schedule, stored: Sequence[Reminder], *, on: date, today: date
) -> tuple[Reminder, ...]:
    """Return the reminders that would be sent on a day, if nothing changes until then."""
    day = min(on, today)
    while True:
        planned = replan(schedule, stored, day=day)
        if day == on:
            return tuple(reminder for reminder in planned if reminder.goes_out(on))
        stored = [
            replace(reminder, state=ReminderState.SENT) if reminder.goes_out(day) else reminder
            for reminder in planned
        ]
        day += timedelta(days=1)


def notice_state(notice: Reminder, *, held_on: date | None, is_owed: bool) -> ReminderState:
    """Return the state that a notice should have. `held_on` is None for a cancelled meeting; `is_owed`: its structure has open obligations for the meeting."""
    if notice.state not in WAITING_STATES:
        return notice.state
    if not is_notice_current(notice, held_on=held_on):
        return ReminderState.SUPERSEDED
    return notice.state if is_owed else ReminderState.MET


def is_notice_current(notice: Reminder, *, held_on: date | None) -> bool:
    """Return whether a notice still says how its meeting stands."""
    return held_on is None if notice.step == CANCELLED else notice.due_on == held_on


def is_current(reminder: Reminder, obligation: Obligation, day: date) -> bool:
    """Return whether a step may be sent on a day: same deadline, still owed, no later step due."""
    step = find_step(reminder.step)
    return (
        step is not None
        and reminder.due_on == obligation.due_on
        and obligation.is_open(day)
        and not is_overtaken(obligation, step, day)
    )


def _state(obligation: Obligation, step: Step, day: date, stored: ReminderState | None) -> ReminderState:
    if stored is not None and stored not in OPEN_STATES:
        return stored
    if obligation.is_met:
        return ReminderState.MET
    if day > obligation.closes_on or is_overtaken(obligation, step, day):
        return ReminderState.PASSED_OVER
    return ReminderState.BUNDLED if stored is ReminderState.BUNDLED else ReminderState.PLANNED
