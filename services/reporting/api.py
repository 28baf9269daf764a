"""Reporting over HTTP: aggregates, gaps, completeness."""

import hashlib
from typing import Any

from services.reporting import operations
from services.reporting.domain.cube import KEYS
from services.reporting.formats import aggregates_as_csv
from services.reporting.operations import Reader
from shared.http.routes import RequestContext, Result
from shared.records.canonical import canonical_json

CSV = "text/csv"


def get_aggregates(call: RequestContext) -> Result:
    """Figures by group, as JSON or CSV."""
    filters = {key: call.query[key] for key in KEYS}
    body = operations.read_aggregates(
        call.tx, reader=_reader(call), filters=filters, group_by=call.query["group_by"]
    )
    if _wants_csv(call):
        text = aggregates_as_csv(body)
        return Result(text=text, media_type=CSV, etag=_tag(text.encode()), headers=_headers(call))
    return _answer(call, body)


def get_gaps(call: RequestContext) -> Result:
    """The gap matrix."""
    return _answer(call, operations.read_gaps(call.tx, reader=_reader(call), filters=call.query))


def get_completeness(call: RequestContext) -> Result:
    """What is owed and how it stands."""
    return _answer(call, operations.read_completeness(call.tx, reader=_reader(call), filters=call.query))


def _reader(call: RequestContext) -> Reader:
    caller = call.caller
    return Reader(caller.role, caller.partner) if caller else Reader()


def _wants_csv(call: RequestContext) -> bool:
    if call.query["format"]:
        return bool(call.query["format"] == "csv")
    accepted = [part.partition(";")[0].strip() for part in call.headers.get("Accept", "").split(",")]
    return CSV in accepted and "application/json" not in accepted


def _answer(call: RequestContext, body: dict[str, Any]) -> Result:
    return Result(body, etag=_tag(canonical_json(body)), headers=_headers(call))


def _tag(content: bytes) -> str:
    """A strong ETag: the content's own hash, which a rebuild does not change."""
    return hashlib.sha256(content).hexdigest()[:32]


def _headers(call: RequestContext) -> dict[str, str]:
    """Whose answer it is depends on the credential: only the public's may be kept by others, and asked about again."""
    scope = "private" if call.caller else "public"
    return {"Cache-Control": f"{scope}, no-cache", "Vary": "Accept, Authorization"}
