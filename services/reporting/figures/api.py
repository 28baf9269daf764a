"""Figures over HTTP."""

from services.reporting.figures import formats, schemas
from services.reporting.figures.domain.cube import KEYS
from services.reporting.figures.domain.visibility import KindIsRestricted, Reader
from services.reporting.figures.operations import querying
from shared.http.caching import cacheable_json, cacheable_text
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, RequestContext, Result, Route

CSV = "text/csv"
MEDIA_TYPES = {"json": "application/json", "csv": CSV}


def get_aggregates(call: RequestContext) -> Result:
    """Return figures by group, as JSON or CSV."""
    caller = call.caller
    body = querying.read_aggregates(
        call.tx,
        reader=Reader(caller.role, caller.partner) if caller else Reader(),
        filters={key: call.query[key] for key in KEYS},
        group_by=call.query["group_by"],
    )
    if _media_type(call) == CSV:
        return cacheable_text(call, formats.aggregates_as_csv(body), CSV)
    return cacheable_json(call, body)


def _media_type(call: RequestContext) -> str:
    """Negotiate the media type: the parameter `format` decides, then the header Accept."""
    if call.query["format"]:
        return MEDIA_TYPES[call.query["format"]]
    return call.preferred_of(*MEDIA_TYPES.values())


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
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {
    KindIsRestricted: Problem(401, "Sign in to read this", {"WWW-Authenticate": "Bearer"})
}
