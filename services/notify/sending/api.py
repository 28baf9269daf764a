"""The mail API."""

from typing import Any

from services.notify.sending import schemas
from services.notify.sending.domain import Mail
from services.notify.sending.operations import ledger
from shared.clock import iso
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import SECRETARIAT_ONLY

FIELDS = ("recipient", "state", "attempts", "reason", "message_id", "subject", "text")


def list_mails(call: RequestContext) -> Result:
    """List mails, the newest first."""
    limit = call.query["limit"]
    found = ledger.list_mails(call.tx, state=call.query["state"], after=call.query["after"], limit=limit + 1)
    page = Page.of(found, limit=limit, key=lambda mail: mail.id)
    return Result(page | {"items": [_mail(mail) for mail in page["items"]]})


def _mail(mail: Mail) -> dict[str, Any]:
    times = {
        "created_at": iso(mail.created_at),
        "due_at": iso(mail.due_at),
        "sent_at": iso(mail.sent_at) if mail.sent_at else None,
    }
    return {"mail": mail.id, **{name: getattr(mail, name) for name in FIELDS}, **times}


ROUTES = (
    Route(
        "GET",
        "/mails",
        list_mails,
        allow=SECRETARIAT_ONLY,
        operation_id="listMails",
        query=schemas.MailsQuery,
        response_schema=schemas.MailsResponse,
        summary="List mails, the newest first",
    ),
)
