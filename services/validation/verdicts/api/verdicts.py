"""The API of verdicts and their reports."""

from services.validation.findings.domain.media_types import CSV, HTML, XLSX
from services.validation.verdicts.api.answers import PRIVATE, report_answer, tag_of
from services.validation.verdicts.operations import reading
from services.validation.verdicts.schemas.verdicts import (
    History,
    Report,
    ReportQuery,
    VerdictQuery,
    VerdictResponse,
)
from shared.http import ROLES, Answer, Call, Role, Route
from shared.http.bodies import canonical_json

READERS: frozenset[Role] = frozenset(("structure", "member", "coordinator", "secretariat"))
"""The roles that may read reports, each of the submissions that concern it."""


def get_verdict(call: Call, *, submission: str) -> Answer:
    """Return the current verdict on a submission, or an earlier one."""
    verdict = reading.get_verdict(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, submission=submission, **call.query
    )
    return Answer(verdict, etag=tag_of(canonical_json(verdict)), headers=PRIVATE)


def list_verdicts(call: Call, *, submission: str) -> Answer:
    """List all verdicts on a submission."""
    found = reading.list_verdicts(call.tx, caller=call.known_caller, submission=submission)
    return Answer({"items": found}, headers=PRIVATE)


def get_report(call: Call, *, submission: str) -> Answer:
    """Return the report of a verdict."""
    which = {name: call.query[name] for name in ("version", "verdict")}
    report, heading = reading.get_report(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, submission=submission, **which
    )
    name = f"findings-{submission}-v{heading.version}-{heading.verdict}"
    return report_answer(call, report, heading, form=call.query["format"], name=name)


ROUTES = (
    Route(
        "GET",
        "/verdicts/<submission>",
        get_verdict,
        allow=ROLES,
        gives=VerdictResponse,
        query=VerdictQuery,
        summary="Get the current verdict on a submission, or an earlier one",
    ),
    Route(
        "GET",
        "/verdicts/<submission>/history",
        list_verdicts,
        allow=ROLES,
        gives=History,
        summary="List all verdicts on a submission with their reasons",
    ),
    Route(
        "GET",
        "/verdicts/<submission>/report",
        get_report,
        allow=READERS,
        query=ReportQuery,
        gives=Report,
        gives_texts=(CSV, HTML),
        gives_files=(XLSX,),
        summary="Get the findings report of a verdict as JSON, CSV, HTML or XLSX",
    ),
)
