"""The calendar API: meetings, collections and obligations."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.notify.calendar import domain, schemas
from services.notify.calendar.operations import collections, meetings, obligations
from services.notify.reminders.domain.obligations import Obligation
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import OBLIGATION_READERS, ROLES, SECRETARIAT_ONLY
from shared.reference.days import reporter_day
from shared.reference.reporters import time_zone_of

OBLIGATION_FIELDS = ("structure", "kind", "period", "meeting", "opens_on", "due_on", "closes_on")


def list_meetings(call: RequestContext) -> Result:
    """List all meetings with their collections."""
    return Result({"items": [_meeting(scheduled) for scheduled in meetings.list_meetings(call.tx)]})


def get_meeting(call: RequestContext, meeting: str) -> Result:
    """Get a meeting with its collections."""
    scheduled = meetings.get_meeting(call.tx, code=meeting)
    return Result(_meeting(scheduled), etag=scheduled.version)


def put_meeting(call: RequestContext, meeting: str) -> Result:
    """Create, change, move or cancel a meeting, or preview the change."""
    fields = dict(call.body)
    closes_on = fields.pop("closes_on")
    wanted = domain.Meeting(meeting, **fields)
    if call.query["dry_run"]:
        change = meetings.preview_meeting(call.tx, wanted=wanted, closes_on=closes_on, now=call.now)
        return Result(_change(change) | {"is_dry_run": True})
    scheduled, change = meetings.put_meeting(
        call.tx, wanted=wanted, closes_on=closes_on, if_match=call.if_match, now=call.now
    )
    status = 201 if change.before is None else 200
    return Result(
        _meeting(scheduled) | _change(change) | {"is_dry_run": False}, status=status, etag=scheduled.version
    )


def get_collection(call: RequestContext, collection: str) -> Result:
    """Get a collection."""
    scheduled = collections.get_collection(call.tx, code=collection)
    return Result(_collection(scheduled), etag=scheduled.version)


def put_collection(call: RequestContext, collection: str) -> Result:
    """Create or change a collection."""
    scheduled, is_new = collections.put_collection(
        call.tx, code=collection, if_match=call.if_match, now=call.now, **call.body
    )
    return Result(_collection(scheduled), status=201 if is_new else 200, etag=scheduled.version)


def list_obligations(call: RequestContext) -> Result:
    """List the obligations that the caller may see."""
    found = obligations.list_visible_obligations(call.tx, caller=call.known_caller)
    return Result({"items": [_obligation(obligation, call.now) for obligation in found]})


def _meeting(scheduled: domain.ScheduledMeeting) -> dict[str, Any]:
    meeting = scheduled.meeting
    return {
        "meeting": meeting.code,
        "body": meeting.body,
        "title": meeting.title,
        "held_on": meeting.held_on,
        "is_cancelled": meeting.is_cancelled,
        "collections": [_collection(known) for known in scheduled.collections],
    }


def _collection(scheduled: domain.ScheduledCollection) -> dict[str, Any]:
    collection = scheduled.collection
    return {"collection": collection.code} | asdict(collection) | asdict(scheduled.dates)


def _change(change: domain.MeetingChange) -> dict[str, Any]:
    """Return a change and its consequences."""
    after = change.after
    names = ("body", "title", "held_on", "is_cancelled")
    was = change.before and {name: getattr(change.before, name) for name in names}
    return {
        "meeting": after.code,
        **{name: getattr(after, name) for name in names},
        "was": was,
        "changes": [_collection_change(each) for each in change.collections],
        "notified": [
            {"structure": structure, "time_zone": time_zone_of(structure)} for structure in change.notified
        ],
    }


def _collection_change(change: domain.CollectionChange) -> dict[str, Any]:
    collection, was = change.scheduled.collection, change.scheduled.dates
    return {
        "collection": collection.code,
        "kind": collection.kind,
        "period": collection.period,
        "was": asdict(was),
        "now": asdict(change.after),
    }


def _obligation(obligation: Obligation, now: datetime) -> dict[str, Any]:
    fields = {name: getattr(obligation, name) for name in OBLIGATION_FIELDS}
    structure = obligation.structure
    state = obligation.state(reporter_day(structure, now))
    return {
        "obligation": obligation.code,
        **fields,
        "time_zone": time_zone_of(structure),
        "state": state,
    }


ROUTES = (
    Route(
        "GET",
        "/meetings",
        list_meetings,
        allow=ROLES,
        operation_id="listMeetings",
        response_schema=schemas.MeetingsResponse,
        summary="List meetings and their collections",
    ),
    Route(
        "GET",
        "/meetings/<meeting>",
        get_meeting,
        allow=ROLES,
        operation_id="getMeeting",
        response_schema=schemas.MeetingResponse,
        summary="Get a meeting",
        has_etag=True,
    ),
    Route(
        "PUT",
        "/meetings/<meeting>",
        put_meeting,
        allow=SECRETARIAT_ONLY,
        operation_id="putMeeting",
        query=schemas.MeetingQuery,
        request_schema=schemas.MeetingBody,
        response_schema=schemas.MeetingChangeResponse,
        statuses={200: "Changed.", 201: "Created."},
        summary="Create, change, move or cancel a meeting",
        has_etag=True,
    ),
    Route(
        "GET",
        "/collections/<collection>",
        get_collection,
        allow=ROLES,
        operation_id="getCollection",
        response_schema=schemas.CollectionResponse,
        summary="Get a collection with its window and deadline",
        has_etag=True,
    ),
    Route(
        "PUT",
        "/collections/<collection>",
        put_collection,
        allow=SECRETARIAT_ONLY,
        operation_id="putCollection",
        request_schema=schemas.CollectionBody,
        response_schema=schemas.CollectionResponse,
        statuses={200: "Changed.", 201: "Created."},
        summary="Define a collection relative to a meeting",
        has_etag=True,
    ),
    Route(
        "GET",
        "/obligations",
        list_obligations,
        allow=OBLIGATION_READERS,
        operation_id="listObligations",
        response_schema=schemas.ObligationsResponse,
        summary="List obligations by deadline",
    ),
)

PROBLEMS = {
    domain.WindowIsUpsideDown: Problem(422, "The window's dates are out of order"),
    domain.WindowWouldCloseEarly: Problem(422, "A window would close before its deadline"),
    domain.PeriodIsUnknown: Problem(422, "The period is unknown"),
}
