"""The API of findings: list, justify, waive."""

from services.validation.verdicts.api.answers import PRIVATE
from services.validation.verdicts.operations import exemptions
from services.validation.verdicts.schemas.exemptions import (
    FindingResponse,
    FindingsQuery,
    FindingsResponse,
    JustificationBody,
    WaiverBody,
)
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import SECRETARIAT_ONLY, SUBMISSION_READERS, SUBMITTERS


def list_findings(call: RequestContext, *, submission: str) -> Result:
    """List the findings on a submission with their states."""
    limit = call.query["limit"]
    found = exemptions.list_findings(
        call.tx,
        caller=call.known_caller,
        submission=submission,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    page = Page.of(found, limit=limit, key=lambda each: str(each["finding"]))
    return Result(page, headers=PRIVATE)


def justify_finding(call: RequestContext, *, finding: str) -> Result:
    """Justify a finding on behalf of its reporter."""
    return Result(exemptions.justify_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


def waive_finding(call: RequestContext, *, finding: str) -> Result:
    """Waive a finding on behalf of the Secretariat."""
    return Result(exemptions.waive_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


ROUTES = (
    Route(
        "GET",
        "/verdicts/<submission>/findings",
        list_findings,
        allow=SUBMISSION_READERS,
        operation_id="listFindings",
        query=FindingsQuery,
        response_schema=FindingsResponse,
        summary="List the findings on a submission with their states",
    ),
    Route(
        "POST",
        "/findings/<finding>/justification",
        justify_finding,
        allow=SUBMITTERS,
        operation_id="justifyFinding",
        statuses={200: "Justified."},
        request_schema=JustificationBody,
        response_schema=FindingResponse,
        summary="Justify a finding",
    ),
    Route(
        "POST",
        "/findings/<finding>/waiver",
        waive_finding,
        allow=SECRETARIAT_ONLY,
        operation_id="waiveFinding",
        statuses={200: "Waived."},
        request_schema=WaiverBody,
        response_schema=FindingResponse,
        summary="Waive a finding until a date",
    ),
)
