"""Gaps over HTTP."""

from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations.presenting import TABLE_HEADERS, table_headers
from services.reporting.gaps import formats, operations, schemas
from shared.http.caching import cacheable_json, cacheable_text
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import ROLES

JSON, CSV = "application/json", "text/csv"


def get_gaps(call: RequestContext) -> Result:
    """Return the gap matrix, as JSON or CSV."""
    reader = Reader(call.known_caller.role, call.known_caller.partner)
    filters = {name: call.query[name] for name in ("period", "partner", "pillar")}
    body = operations.read_gaps(call.tx, reader=reader, filters=filters)
    if call.requested_type({"json": JSON, "csv": CSV}) == JSON:
        return cacheable_json(call, body)
    headers = table_headers(body, total=formats.totals_as_text(body), path="/reporting/v1/gaps")
    return cacheable_text(call, formats.gaps_as_csv(body), CSV, headers)


ROUTES = (
    Route(
        "GET",
        "/gaps",
        get_gaps,
        allow=ROLES,
        operation_id="getGaps",
        query=schemas.GapsQuery,
        response_schema=schemas.GapsResponse,
        text_media_types=(CSV,),
        summary="Get the gap matrix: needs per partner and pillar, and their coverage",
        has_etag=True,
        response_headers=TABLE_HEADERS,
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {}
