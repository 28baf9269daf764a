"""Plan reminders, announce changed meetings, and follow the mails that carry them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from services.notify.reminders import store
from services.notify.reminders.domain.ladder import CANCELLED, DATE_CHANGED
from services.notify.reminders.domain.obligations import Schedule
from services.notify.reminders.domain.reminders import Reminder, ReminderState, forecast, replan
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.ids import new_id


def lock_planning(tx: Transaction) -> None:
    """Prevent other transactions from planning or changing the calendar or a mailbox until this one ends."""
    store.lock_planning(tx)


def plan_reminders(tx: Transaction, *, schedule: Schedule, day: date) -> None:
    """Align the stored reminders with the schedule. Idempotent."""
    store.lock_planning(tx)
    store.lock_bundled(tx)
    relevant, stored = _read(tx, schedule, day)
    planned = replan(relevant, stored, day=day)
    known = {reminder.key: reminder for reminder in stored}
    _insert_new(tx, [reminder for reminder in planned if reminder.key not in known])
    existing = [(known[reminder.key], reminder.state) for reminder in planned if reminder.key in known]
    store.update_states(tx, {each.id: state for each, state in existing if each.state is not state})


def announce_change(
    tx: Transaction,
    *,
    meeting: str,
    sequence: int,
    held_on: date,
    is_cancelled: bool,
    previously: date | None,
    structures: Collection[str],
    day: date,
) -> None:
    """Create a notice of a meeting's move or cancellation for each of these structures.

    A notice of a move names the date that the structure was last given. A structure gets no notice if the meeting is
    back on that date, unless it was told that the meeting is cancelled. The next planning supersedes the unsent notices
    of earlier changes.
    """
    store.lock_bundled(tx)
    last_given: dict[str, date | None] = {}
    for notice in store.list_unsent_notices(tx, meeting):
        given = notice.due_on if notice.step == CANCELLED else notice.previously
        last_given.setdefault(notice.structure, given)
    notices = [
        Reminder(
            structure=structure,
            about=meeting,
            step=CANCELLED if is_cancelled else DATE_CHANGED,
            due_on=held_on,
            send_on=day,
            state=ReminderState.PLANNED,
            sequence=sequence,
            previously=None if is_cancelled else last_given.get(structure, previously),
        )
        for structure in sorted(structures)
    ]
    _insert_new(tx, [notice for notice in notices if is_cancelled or notice.previously != held_on])


def _insert_new(tx: Transaction, new: Sequence[Reminder]) -> None:
    """Insert new reminders, each with an id."""
    store.insert_reminders(tx, (replace(reminder, id=new_id()) for reminder in new))


def forecast_reminders(tx: Transaction, *, schedule: Schedule, on: date, today: date) -> tuple[Reminder, ...]:
    """Return the reminders that would be sent on a day, if nothing changes until then. Write nothing."""
    relevant, stored = _read(tx, schedule, min(on, today))
    return forecast(relevant, stored, on=on, today=today)


def list_reminders(
    tx: Transaction, *, caller: Caller, after: tuple[date, str] | None, limit: int
) -> tuple[Reminder, ...]:
    """Return the reminders that the caller may see by day, those behind the (day, id) `after` if given."""
    return store.list_reminders(tx, caller.structures, after=after, limit=limit)


def list_due(tx: Transaction, *, day: date) -> tuple[Reminder, ...]:
    """Return the planned reminders that are due on a day."""
    return store.list_due(tx, day)


def bundle(tx: Transaction, *, reminders: Sequence[Reminder], mail: str, replaced: Sequence[str]) -> None:
    """Put reminders into a new mail, with those in the waiting mails that it replaces."""
    if replaced:
        store.update_mail_of(tx, replaced, mail=mail)
    store.update_mail(tx, [reminder.id for reminder in reminders], mail=mail)


def list_in_mail(tx: Transaction, *, mail: str) -> tuple[Reminder, ...]:
    """Return the unsettled reminders in a mail, locked until the transaction ends."""
    return store.lock_in_mail(tx, mail)


def unbundle(tx: Transaction, *, reminders: Collection[str]) -> None:
    """Remove reminders, by id, from their mail. The next planning decides their state."""
    store.update_states(tx, dict.fromkeys(reminders, ReminderState.PLANNED))


def follow_mail(tx: Transaction, *, mail: str, state: ReminderState) -> None:
    """Record the state of a mail on the reminders that it carries."""
    store.update_states_in(tx, mail, state)


def _read(tx: Transaction, schedule: Schedule, day: date) -> tuple[Schedule, tuple[Reminder, ...]]:
    """Return the obligations whose window is not over or that a waiting reminder is about, and the stored reminders."""
    current = [each.code for each in schedule.obligations if day <= each.closes_on]
    stored = store.list_to_plan(tx, [*current, *schedule.meeting_dates])
    codes = {*current, *(reminder.about for reminder in stored)}
    relevant = tuple(each for each in schedule.obligations if each.code in codes)
    return Schedule(relevant, schedule.meeting_dates), stored
