"""The reminder API."""

from datetime import date
from typing import Any

from services.notify.reminders import operations, schemas
from services.notify.reminders.domain.reminders import Reminder
from shared.errors import FieldError, Unprocessable
from shared.http.paging import Page, PageQuery
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import Role

READERS: frozenset[Role] = frozenset(("structure", "coordinator", "analyst", "secretariat"))


def list_reminders(call: RequestContext) -> Result:
    """List the reminders that the caller may see."""
    limit = call.query["limit"]
    found = operations.list_reminders(
        call.tx, caller=call.known_caller, after=_after(call.query["after"]), limit=limit + 1
    )
    page = Page.of(found, limit=limit, key=lambda reminder: f"{reminder.send_on}.{reminder.id}")
    return Result(page | {"items": [_reminder(reminder) for reminder in page["items"]]})


def _after(key: str | None) -> tuple[date, str] | None:
    if key is None:
        return None
    day, _, reminder = key.partition(".")
    try:
        return date.fromisoformat(day), reminder
    except ValueError:
        fault = FieldError("/query/after", "This is not the key of a page.", "'next' of a page")
        raise Unprocessable([fault]) from None


def _reminder(reminder: Reminder) -> dict[str, Any]:
    return {
        "structure": reminder.structure,
        "about": reminder.about,
        "step": reminder.step,
        "due_on": reminder.due_on.isoformat(),
        "previously": reminder.previously.isoformat() if reminder.previously else None,
        "send_on": reminder.send_on.isoformat(),
        "state": reminder.state.value,
        "mail": reminder.mail,
    }


ROUTES = (
    Route(
        "GET",
        "/reminders",
        list_reminders,
        allow=READERS,
        query=PageQuery,
        response_schema=schemas.RemindersResponse,
        summary="List reminders",
    ),
)
