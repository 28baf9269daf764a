"""Read, create, change and move meetings."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from services.notify.calendar import store
from services.notify.calendar.domain import (
    CollectionChange,
    Meeting,
    MeetingChange,
    ScheduledMeeting,
    dates_after,
)
from services.notify.calendar.operations import collections
from services.notify.calendar.operations.obligations import plan_reminders
from services.notify.reminders import operations as reminders
from shared.bus import record
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable, check_match
from shared.events import MeetingCancelled, MeetingMoved
from shared.i18n import Text
from shared.reference.days import earliest_day, reporter_day, secretariat_day
from shared.reference.reporters import STRUCTURES

MAX_CODE = 64


def list_meetings(tx: Transaction) -> tuple[ScheduledMeeting, ...]:
    """Return every meeting with its collections, the earliest first."""
    scheduled = store.list_collections(tx)
    return tuple(
        ScheduledMeeting(
            meeting, tuple(known for known in scheduled if known.collection.meeting == meeting.code)
        )
        for meeting in store.list_meetings(tx).values()
    )


def list_meetings_by_code(tx: Transaction) -> dict[str, Meeting]:
    """Return every meeting by its code."""
    return store.list_meetings(tx)


def get_meeting(tx: Transaction, *, code: str) -> ScheduledMeeting:
    """Return a meeting with its collections; raise `NotFound`."""
    meeting = store.find_meeting(tx, code)
    if meeting is None:
        raise NotFound("meeting")
    return _with_collections(tx, meeting)


def put_meeting(
    tx: Transaction,
    *,
    wanted: Meeting,
    closes_on: Mapping[str, date],
    if_match: Container[str] | None,
    now: datetime,
) -> tuple[ScheduledMeeting, MeetingChange]:
    """Create or change a meeting as `set_meeting` does; return it and the change.

    Raise `NotFound` for a code that is too long, `MatchIsRequired` or `MatchIsStale` unless `if_match` is the version
    of the existing meeting, and what `set_meeting` raises.
    """
    if len(wanted.code) > MAX_CODE:
        raise NotFound("meeting")
    # Lock, then compare: of two changes with the same ETag, the second is stale.
    reminders.lock_planning(tx)
    known = store.find_meeting(tx, wanted.code)
    check_match(if_match, _with_collections(tx, known).version if known else None)
    change = set_meeting(tx, wanted=wanted, closes_on=closes_on, now=now)
    return _with_collections(tx, change.after), change


def preview_meeting(
    tx: Transaction, *, wanted: Meeting, closes_on: Mapping[str, date], now: datetime
) -> MeetingChange:
    """Return the change that `set_meeting` would make. Write nothing. Raise what it raises."""
    known = store.find_meeting(tx, wanted.code)
    sequence = known.sequence if known else 0
    change = MeetingChange(known, replace(wanted, sequence=sequence))
    today = secretariat_day(now)
    towards = store.list_collections(tx, meeting=wanted.code) if known else ()
    if unknown := closes_on.keys() - {each.collection.code for each in towards}:
        raise Unprocessable([_no_collection(code, wanted.code) for code in sorted(unknown)])
    changes = []
    for each in towards:
        code = each.collection.code
        after = dates_after(each, change, today=today, closes_on=closes_on.get(code))
        if after != each.dates:
            changes.append(CollectionChange(each, after))
    if change.after == known and not changes:
        return change
    return replace(
        change,
        after=replace(change.after, sequence=sequence + 1),
        collections=tuple(changes),
        notified=_structures_owing(tx, change, changes, now)
        if change.is_move or change.is_cancellation
        else (),
    )


def set_meeting(
    tx: Transaction, *, wanted: Meeting, now: datetime, closes_on: Mapping[str, date] | None = None
) -> MeetingChange:
    """Create, change, move or cancel a meeting, whatever its current version; return the change.

    When its date changes, the windows and deadlines of its collections follow (`dates_after` in the domain), their
    reminders are planned again, and the structures with open obligations for the meeting are notified. `replan` in
    reminders/domain decides which reminders are superseded. `closes_on` sets the last day of windows by collection.
    Raise `WindowWouldCloseEarly`, or `Unprocessable` for a collection towards another meeting.
    """
    reminders.lock_planning(tx)
    change = preview_meeting(tx, wanted=wanted, closes_on=closes_on or {}, now=now)
    if change.after == change.before:
        return change
    store.upsert_meeting(tx, change.after)
    _announce_meeting(tx, change)
    collections.reschedule(tx, changes=change.collections)
    if change.is_move or change.is_cancellation:
        _notify_structures(tx, change, now)
    if change.before is not None:
        plan_reminders(tx, now=now)
    return change


def move_meeting(
    tx: Transaction,
    *,
    meeting: str,
    held_on: date,
    now: datetime,
    closes_on: Mapping[str, date] | None = None,
    is_preview: bool = False,
) -> MeetingChange:
    """Change the date of a meeting, or only preview the change. Raise `MeetingIsUnknown` and what `set_meeting` raises."""
    wanted = replace(store.get_meeting(tx, meeting), held_on=held_on, is_cancelled=False)
    if is_preview:
        return preview_meeting(tx, wanted=wanted, closes_on=closes_on or {}, now=now)
    return set_meeting(tx, wanted=wanted, closes_on=closes_on, now=now)


def _no_collection(code: str, meeting: str) -> FieldError:
    return FieldError(
        f"/closes_on/{code}",
        Text("There is no collection {code} towards {meeting}.", code=code, meeting=meeting),
        Text("such as need-2025-2026"),
    )


def _with_collections(tx: Transaction, meeting: Meeting) -> ScheduledMeeting:
    return ScheduledMeeting(meeting, store.list_collections(tx, meeting=meeting.code))


def _structures_owing(
    tx: Transaction, change: MeetingChange, changes: Iterable[CollectionChange], now: datetime
) -> tuple[str, ...]:
    """Return the structures whose obligations for the meeting are open after the change."""
    closes_on = {each.scheduled.collection.code: each.after.closes_on for each in changes}
    owed = store.list_obligations(tx, meeting=change.after.code)
    current = (replace(each, closes_on=closes_on.get(each.collection, each.closes_on)) for each in owed)
    return tuple(
        dict.fromkeys(each.structure for each in current if each.is_open(reporter_day(each.structure, now)))
    )


def _notify_structures(tx: Transaction, change: MeetingChange, now: datetime) -> None:
    meeting, was = change.after, change.before
    if was is None:
        return
    reminders.announce_change(
        tx,
        meeting=meeting.code,
        sequence=meeting.sequence,
        held_on=meeting.held_on,
        is_cancelled=meeting.is_cancelled,
        previously=None if was.is_cancelled else was.held_on,
        structures=change.notified,
        day=earliest_day(STRUCTURES, now),
    )


def _announce_meeting(tx: Transaction, change: MeetingChange) -> None:
    meeting, was = change.after, change.before
    facts: dict[str, Any] = {
        "meeting": meeting.code,
        "body": meeting.body,
        "title": meeting.title,
        "held_on": meeting.held_on.isoformat(),
        "sequence": meeting.sequence,
    }
    if meeting.is_cancelled:
        record(tx, MeetingCancelled(**facts))
        return
    previously = was.held_on.isoformat() if was and was.held_on != meeting.held_on else None
    record(tx, MeetingMoved(**facts, previously=previously))
