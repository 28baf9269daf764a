"""Set the calendar: meetings, what is collected towards them, and the events that tell the other services."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from services.notify import store
from services.notify.domain.calendar import Collection, Meeting, dates_of, obligations_of
from services.notify.operations.planning import announce_move, plan_reminders
from services.notify.store import Contact, MeetingIsUnknown, SetCollection
from shared.bus import record
from shared.database import Transaction
from shared.events import DeadlineSet, MeetingMoved, ObligationSet, WindowSet


def set_meeting(
    tx: Transaction, *, code: str, body: str, title: str, held_on: date, now: datetime
) -> Meeting:
    """Add a meeting, or change it. When its date changes, all that hangs on it moves, and who is owed is told."""
    store.lock_planning(tx)
    known = store.find_meeting(tx, code)
    meeting = Meeting(code, body, title, held_on, sequence=known.sequence if known else 0)
    if meeting == known:
        return meeting
    meeting = replace(meeting, sequence=meeting.sequence + 1)
    store.keep_meeting(tx, meeting)
    previously = known.held_on if known and known.held_on != held_on else None
    _tell_meeting(tx, meeting, previously)
    if previously is not None:
        _reset_collections(tx, meeting)
        announce_move(tx, meeting=meeting, previously=previously, now=now)
        plan_reminders(tx, now=now)
    return meeting


def move_meeting(tx: Transaction, *, meeting: str, held_on: date, now: datetime) -> Meeting:
    """Give a meeting another date; raises `MeetingIsUnknown`."""
    known = store.get_meeting(tx, meeting)
    return set_meeting(tx, code=known.code, body=known.body, title=known.title, held_on=held_on, now=now)


def define_collection(tx: Transaction, *, collection: Collection, now: datetime) -> SetCollection:
    """Say when a mapping is collected, towards which meeting; every structure owes it. Raises `MeetingIsUnknown`."""
    store.lock_planning(tx)
    meeting = store.get_meeting(tx, collection.meeting)
    known = store.find_collection(tx, collection.code)
    if known is not None and known.collection == collection:
        return known
    kept = _keep_collection(tx, collection, meeting, sequence=known.sequence + 1 if known else 1)
    plan_reminders(tx, now=now)
    return kept


def load_calendar(tx: Transaction, *, calendar: Mapping[str, Any], now: datetime) -> None:
    """Add the meetings, collections and contacts that are not there yet; what is there stays as it was changed.

    A meeting has `held_on`, or `held_in_days` counted from today, for a calendar that must lie ahead.
    """
    known = store.all_meetings(tx)
    for row in calendar.get("meetings", ()):
        if row["code"] not in known:
            held_on = row.get("held_on") or now.date() + timedelta(days=row["held_in_days"])
            set_meeting(
                tx, code=row["code"], body=row["body"], title=row["title"], held_on=_day(held_on), now=now
            )
    for row in calendar.get("collections", ()):
        collection = Collection(**(row | {"period": str(row["period"])}))
        if store.find_collection(tx, collection.code) is None:
            define_collection(tx, collection=collection, now=now)
    present = store.all_contacts(tx)
    for row in calendar.get("contacts", ()):
        if row["structure"] not in present:
            set_contact(tx, contact=Contact(**({"backup": None} | row)))


def set_contact(tx: Transaction, *, contact: Contact) -> None:
    """Say which mailbox a structure reads."""
    store.keep_contact(tx, contact)


def _reset_collections(tx: Transaction, meeting: Meeting) -> None:
    for known in store.all_collections(tx):
        if known.collection.meeting == meeting.code:
            _keep_collection(tx, known.collection, meeting, sequence=known.sequence + 1)


def _keep_collection(
    tx: Transaction, collection: Collection, meeting: Meeting, *, sequence: int
) -> SetCollection:
    kept = SetCollection(collection, dates_of(collection, meeting), sequence)
    store.keep_collection(tx, kept)
    store.add_obligations(tx, collection.code, obligations_of(collection, meeting))
    _tell_collection(tx, kept, meeting)
    return kept


def _tell_meeting(tx: Transaction, meeting: Meeting, previously: date | None) -> None:
    record(
        tx,
        MeetingMoved(
            meeting=meeting.code,
            body=meeting.body,
            title=meeting.title,
            held_on=meeting.held_on.isoformat(),
            previously=previously.isoformat() if previously else None,
            sequence=meeting.sequence,
        ),
    )


def _tell_collection(tx: Transaction, kept: SetCollection, meeting: Meeting) -> None:
    collection, dates = kept.collection, kept.dates
    what: dict[str, Any] = {"kind": collection.kind, "period": collection.period, "sequence": kept.sequence}
    due_on = dates.due_on.isoformat()
    record(
        tx,
        WindowSet(
            window=collection.code,
            opens_on=dates.opens_on.isoformat(),
            closes_on=dates.closes_on.isoformat(),
            meeting=meeting.code,
            **what,
        ),
        DeadlineSet(deadline=collection.code, due_on=due_on, meeting=meeting.code, **what),
        *(
            ObligationSet(obligation=owed.code, structure=owed.structure, due_on=due_on, **what)
            for owed in obligations_of(collection, meeting)
        ),
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


__all__ = [
    "MeetingIsUnknown",
    "define_collection",
    "load_calendar",
    "move_meeting",
    "set_contact",
    "set_meeting",
]
