"""When mappings are collected, and the exceptions from it, over HTTP."""

from datetime import date
from typing import Any

from services.entry.audit import operations as audit
from services.entry.windows import operations as windows
from services.entry.windows import schemas
from services.entry.windows.domain import RULES, Collected, ExceptionIsOver, WindowException, WindowIsClosed
from shared.clock import iso
from shared.http import ROLES, Answer, Call, Page, PageQuery, Problem, Route
from shared.http.auth.roles import READERS, SECRETARIAT


def list_windows(call: Call) -> Answer:
    """Show how the mappings stand that the caller reports."""
    found = windows.list_collected(call.tx, caller=call.known_caller)
    return Answer({"items": [_collected(each, call.now.date()) for each in found]})


def grant_exception(call: Call) -> Answer:
    """Open a mapping for one reporter."""
    granted = windows.grant_exception(
        call.tx, author=audit.author_of(call.known_caller, address=call.address), **call.body
    )
    return Answer(_exception(granted, call.now.date()), status=201)


def end_exception(call: Call, exception: str) -> Answer:
    """End an exception before its day."""
    ended = windows.end_exception(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        exception=exception,
        **call.body,
    )
    return Answer(_exception(ended, call.now.date()))


def list_exceptions(call: Call) -> Answer:
    """List the exceptions that the caller may see, the latest first."""
    limit = call.query["limit"]
    found = windows.list_exceptions(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_exception(each, call.now.date()) for each in found]
    return Answer(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def _collected(known: Collected, today: date) -> dict[str, Any]:
    window, exception = known.window, known.exception
    return {
        "kind": known.kind,
        "period": known.period,
        "phase": known.phase(today),
        "opens_on": window and window.opens_on.isoformat(),
        "due_on": window and window.due_on and window.due_on.isoformat(),
        "closes_on": window and window.closes_on.isoformat(),
        "exception": exception and _exception(exception, today),
    }


def _exception(exception: WindowException, today: date) -> dict[str, Any]:
    return vars(exception) | {
        "state": exception.state(today),
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
        summary="Show when mappings are collected, and how they stand today",
        gives=schemas.WindowsAnswer,
    ),
    Route(
        "GET",
        "/exceptions",
        list_exceptions,
        allow=READERS,
        summary="List exceptions from windows, the latest first",
        query=PageQuery,
        gives=schemas.ExceptionsAnswer,
    ),
    Route(
        "POST",
        "/exceptions",
        grant_exception,
        allow=SECRETARIAT,
        summary="Open a mapping for one reporter until a day",
        takes=schemas.ExceptionBody,
        gives=schemas.ExceptionShown,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/exceptions/<exception>/end",
        end_exception,
        allow=SECRETARIAT,
        summary="End an exception before its day",
        takes=schemas.EndExceptionBody,
        gives=schemas.ExceptionShown,
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
            "until": _DAY | {"description": "The last one; null: until somebody opens it."},
            "opens_on": _DAY,
            "due_on": _DAY,
            "closes_on": _DAY,
            "who": {"type": "string", "description": "Who can open it for you."},
        },
    ),
    ExceptionIsOver: Problem(409, "The exception is over"),
}
