"""Completeness over HTTP."""

from services.reporting.completeness import operations, schemas
from services.reporting.figures.domain.visibility import ObligationsAreRestricted, Reader
from shared.http.caching import cacheable_json
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import OBLIGATION_READERS


def get_completeness(call: RequestContext) -> Result:
    """Return the obligations and their status."""
    reader = Reader(call.known_caller.role, call.known_caller.partner)
    body = operations.read_completeness(call.tx, blobs=call.runtime.blobs, reader=reader, filters=call.query)
    return cacheable_json(call, body)


ROUTES = (
    Route(
        "GET",
        "/completeness",
        get_completeness,
        allow=OBLIGATION_READERS,
        operation_id="getCompleteness",
        query=schemas.CompletenessQuery,
        response_schema=schemas.CompletenessResponse,
        summary="List obligations and their status, per structure and partner",
        has_etag=True,
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {ObligationsAreRestricted: Problem(403, "Not allowed")}
