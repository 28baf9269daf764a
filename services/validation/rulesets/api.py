"""The public API of rulesets."""

from services.validation.rulesets import schemas
from services.validation.rulesets.operations import versions
from services.validation.rulesets.operations.files import RulesetIsUnknown
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, RequestContext, Result, Route
from shared.reference.days import secretariat_day


def list_rulesets(call: RequestContext) -> Result:
    """List the rulesets in force."""
    found = versions.list_rulesets(call.tx, blobs=call.runtime.blobs, on=secretariat_day(call.now))
    return Result({"items": found})


def get_ruleset(call: RequestContext, *, name: str) -> Result:
    """Return a ruleset with its rules."""
    ruleset = versions.get_ruleset(
        call.tx,
        blobs=call.runtime.blobs,
        name=name,
        on=secretariat_day(call.now),
        version=call.query["version"],
    )
    return Result(ruleset, etag=ruleset["hash"])


ROUTES = (
    Route(
        "GET",
        "/rulesets",
        list_rulesets,
        allow=PUBLIC,
        operation_id="listRulesets",
        response_schema=schemas.RulesetsResponse,
        summary="List the rulesets in force",
    ),
    Route(
        "GET",
        "/rulesets/<name>",
        get_ruleset,
        allow=PUBLIC,
        operation_id="getRuleset",
        query=schemas.RulesetQuery,
        response_schema=schemas.RulesetResponse,
        summary="Get a ruleset: rules with examples, and the fields of records",
        has_etag=True,
    ),
)

PROBLEMS: dict[type[Exception], Problem] = {RulesetIsUnknown: Problem(404, "Not found")}
