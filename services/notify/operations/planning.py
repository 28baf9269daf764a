"""Plan reminders, put what is due into one mail per mailbox, and show beforehand who would get what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.notify import store
from services.notify.domain.calendar import Meeting, Obligation
from services.notify.domain.letters import Letter, write_letter
from services.notify.domain.mails import MailState
from services.notify.domain.reminders import (
    DATE_CHANGED,
    OPEN_STATES,
    Reminder,
    State,
    notice_state,
    plan,
)
from services.notify.store import Contact
from shared.database import Transaction
from shared.ids import new_id

TAKEN_OVER = "A later mail to the same mailbox says it."


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """What one mailbox would get. `recipient` is None where a structure has no contact."""

    recipient: str | None
    structures: tuple[str, ...]
    reminders: tuple[Reminder, ...]
    letter: Letter


def plan_reminders(tx: Transaction, *, now: datetime) -> None:
    """Bring the reminders into line with the calendar and what is still owed. Doing it twice changes nothing."""
    store.lock_planning(tx)
    store.lock_waiting_mails(tx)
    obligations, stored, meetings = _read(tx, now.date())
    wanted = wanted_reminders(obligations, stored, meetings, now.date())
    known = {_key(reminder): reminder for reminder in stored}
    store.add_reminders(
        tx, (replace(reminder, id=new_id()) for reminder in wanted if _key(reminder) not in known)
    )
    changed = {
        known[_key(reminder)].id: reminder.state
        for reminder in wanted
        if _key(reminder) in known and known[_key(reminder)].state is not reminder.state
    }
    store.set_states(tx, changed)


def bundle_due_mails(tx: Transaction, *, now: datetime) -> int:
    """Put everything that is due into one mail per mailbox, with what waits there already; gives their number.

    Nothing is bundled while sending is held, so that one mail, not many, goes out when it is released.
    """
    store.lock_planning(tx)
    if store.reason_held(tx) is not None:
        return 0
    waiting = store.lock_waiting_mails(tx)
    contacts = store.all_contacts(tx)
    bundles = _by_mailbox(store.planned_reminders(tx, now.date()), contacts)
    bundles.pop(None, None)
    for recipient, reminders in bundles.items():
        _bundle(tx, contacts[reminders[0].structure], reminders, waiting.get(recipient or "", []), now)
    return len(bundles)


def announce_move(tx: Transaction, *, meeting: Meeting, previously: date, now: datetime) -> None:
    """Write a notice for each structure that still owes something for the moved meeting.

    A notice of an earlier move that has not gone out yet is superseded; the new one starts from the date that was
    last told, and where the meeting is back on that date there is nothing to tell.
    """
    untold = store.untold_moves(tx, meeting.code)
    store.set_states(tx, {notice.id: State.SUPERSEDED for notice in untold})
    last_told: dict[str, date] = {}
    for notice in untold:
        last_told.setdefault(notice.structure, notice.previously or previously)
    owed = store.all_obligations(tx, meeting=meeting.code)
    structures = sorted({each.structure for each in owed if each.is_open(now.date())})
    store.add_reminders(
        tx,
        (
            _notice(meeting, structure, last_told.get(structure, previously), now.date())
            for structure in structures
            if last_told.get(structure, previously) != meeting.held_on
        ),
    )


def preview(tx: Transaction, *, on: date, today: date) -> tuple[PlannedMail, ...]:
    """What each mailbox would get on a day, if all goes as it stands today; nothing is written or sent."""
    obligations, stored, meetings = _read(tx, min(on, today))
    day = min(on, today)
    while True:
        wanted = wanted_reminders(obligations, stored, meetings, day)
        if day == on:
            break
        stored = tuple(
            replace(reminder, state=State.SENT) if _goes_out(reminder, day) else reminder
            for reminder in wanted
        )
        day += timedelta(days=1)
    contacts = store.all_contacts(tx)
    bundles = _by_mailbox([reminder for reminder in wanted if _goes_out(reminder, on)], contacts)
    return tuple(
        PlannedMail(
            recipient=recipient,
            structures=tuple(sorted({reminder.structure for reminder in reminders})),
            reminders=tuple(reminders),
            letter=write_letter(reminders, obligations=obligations, meetings=meetings, day=on)[0],
        )
        for recipient, reminders in bundles.items()
    )


def wanted_reminders(
    obligations: Iterable[Obligation], stored: Iterable[Reminder], meetings: Mapping[str, Meeting], day: date
) -> tuple[Reminder, ...]:
    """Every reminder that should exist on the day, stored or not, with the state that it should have."""
    obligations, stored = tuple(obligations), tuple(stored)
    known = {(reminder.about, reminder.step, reminder.due_on): reminder.state for reminder in stored}
    ladder = plan(obligations, day, known)
    on_ladder = {_key(reminder) for reminder in ladder}
    owing = {(each.structure, each.meeting) for each in obligations if each.is_open(day)}
    rest = []
    for reminder in stored:
        if reminder.is_notice:
            is_owed = (reminder.structure, reminder.about) in owing
            state = notice_state(reminder, meeting=meetings[reminder.about], is_owed=is_owed)
            rest.append(replace(reminder, state=state))
        elif _key(reminder) not in on_ladder:
            rest.append(
                replace(reminder, state=State.SUPERSEDED) if reminder.state in OPEN_STATES else reminder
            )
    return (*ladder, *rest)


def _read(
    tx: Transaction, day: date
) -> tuple[tuple[Obligation, ...], tuple[Reminder, ...], dict[str, Meeting]]:
    """What planning looks at: obligations whose window has not closed, and those that something still waits for."""
    every = store.all_obligations(tx)
    current = [each.code for each in every if day <= each.closes_on]
    meetings = store.all_meetings(tx)
    stored = store.reminders_to_plan(tx, [*current, *meetings])
    concerned = {*current, *(reminder.about for reminder in stored)}
    return tuple(each for each in every if each.code in concerned), stored, meetings


def _bundle(
    tx: Transaction, contact: Contact, reminders: Sequence[Reminder], waiting: Sequence[str], now: datetime
) -> None:
    mail = new_id()
    to = {"recipient": contact.address, "backup": contact.backup, "label": contact.label}
    store.add_mail(tx, mail=mail, to=to, now=now)
    if waiting:
        store.move_between(tx, old=waiting, new=mail)
        store.change_mails(tx, waiting, state=MailState.SUPERSEDED, reason=TAKEN_OVER)
    store.put_into(tx, mail, [reminder.id for reminder in reminders])


def _by_mailbox(
    reminders: Iterable[Reminder], contacts: Mapping[str, Contact]
) -> dict[str | None, list[Reminder]]:
    bundles: dict[str | None, list[Reminder]] = {}
    for reminder in reminders:
        contact = contacts.get(reminder.structure)
        bundles.setdefault(contact.address if contact else None, []).append(reminder)
    return bundles


def _notice(meeting: Meeting, structure: str, previously: date, day: date) -> Reminder:
    return Reminder(
        id=new_id(),
        structure=structure,
        about=meeting.code,
        step=DATE_CHANGED,
        due_on=meeting.held_on,
        send_on=day,
        state=State.PLANNED,
        sequence=meeting.sequence,
        previously=previously,
    )


def _goes_out(reminder: Reminder, day: date) -> bool:
    return reminder.is_due(day) or (reminder.state is State.BUNDLED and reminder.send_on <= day)


def _key(reminder: Reminder) -> tuple[str, str, str, date, int]:
    return (reminder.structure, reminder.about, reminder.step, reminder.due_on, reminder.sequence)
