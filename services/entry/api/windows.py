"""When mappings are collected, and the exceptions from it, over HTTP."""

from datetime import date
from typing import Any

from services.entry import operations
from services.entry.api.authors import author_of
from services.entry.domain.windows import Collected, WindowException
from shared.clock import iso
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result


def list_windows(call: RequestContext) -> Result:
    """Show how the mappings stand that the caller reports."""
    found = operations.list_collected(call.tx, caller=call.known_caller)
    return Result({"items": [_collected(each, call.now.date()) for each in found]})


def grant_exception(call: RequestContext) -> Result:
    """Open a mapping for one reporter."""
    granted = operations.grant_exception(call.tx, author=author_of(call), **call.body)
    return Result(_exception(granted, call.now.date()), status=201)


def end_exception(call: RequestContext, exception: str) -> Result:
    """End an exception before its day."""
    ended = operations.end_exception(call.tx, author=author_of(call), exception=exception, **call.body)
    return Result(_exception(ended, call.now.date()))


def list_exceptions(call: RequestContext) -> Result:
    """List the exceptions that the caller may see, the latest first."""
    limit = call.query["limit"]
    found = operations.list_exceptions(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_exception(each, call.now.date()) for each in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


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
