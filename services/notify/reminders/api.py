"""The reminder API."""

from datetime import date

from services.notify.reminders import operations, schemas
from shared.errors import FieldError, Unprocessable
from shared.http.paging import Page, PageQuery
from shared.http.routes import RequestContext, Result, Route
from shared.i18n import Text
from shared.identity.rights import OBLIGATION_READERS
from shared.reference.reporters import time_zone_of

FIELDS = ("structure", "about", "step", "due_on", "previously", "send_on", "state", "mail")


def list_reminders(call: RequestContext) -> Result:
    """List the reminders that the caller may see."""
    limit = call.query["limit"]
    found = operations.list_reminders(
        call.tx, caller=call.known_caller, after=_after(call.query["after"]), limit=limit + 1
    )
    page = Page.of(found, limit=limit, key=lambda reminder: f"{reminder.send_on}.{reminder.id}")
    items = [
        {name: getattr(reminder, name) for name in FIELDS} | {"time_zone": time_zone_of(reminder.structure)}
        for reminder in page["items"]
    ]
    return Result(page | {"items": items})


def _after(key: str | None) -> tuple[date, str] | None:
    if key is None:
        return None
    day, _, reminder = key.partition(".")
    try:
        return date.fromisoformat(day), reminder
    except ValueError:
        fault = FieldError("/query/after", Text("This is not the key of a page."), Text("'next' of a page"))
        raise Unprocessable([fault]) from None


ROUTES = (
    Route(
        "GET",
        "/reminders",
        list_reminders,
        allow=OBLIGATION_READERS,
        operation_id="listReminders",
        query=PageQuery,
        response_schema=schemas.RemindersResponse,
        summary="List reminders",
    ),
)
