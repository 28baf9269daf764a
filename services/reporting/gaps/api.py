"""Gaps over HTTP."""

from services.reporting.figures.domain.visibility import Reader
from services.reporting.gaps import operations, schemas
from shared.http.caching import cacheable_json
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import ROLES


def get_gaps(call: RequestContext) -> Result:
    """Return the gap matrix."""
    reader = Reader(call.known_caller.role, call.known_caller.partner)
    return cacheable_json(call, operations.read_gaps(call.tx, reader=reader, filters=call.query))


ROUTES = (
    Route(
        "GET",
        "/gaps",
        get_gaps,
        allow=ROLES,
        operation_id="getGaps",
        query=schemas.GapsQuery,
        response_schema=schemas.GapsResponse,
        summary="Get the gap matrix: needs per partner and pillar, and their coverage",
        has_etag=True,
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {}
