"""Windows and exceptions over HTTP."""

from datetime import datetime
from typing import Any

from services.entry.audit import operations as audit
from services.entry.windows import operations, schemas
from services.entry.windows.domain import (
    RULES,
    ExceptionIsOver,
    MappingWindow,
    WindowException,
    WindowIsClosed,
)
from shared.clock import iso
from shared.http.paging import Page, PageQuery
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import ROLES, SECRETARIAT_ONLY, SUBMISSION_READERS
from shared.reference.days import reporter_day
from shared.reference.reporters import time_zone_of


def list_windows(call: RequestContext) -> Result:
    """List the windows of the caller's mappings."""
    found = operations.list_mapping_windows(call.tx, caller=call.known_caller)
    return Result({"items": [_window(each, call.known_caller.reporter, call.now) for each in found]})


def grant_exception(call: RequestContext) -> Result:
    """Grant an exception."""
    granted = operations.grant_exception(
        call.tx, actor=audit.actor_of(call.known_caller, address=call.address), **call.body
    )
    return Result(_exception(granted, call.now), status=201)


def revoke_exception(call: RequestContext, exception: str) -> Result:
    """Revoke an exception."""
    ended = operations.revoke_exception(
        call.tx,
        actor=audit.actor_of(call.known_caller, address=call.address),
        exception=exception,
        **call.body,
    )
    return Result(_exception(ended, call.now))


def list_exceptions(call: RequestContext) -> Result:
    """List exceptions, the latest first."""
    limit = call.query["limit"]
    found = operations.list_exceptions(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_exception(each, call.now) for each in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def _window(known: MappingWindow, reporter: str, now: datetime) -> dict[str, Any]:
    window, exception = known.window, known.exception
    return {
        "kind": known.kind,
        "period": known.period,
        "phase": known.phase(reporter_day(reporter, now)),
        "opens_on": window and window.opens_on.isoformat(),
        "due_on": window and window.due_on and window.due_on.isoformat(),
        "closes_on": window and window.closes_on.isoformat(),
        "exception": exception and _exception(exception, now),
        "time_zone": time_zone_of(reporter),
    }


def _exception(exception: WindowException, now: datetime) -> dict[str, Any]:
    return vars(exception) | {
        "state": exception.state(reporter_day(exception.reporter, now)),
        "time_zone": time_zone_of(exception.reporter),
        "granted_at": iso(exception.granted_at),
        "expires_on": exception.expires_on.isoformat(),
        "ended_at": exception.ended_at and iso(exception.ended_at),
    }


ROUTES = (
    Route(
        "GET",
        "/windows",
        list_windows,
        allow=ROLES,
        operation_id="listWindows",
        summary="List the collection windows of mappings",
        response_schema=schemas.WindowsResponse,
    ),
    Route(
        "GET",
        "/exceptions",
        list_exceptions,
        allow=SUBMISSION_READERS,
        operation_id="listExceptions",
        summary="List exceptions, the latest first",
        query=PageQuery,
        response_schema=schemas.ExceptionsResponse,
    ),
    Route(
        "POST",
        "/exceptions",
        grant_exception,
        allow=SECRETARIAT_ONLY,
        operation_id="grantException",
        summary="Grant an exception to one reporter",
        request_schema=schemas.ExceptionBody,
        response_schema=schemas.ExceptionResponse,
        statuses={201: "Created."},
    ),
    Route(
        "POST",
        "/exceptions/<exception>/end",
        revoke_exception,
        allow=SECRETARIAT_ONLY,
        operation_id="revokeException",
        statuses={200: "Revoked."},
        summary="Revoke an exception",
        request_schema=schemas.RevokeExceptionBody,
        response_schema=schemas.ExceptionResponse,
    ),
)

_DAY = {"type": ["string", "null"], "format": "date"}

PROBLEMS = {
    WindowIsClosed: Problem(
        403,
        "The collection window is closed",
        facts={
            "rule": {"type": "string", "enum": sorted(RULES.values())},
            "since": _DAY | {"description": "The first day on which the rule refuses."},
            "until": _DAY
            | {
                "description": "The last day on which the rule refuses; null if the mapping stays closed until it is opened."
            },
            "opens_on": _DAY,
            "due_on": _DAY,
            "closes_on": _DAY,
            "time_zone": {"type": "string", "description": "The time zone of these days."},
            "who": {"type": "string", "description": "The office that can open the mapping for you."},
        },
    ),
    ExceptionIsOver: Problem(409, "The exception is over"),
}
