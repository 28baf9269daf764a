"""Read and change collections: the mappings that are collected towards a meeting."""

from collections.abc import Container, Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any

from services.notify.calendar import store
from services.notify.calendar.domain import (
    Collection,
    CollectionChange,
    ScheduledCollection,
    dates_of,
    obligations_of,
)
from services.notify.calendar.operations.obligations import plan_reminders
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.obligations import Obligation
from shared.bus import record
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable, check_match
from shared.events import DeadlineSet, ObligationSet, WindowSet
from shared.i18n import Text


def get_collection(tx: Transaction, *, code: str) -> ScheduledCollection:
    """Return a collection; raise `NotFound`."""
    scheduled = store.find_collection(tx, code)
    if scheduled is None:
        raise NotFound("collection")
    return scheduled


def put_collection(
    tx: Transaction, *, code: str, if_match: Container[str] | None, now: datetime, **fields: Any
) -> tuple[ScheduledCollection, bool]:
    """Create or change a collection from the fields of a `Collection`; return it and whether it is new.

    Raise `MatchIsRequired` or `MatchIsStale` unless `if_match` is the version of the existing collection,
    `PeriodIsUnknown` or `WindowIsUpsideDown` for impossible fields, and `Unprocessable` for another collection's fields
    or an unknown meeting.
    """
    # Lock, then compare: of two changes with the same ETag, the second is stale.
    reminders.lock_planning(tx)
    known = store.find_collection(tx, code)
    check_match(if_match, known.version if known else None)
    collection = Collection(**fields)
    if collection.code != code:
        raise Unprocessable(
            [FieldError("/period", Text("This is the collection {code}.", code=collection.code), code)]
        )
    if store.find_meeting(tx, collection.meeting) is None:
        raise Unprocessable(
            [FieldError("/meeting", Text("No meeting has this code."), Text("the code of a meeting"))]
        )
    return define_collection(tx, collection=collection, now=now), known is None


def define_collection(tx: Transaction, *, collection: Collection, now: datetime) -> ScheduledCollection:
    """Create or change a collection, whatever its current version; every structure owes it.

    Raise `MeetingIsUnknown`.
    """
    reminders.lock_planning(tx)
    meeting = store.get_meeting(tx, collection.meeting)
    known = store.find_collection(tx, collection.code)
    if known is not None and known.collection == collection:
        return known
    sequence = known.sequence + 1 if known else 1
    scheduled = ScheduledCollection(collection, dates_of(collection, meeting), sequence)
    _store(tx, scheduled)
    plan_reminders(tx, now=now)
    return scheduled


def reschedule(tx: Transaction, *, changes: Iterable[CollectionChange]) -> None:
    """Store the new dates of collections, and announce them."""
    for change in changes:
        known = change.scheduled
        _store(tx, ScheduledCollection(known.collection, change.after, known.sequence + 1))


def _store(tx: Transaction, scheduled: ScheduledCollection) -> None:
    store.upsert_collection(tx, scheduled)
    owed = obligations_of(scheduled)
    store.insert_obligations(tx, scheduled.collection.code, owed)
    _announce_collection(tx, scheduled, owed)


def _announce_collection(tx: Transaction, scheduled: ScheduledCollection, owed: Iterable[Obligation]) -> None:
    collection = scheduled.collection
    opens_on, due_on, closes_on = (day.isoformat() for day in astuple(scheduled.dates))
    facts: dict[str, Any] = {
        "kind": collection.kind,
        "period": collection.period,
        "sequence": scheduled.sequence,
    }
    towards = {"meeting": collection.meeting, **facts}
    record(
        tx,
        WindowSet(window=collection.code, opens_on=opens_on, closes_on=closes_on, **towards),
        DeadlineSet(deadline=collection.code, due_on=due_on, **towards),
        *(ObligationSet(obligation=at.code, structure=at.structure, due_on=due_on, **facts) for at in owed),
    )
