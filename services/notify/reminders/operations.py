"""Plan reminders, announce moved meetings, and follow the mails that carry them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from services.notify.reminders import store
from services.notify.reminders.domain.ladder import DATE_CHANGED
from services.notify.reminders.domain.obligations import Obligation
from services.notify.reminders.domain.reminders import Reminder, ReminderState, forecast, replan
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference import STRUCTURES


def lock_planning(tx: Transaction) -> None:
    """Let no other transaction plan, or change the calendar or a mailbox, until this one ends."""
    store.lock_planning(tx)


def plan_reminders(
    tx: Transaction, *, obligations: Sequence[Obligation], meeting_dates: Mapping[str, date], day: date
) -> None:
    """Align the stored reminders with all obligations and the current date of each meeting. Idempotent."""
    store.lock_planning(tx)
    store.lock_bundled(tx)
    relevant, stored = _read(tx, obligations, meeting_dates, day)
    planned = replan(relevant, stored, meeting_dates=meeting_dates, day=day)
    known = {reminder.key: reminder for reminder in stored}
    new = [reminder for reminder in planned if reminder.key not in known]
    _insert_new(tx, new)
    store.update_states(
        tx,
        {
            known[reminder.key].id: reminder.state
            for reminder in planned
            if reminder.key in known and known[reminder.key].state is not reminder.state
        },
    )


def announce_move(
    tx: Transaction,
    *,
    meeting: str,
    sequence: int,
    held_on: date,
    previously: date,
    structures: Collection[str],
    day: date,
) -> None:
    """Create a notice of a meeting's move for each structure that still owes something for it.

    A notice names the date that the structure was last given. A structure gets no notice if the meeting is back on that
    date. The next planning supersedes the unsent notices of earlier moves.
    """
    store.lock_bundled(tx)
    last_given: dict[str, date] = {}
    for notice in store.list_unsent_moves(tx, meeting):
        last_given.setdefault(notice.structure, notice.previously or previously)
    notices = [
        Reminder(
            structure=structure,
            about=meeting,
            step=DATE_CHANGED,
            due_on=held_on,
            send_on=day,
            state=ReminderState.PLANNED,
            sequence=sequence,
            previously=last_given.get(structure, previously),
        )
        for structure in sorted(structures)
    ]
    _insert_new(tx, [notice for notice in notices if notice.previously != held_on])


def _insert_new(tx: Transaction, new: Sequence[Reminder]) -> None:
    """Store new reminders."""
    store.insert_reminders(tx, (replace(reminder, id=new_id()) for reminder in new))


def forecast_reminders(
    tx: Transaction,
    *,
    obligations: Sequence[Obligation],
    meeting_dates: Mapping[str, date],
    on: date,
    today: date,
) -> tuple[Reminder, ...]:
    """Return the reminders that would be sent on a day, if nothing changes until then. Write nothing."""
    relevant, stored = _read(tx, obligations, meeting_dates, min(on, today))
    return forecast(relevant, stored, meeting_dates=meeting_dates, on=on, today=today)


def list_reminders(
    tx: Transaction, *, caller: Caller, after: tuple[date, str] | None, limit: int
) -> tuple[Reminder, ...]:
    """Return the reminders that the caller may see by day, those behind the (day, id) `after` if given."""
    return store.list_reminders(tx, structures_visible_to(caller), after=after, limit=limit)


def structures_visible_to(caller: Caller) -> tuple[str, ...]:
    """Return the structures whose obligations and reminders the caller may see."""
    if caller.role in {"analyst", "secretariat"}:
        return tuple(STRUCTURES)
    if caller.role == "coordinator":
        return tuple(code for code, known in STRUCTURES.items() if known.partner == caller.partner)
    return (caller.reporter,)


def list_due(tx: Transaction, *, day: date) -> tuple[Reminder, ...]:
    """Return the reminders that are to be bundled into mails on a day."""
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
    """Take reminders, by id, out of their mail. The next planning decides their state."""
    store.update_states(tx, dict.fromkeys(reminders, ReminderState.PLANNED))


def follow_mail(tx: Transaction, *, mail: str, state: ReminderState) -> None:
    """Record the state of a mail on the reminders that it carries."""
    store.update_states_in(tx, mail, state)


def _read(
    tx: Transaction, obligations: Sequence[Obligation], meetings: Collection[str], day: date
) -> tuple[tuple[Obligation, ...], tuple[Reminder, ...]]:
    """Return the obligations whose window is not over or that a waiting reminder is about, and the stored reminders."""
    current = [each.code for each in obligations if day <= each.closes_on]
    stored = store.list_to_plan(tx, [*current, *meetings])
    relevant = {*current, *(reminder.about for reminder in stored)}
    return tuple(each for each in obligations if each.code in relevant), stored
