"""The changes feed and the audit log over HTTP."""

from functools import partial
from typing import Any

from services.entry import operations, store
from services.entry.api.waiting import waiting_for
from services.entry.domain.journal import Entry
from shared.clock import iso
from shared.database import Transaction
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result
from shared.identity.callers import Caller

LOOK_EVERY_SECONDS = 0.25
"""Entries are sealed once a second: nobody gains by looking more often."""


def list_changes(call: RequestContext) -> Result:
    """Show what happened since, in the order in which it was sealed."""
    caller, after, limit = call.known_caller, call.query["after"], call.query["limit"]
    shown = _changes(call.tx, caller=caller, after=after, limit=limit)
    if not shown.body["items"]:
        look = partial(_changes_there, caller=caller, after=after, limit=limit)
        shown.await_better = waiting_for(look, call, every_seconds=LOOK_EVERY_SECONDS)
    return shown


def list_journal(call: RequestContext) -> Result:
    """Show who did what, from where, the latest first."""
    given = dict(call.query)
    limit, before = given.pop("limit"), given.pop("after")
    found = store.list_entries(call.tx, **given, before=before, limit=limit + 1)
    items = [_in_journal(sequence, entry) for sequence, entry in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def _changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Result:
    """The cursor is always one to go on from: without anything new, the one that was given."""
    found = operations.list_changes(tx, caller=caller, after=after, limit=limit)
    items = [{"sequence": sequence} | _what(entry) for sequence, entry in found]
    return Result({"items": items, "next": found[-1][0] if found else after})


def _changes_there(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Result | None:
    answer = _changes(tx, caller=caller, after=after, limit=limit)
    return answer if answer.body["items"] else None


def _what(entry: Entry) -> dict[str, Any]:
    return {
        "at": iso(entry.at),
        "action": entry.action,
        "actor": entry.author.actor,
        "reporter": entry.reporter,
        "partner": entry.partner,
        "submission": entry.submission,
        "version": entry.version,
        "detail": entry.detail,
    }


def _in_journal(sequence: int | None, entry: Entry) -> dict[str, Any]:
    author = entry.author
    return (
        {"id": entry.id, "sequence": sequence}
        | _what(entry)
        | {"client": author.client, "address": author.address}
    )
