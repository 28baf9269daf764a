"""The API of verdicts and their reports."""

from services.validation.findings.domain.media_types import CSV, HTML, XLSX
from services.validation.verdicts.api.answers import PRIVATE, report_answer
from services.validation.verdicts.operations import reading
from services.validation.verdicts.schemas.verdicts import (
    FindingsReport,
    ReportQuery,
    VerdictHistory,
    VerdictQuery,
    VerdictResponse,
)
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import ROLES, SUBMISSION_READERS


def get_verdict(call: RequestContext, *, submission: str) -> Result:
    """Return the current verdict on a submission, or an earlier one."""
    verdict = reading.get_verdict(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        submission=submission,
        language=call.language,
        **call.query,
    )
    return Result(verdict, hash_etag=True, headers=PRIVATE, language=call.language)


def list_verdicts(call: RequestContext, *, submission: str) -> Result:
    """List all verdicts on a submission."""
    found = reading.list_verdicts(call.tx, caller=call.known_caller, submission=submission)
    return Result({"items": found}, headers=PRIVATE)


def get_report(call: RequestContext, *, submission: str) -> Result:
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
        operation_id="getVerdict",
        response_schema=VerdictResponse,
        query=VerdictQuery,
        summary="Get the current verdict on a submission, or an earlier one",
        has_etag=True,
    ),
    Route(
        "GET",
        "/verdicts/<submission>/history",
        list_verdicts,
        allow=ROLES,
        operation_id="listVerdicts",
        response_schema=VerdictHistory,
        summary="List all verdicts on a submission with their reasons",
    ),
    Route(
        "GET",
        "/verdicts/<submission>/report",
        get_report,
        allow=SUBMISSION_READERS,
        operation_id="downloadFindingsReport",
        query=ReportQuery,
        response_schema=FindingsReport,
        text_media_types=(CSV, HTML),
        binary_media_types=(XLSX,),
        summary="Get the findings report of a verdict as JSON, CSV, HTML or XLSX",
        has_etag=True,
    ),
)
