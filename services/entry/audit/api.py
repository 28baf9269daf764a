"""The changes feed and the audit log over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.entry.audit import operations as audit
from services.entry.audit import schemas, store
from services.entry.audit.domain import Entry
from shared.clock import iso
from shared.database import Transaction
from shared.http import Answer, Call, Caller, Page, Problem, Route
from shared.http.auth.roles import READERS, SECRETARIAT
from shared.http.waiting import waiting_for

LOOK_EVERY_SECONDS = 0.25
"""Entries are sealed once a second: nobody gains by looking more often."""


def list_changes(call: Call) -> Answer:
    """Show what happened since, in the order in which it was sealed."""
    caller, after, limit = call.known_caller, call.query["after"], call.query["limit"]
    shown = _changes(call.tx, caller=caller, after=after, limit=limit)
    if not shown.body["items"]:
        look = partial(_changes_there, caller=caller, after=after, limit=limit)
        shown.then = waiting_for(look, call, every_seconds=LOOK_EVERY_SECONDS)
    return shown


def list_journal(call: Call) -> Answer:
    """Show who did what, from where, the latest first."""
    given = dict(call.query)
    limit, before = given.pop("limit"), given.pop("after")
    found = store.list_entries(call.tx, **given, before=before, limit=limit + 1)
    items = [_in_journal(sequence, entry) for sequence, entry in found]
    return Answer(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def _changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Answer:
    """The cursor is always one to go on from: without anything new, the one that was given."""
    found = audit.list_changes(tx, caller=caller, after=after, limit=limit)
    items = [{"sequence": sequence} | _what(entry) for sequence, entry in found]
    return Answer({"items": items, "next": found[-1][0] if found else after})


def _changes_there(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Answer | None:
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


ROUTES = (
    Route(
        "GET",
        "/changes",
        list_changes,
        allow=READERS,
        summary="Show what happened since to what you may see",
        query=schemas.ChangesQuery,
        gives=schemas.ChangesAnswer,
    ),
    Route(
        "GET",
        "/journal",
        list_journal,
        allow=SECRETARIAT,
        summary="Show who did what, when and from where, the latest first",
        query=schemas.JournalQuery,
        gives=schemas.JournalAnswer,
    ),
)

PROBLEMS: Mapping[type[Exception], Problem] = {}
