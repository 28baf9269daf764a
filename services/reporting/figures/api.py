"""Figures over HTTP."""

from urllib.parse import urlencode

from services.reporting.figures import formats, schemas
from services.reporting.figures.domain.cube import KEYS
from services.reporting.figures.domain.visibility import KindIsRestricted, Reader
from services.reporting.figures.operations import querying
from services.reporting.figures.operations.presenting import TABLE_HEADERS, table_headers
from shared.http.caching import cacheable_json, cacheable_text
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, RequestContext, Result, Route

JSON, CSV = "application/json", "text/csv"
PATH = "/reporting/v1/aggregates"


def get_aggregates(call: RequestContext) -> Result:
    """Return figures by group, as JSON or CSV."""
    caller = call.caller
    body = querying.read_aggregates(
        call.tx,
        reader=Reader(caller.role, caller.partner) if caller else Reader(),
        filters={key: call.query[key] for key in KEYS},
        group_by=call.query["group_by"],
    )
    if call.requested_type({"json": JSON, "csv": CSV}) == JSON:
        return cacheable_json(call, body)
    totals = urlencode(
        {name: ",".join(values) for name, values in body["filters"].items()} | {"format": "csv"}, safe=","
    )
    links = [f'<{PATH}?{totals}>; rel="related"; type="text/csv"; title="Totals"'] if body["group_by"] else []
    headers = table_headers(body, total=formats.totals_as_text(body), path=PATH, links=links)
    return cacheable_text(call, formats.aggregates_as_csv(body), CSV, headers)


ROUTES = (
    Route(
        "GET",
        "/aggregates",
        get_aggregates,
        allow=PUBLIC,
        operation_id="getAggregates",
        query=schemas.AggregatesQuery,
        response_schema=schemas.AggregatesResponse,
        text_media_types=(CSV,),
        summary="Query figures by any key; without a token, of support marked TLP:CLEAR",
        has_etag=True,
        response_headers=TABLE_HEADERS,
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {
    KindIsRestricted: Problem(401, "Sign in to read this", {"WWW-Authenticate": "Bearer"})
}
