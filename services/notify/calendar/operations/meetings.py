"""Read, create, change and move meetings."""

from collections.abc import Container
from dataclasses import replace
from datetime import date, datetime

from services.notify.calendar import store
from services.notify.calendar.domain import Meeting, ScheduledMeeting
from services.notify.calendar.operations import collections
from services.notify.calendar.operations.obligations import plan_reminders
from services.notify.reminders import operations as reminders
from shared.bus import record
from shared.database import Transaction
from shared.errors import NotFound, check_match
from shared.events import MeetingMoved

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
    tx: Transaction, *, wanted: Meeting, if_match: Container[str] | None, now: datetime
) -> tuple[ScheduledMeeting, bool]:
    """Create or change a meeting; return it and whether it is new.

    Raise `NotFound` for a code that is too long, `MatchIsRequired` or `MatchIsStale` unless `if_match` is the version
    of the existing meeting.
    """
    code, body, title = wanted.code, wanted.body, wanted.title
    if len(code) > MAX_CODE:
        raise NotFound("meeting")
    # Lock, then compare: of two changes with the same ETag, the second is stale.
    reminders.lock_planning(tx)
    known = store.find_meeting(tx, code)
    check_match(if_match, _with_collections(tx, known).version if known else None)
    changed = set_meeting(tx, code=code, body=body, title=title, held_on=wanted.held_on, now=now)
    return _with_collections(tx, changed), known is None


def set_meeting(
    tx: Transaction, *, code: str, body: str, title: str, held_on: date, now: datetime
) -> Meeting:
    """Create or change a meeting, whatever its current version.

    When its date changes, move the windows and deadlines of its collections, plan their reminders again, and notify the
    structures with open obligations for the meeting. `replan` in reminders/domain decides which reminders are superseded.
    """
    reminders.lock_planning(tx)
    known = store.find_meeting(tx, code)
    meeting = Meeting(code, body, title, held_on, sequence=known.sequence if known else 0)
    if meeting == known:
        return meeting
    meeting = replace(meeting, sequence=meeting.sequence + 1)
    store.upsert_meeting(tx, meeting)
    previously = known.held_on if known and known.held_on != held_on else None
    _announce_meeting(tx, meeting, previously)
    if previously is not None:
        collections.reschedule(tx, meeting=meeting)
        _notify_structures(tx, meeting, previously, now)
        plan_reminders(tx, now=now)
    return meeting


def move_meeting(
    tx: Transaction, *, meeting: str, held_on: date, now: datetime
) -> tuple[Meeting, ScheduledMeeting]:
    """Change the date of a meeting; return the meeting before and after the change. Raise `MeetingIsUnknown`."""
    reminders.lock_planning(tx)
    known = store.get_meeting(tx, meeting)
    moved = set_meeting(tx, code=known.code, body=known.body, title=known.title, held_on=held_on, now=now)
    return known, _with_collections(tx, moved)


def _with_collections(tx: Transaction, meeting: Meeting) -> ScheduledMeeting:
    return ScheduledMeeting(meeting, store.list_collections(tx, meeting=meeting.code))


def _notify_structures(tx: Transaction, meeting: Meeting, previously: date, now: datetime) -> None:
    owed = store.list_obligations(tx, meeting=meeting.code)
    reminders.announce_move(
        tx,
        meeting=meeting.code,
        sequence=meeting.sequence,
        held_on=meeting.held_on,
        previously=previously,
        structures={each.structure for each in owed if each.is_open(now.date())},
        day=now.date(),
    )


def _announce_meeting(tx: Transaction, meeting: Meeting, previously: date | None) -> None:
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
