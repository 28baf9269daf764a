"""The changes feed and the audit log over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.entry.audit import operations, schemas
from services.entry.audit.domain import Entry
from shared.clock import iso
from shared.database import Transaction
from shared.http.paging import Page
from shared.http.polling import poll_until
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.callers import Caller
from shared.identity.rights import SECRETARIAT_ONLY, SUBMISSION_READERS

POLL_SECONDS = 0.25
"""The interval between polls. Entries are sealed once a second: a shorter interval gains nothing."""


def list_changes(call: RequestContext) -> Result:
    """List changes in the order of their seals."""
    caller, after, limit = call.known_caller, call.query["after"], call.query["limit"]
    response = _changes(call.tx, caller=caller, after=after, limit=limit)
    if not response.body["items"]:
        poll = partial(_find_changes, caller=caller, after=after, limit=limit)
        response.await_better = poll_until(poll, call, otherwise=response, every_seconds=POLL_SECONDS)
    return response


def list_audit_log(call: RequestContext) -> Result:
    """List the audit log, the latest entry first."""
    query = dict(call.query)
    limit, before = query.pop("limit"), query.pop("after")
    found = operations.list_entries(call.tx, **query, before=before, limit=limit + 1)
    items = [_audit_entry(sequence, entry) for sequence, entry in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def _changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Result:
    """Return a page of changes. Its cursor is always usable: without changes it is the requested one."""
    found = operations.list_changes(tx, caller=caller, after=after, limit=limit)
    items = [{"sequence": sequence} | _change(entry) for sequence, entry in found]
    return Result({"items": items, "next": found[-1][0] if found else after})


def _find_changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Result | None:
    response = _changes(tx, caller=caller, after=after, limit=limit)
    return response if response.body["items"] else None


def _change(entry: Entry) -> dict[str, Any]:
    facts = vars(entry) | {"at": iso(entry.at), "actor": entry.actor.code}
    return {name: value for name, value in facts.items() if name != "id"}


def _audit_entry(sequence: int | None, entry: Entry) -> dict[str, Any]:
    origin = {"client": entry.actor.client, "address": entry.actor.address}
    return {"id": entry.id, "sequence": sequence} | _change(entry) | origin


ROUTES = (
    Route(
        "GET",
        "/changes",
        list_changes,
        allow=SUBMISSION_READERS,
        operation_id="listChanges",
        summary="List changes visible to you",
        query=schemas.ChangesQuery,
        response_schema=schemas.ChangesResponse,
        may_wait=True,
    ),
    Route(
        "GET",
        "/journal",
        list_audit_log,
        allow=SECRETARIAT_ONLY,
        operation_id="listAuditLog",
        summary="List the audit log, the latest entry first",
        query=schemas.AuditLogQuery,
        response_schema=schemas.AuditLogResponse,
    ),
)

PROBLEMS: Mapping[type[Exception], Problem] = {}
