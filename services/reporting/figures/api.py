"""Reporting over HTTP: aggregates, gaps, completeness."""

import hashlib
from typing import Any

from services.reporting.figures.domain.cube import KEYS
from services.reporting.figures.formats import aggregates_as_csv
from services.reporting.figures.operations import querying
from services.reporting.figures.operations.querying import Reader
from shared.http import Answer, Call
from shared.http.bodies import canonical_json

CSV = "text/csv"


def get_aggregates(call: Call) -> Answer:
    """Figures by group, as JSON or CSV."""
    filters = {key: call.query[key] for key in KEYS}
    body = querying.read_aggregates(
        call.tx, reader=_reader(call), filters=filters, group_by=call.query["group_by"]
    )
    if _wants_csv(call):
        text = aggregates_as_csv(body)
        return Answer(text=text, media_type=CSV, etag=_tag(text.encode()), headers=_headers(call))
    return _answer(call, body)


def get_gaps(call: Call) -> Answer:
    """The gap matrix."""
    return _answer(call, querying.read_gaps(call.tx, reader=_reader(call), filters=call.query))


def get_completeness(call: Call) -> Answer:
    """What is owed and how it stands."""
    return _answer(call, querying.read_completeness(call.tx, reader=_reader(call), filters=call.query))


def _reader(call: Call) -> Reader:
    caller = call.caller
    return Reader(caller.role, caller.partner) if caller else Reader()


def _wants_csv(call: Call) -> bool:
    if call.query["format"]:
        return bool(call.query["format"] == "csv")
    accepted = [part.partition(";")[0].strip() for part in call.headers.get("Accept", "").split(",")]
    return CSV in accepted and "application/json" not in accepted


def _answer(call: Call, body: dict[str, Any]) -> Answer:
    return Answer(body, etag=_tag(canonical_json(body)), headers=_headers(call))


def _tag(content: bytes) -> str:
    """A strong ETag: the content's own hash, which a rebuild does not change."""
    return hashlib.sha256(content).hexdigest()[:32]


def _headers(call: Call) -> dict[str, str]:
    """Whose answer it is depends on the credential: only the public's may be kept by others, and asked about again."""
    scope = "private" if call.caller else "public"
    return {"Cache-Control": f"{scope}, no-cache", "Vary": "Accept, Authorization"}
