"""The API of findings: list, justify, waive."""

from services.validation.verdicts.api.answers import PRIVATE
from services.validation.verdicts.api.verdicts import READERS
from services.validation.verdicts.operations import exemptions
from services.validation.verdicts.schemas.exemptions import (
    FindingResponse,
    Findings,
    FindingsQuery,
    Justification,
    Waiver,
)
from shared.http import Answer, Call, Page, Role, Route

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
WAIVERS: frozenset[Role] = frozenset(("secretariat",))
"""The roles that may waive findings."""


def list_findings(call: Call, *, submission: str) -> Answer:
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
    return Answer(page, headers=PRIVATE)


def justify_finding(call: Call, *, finding: str) -> Answer:
    """Justify a finding on behalf of its reporter."""
    return Answer(exemptions.justify_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


def waive_finding(call: Call, *, finding: str) -> Answer:
    """Waive a finding on behalf of the Secretariat."""
    return Answer(exemptions.waive_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


ROUTES = (
    Route(
        "GET",
        "/verdicts/<submission>/findings",
        list_findings,
        allow=READERS,
        query=FindingsQuery,
        gives=Findings,
        summary="List the findings on a submission with their states",
    ),
    Route(
        "POST",
        "/findings/<finding>/justification",
        justify_finding,
        allow=REPORTERS,
        takes=Justification,
        gives=FindingResponse,
        summary="Justify a finding",
    ),
    Route(
        "POST",
        "/findings/<finding>/waiver",
        waive_finding,
        allow=WAIVERS,
        takes=Waiver,
        gives=FindingResponse,
        summary="Waive a finding until a date",
    ),
)
