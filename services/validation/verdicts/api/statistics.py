"""The API of rule statistics."""

from time import perf_counter

from services.validation.verdicts.operations.rule_statistics import list_rule_statistics
from services.validation.verdicts.schemas.statistics import RuleStatisticsResponse
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import STATISTICS_READERS


def get_statistics(call: RequestContext) -> Result:
    """Return the statistics of the rules in force."""
    found = list_rule_statistics(call.tx, blobs=call.runtime.blobs, timer=perf_counter)
    return Result({"items": found})


ROUTES = (
    Route(
        "GET",
        "/rules/stats",
        get_statistics,
        allow=STATISTICS_READERS,
        operation_id="getRuleStatistics",
        response_schema=RuleStatisticsResponse,
        summary="Get statistics of the rules in force: failures, reporters and cost",
    ),
)
