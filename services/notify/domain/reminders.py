"""The ladder of reminders: which step of which obligation exists on a day, and what becomes of it.

A step belongs to the deadline's *date*: when the date changes, the ladder begins anew and the old one is superseded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.notify.domain.calendar import Meeting, Obligation

DATE_CHANGED = "date_changed"
"""The step of a notice that a meeting has moved; it stands outside the ladder."""


class State(StrEnum):
    """What became of a reminder."""

    PLANNED = "planned"
    BUNDLED = "bundled"
    """In a mail that nobody has begun to send."""
    SENDING = "sending"
    """In a mail that is being sent just now; read from its mail, never stored."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """In a mail whose fate only the mail server knows."""
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """Its date no longer holds."""
    PASSED_OVER = "passed_over"
    """A later step was due before this one could be sent, or the window has closed."""
    MET = "met"
    """There is nothing to remind of, for now."""


OPEN_STATES = frozenset({State.PLANNED, State.BUNDLED, State.SUPERSEDED, State.MET})
"""States that another day may change. All others are final: this step, for this date, is over."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder."""

    name: str
    days_before: int
    """Days before the deadline, not the meeting; negative: after it."""

    def send_on(self, obligation: Obligation) -> date:
        """The day on which this step is due; never before the window opens, when nothing could be handed in."""
        return max(obligation.due_on - timedelta(days=self.days_before), obligation.opens_on)


STEPS = (Step("T-30", 30), Step("T-14", 14), Step("T-7", 7), Step("T-1", 1), Step("overdue", -1))
"""From the earliest to the latest."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One step of one obligation for one date of its deadline; or the notice of one move of a meeting."""

    structure: str
    about: str
    """The obligation's code; in a notice, the meeting's."""
    step: str
    due_on: date
    """The deadline that it reminds of; in a notice, the meeting's new date."""
    send_on: date
    state: State
    sequence: int = 0
    """In a notice, the meeting's sequence after the move; else 0."""
    previously: date | None = None
    """In a notice, the date that was last told and no longer holds."""
    id: str = ""
    mail: str | None = None

    @property
    def is_notice(self) -> bool:
        """Whether it tells of a moved meeting."""
        return self.step == DATE_CHANGED

    def is_due(self, day: date) -> bool:
        """Whether it waits to be put into a mail on this day."""
        return self.state is State.PLANNED and self.send_on <= day


def plan(
    obligations: Iterable[Obligation], day: date, known: Mapping[tuple[str, str, date], State]
) -> tuple[Reminder, ...]:
    """Make all reminders that should exist on a day, with the state that each should have.

    `known` holds, by (obligation, step, deadline), what is already stored. Calling it twice changes nothing; of
    several steps that are due at once only the latest stays planned.
    """
    return tuple(
        Reminder(
            structure=obligation.structure,
            about=obligation.code,
            step=step.name,
            due_on=obligation.due_on,
            send_on=step.send_on(obligation),
            state=_state(
                obligation,
                step,
                day,
                known.get((obligation.code, step.name, obligation.due_on), State.PLANNED),
            ),
        )
        for obligation in obligations
        for step in STEPS
    )


def _state(obligation: Obligation, step: Step, day: date, now: State) -> State:
    if now not in OPEN_STATES:
        return now
    if obligation.is_met:
        return State.MET
    if day > obligation.closes_on or _is_overtaken(obligation, step, day):
        return State.PASSED_OVER
    return State.BUNDLED if now is State.BUNDLED else State.PLANNED


def _is_overtaken(obligation: Obligation, step: Step, day: date) -> bool:
    later = STEPS[STEPS.index(step) + 1 :]
    return any(other.send_on(obligation) <= day for other in later)


def notice_state(notice: Reminder, *, meeting: Meeting, is_owed: bool) -> State:
    """What becomes of a notice: `is_owed` says whether its structure still owes something for the meeting."""
    if notice.state not in {State.PLANNED, State.BUNDLED}:
        return notice.state
    if notice.due_on != meeting.held_on:
        return State.SUPERSEDED
    return notice.state if is_owed else State.MET


def still_holds(reminder: Reminder, obligation: Obligation, day: date) -> bool:
    """Whether a step of the ladder may still be sent on a day: same deadline, still owed, no later step due."""
    step = next(step for step in STEPS if step.name == reminder.step)
    return (
        reminder.due_on == obligation.due_on
        and obligation.is_open(day)
        and not _is_overtaken(obligation, step, day)
    )
