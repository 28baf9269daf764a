"""The routes of submissions, and the problems of their operations."""

from services.entry.files.domain.media_types import ACCEPTED
from services.entry.submissions.api import submitting, views
from services.entry.submissions.domain.submissions import (
    ContentIsDuplicate,
    CorrectionDiffers,
    FileIsBeingRead,
    KindIsNotYours,
    PillarIsNotYours,
    RecordsAreUnknown,
    RecordsExist,
    ReferenceIsTaken,
    SubmissionIsWithdrawn,
    SubmittedConcurrently,
    TrialStaysTrial,
    VersionIsStale,
)
from services.entry.submissions.schemas import requests, responses
from shared.http import Problem, Route
from shared.http.auth.roles import READERS, REPORTERS
from shared.reference.markings import TextIsClassified

ROUTES = (
    Route(
        "POST",
        "/submissions",
        submitting.post_submission,
        allow=REPORTERS,
        summary="Submit records, or correct a submission",
        takes=requests.SubmissionBody,
        gives=responses.SubmissionResponse,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/files",
        submitting.post_file,
        allow=REPORTERS,
        summary="Submit a file, or correct a submission with a file; it is read soon after",
        query=requests.FileQuery,
        takes_files=ACCEPTED,
        gives=responses.SubmissionResponse,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/nothing-to-report",
        submitting.sign_nil_return,
        allow=REPORTERS,
        summary="Sign a nil return",
        takes=requests.NilReturnBody,
        gives=responses.SubmissionResponse,
        statuses=(202, 200),
    ),
    Route(
        "GET",
        "/submissions",
        views.list_submissions,
        allow=READERS,
        summary="List submissions visible to you, the latest first",
        query=requests.SubmissionsQuery,
        gives=responses.SubmissionsResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>",
        views.get_submission,
        allow=READERS,
        summary="Get a submission: state, timeline, verdict, findings",
        gives=responses.SubmissionResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions",
        views.list_versions,
        allow=READERS,
        summary="List the versions of a submission, the first first",
        gives=responses.VersionsResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/diff",
        views.compare_versions,
        allow=READERS,
        summary="Compare two versions of a submission",
        query=requests.DiffQuery,
        gives=responses.DiffResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/receipt",
        views.get_receipt,
        allow=READERS,
        summary="Get the signed receipt of a version",
        query=requests.ReceiptQuery,
        gives=responses.ReceiptResponse,
    ),
    Route(
        "POST",
        "/submissions/<submission>/withdrawal",
        submitting.withdraw_submission,
        allow=REPORTERS,
        summary="Withdraw a submission",
        takes=requests.WithdrawalBody,
        gives=responses.SubmissionResponse,
    ),
    Route(
        "POST",
        "/submissions/<submission>/records/withdrawal",
        submitting.withdraw_records,
        allow=REPORTERS,
        summary="Withdraw records of a submission",
        takes=requests.RecordsWithdrawalBody,
        gives=responses.SubmissionResponse,
        statuses=(202,),
    ),
)

_TEXT = {"type": "string"}
_HASH = {"type": ["string", "null"], "description": "A sha-256."}

PROBLEMS = {
    KindIsNotYours: Problem(403, "Your role does not report this mapping"),
    PillarIsNotYours: Problem(403, "Your credential does not cover this pillar"),
    VersionIsStale: Problem(
        409,
        "The version is outdated",
        facts={
            "given": {"type": "integer"},
            "present": {"type": "integer"},
            "changes": {
                "type": ["object", "null"],
                "description": "The records that the current version added, changed and withdrew since the given one.",
            },
        },
    ),
    SubmissionIsWithdrawn: Problem(409, "The submission is withdrawn"),
    CorrectionDiffers: Problem(409, "The correction is for another mapping"),
    ReferenceIsTaken: Problem(
        409,
        "The reference was used before",
        facts={"submission": _TEXT, "known_content": _HASH, "given_content": _HASH},
    ),
    ContentIsDuplicate: Problem(
        409, "Duplicate content", facts={"submission": _TEXT}, slug="content-is-there"
    ),
    RecordsExist: Problem(
        409, "Records were already submitted", facts={"submission": _TEXT}, slug="records-stand"
    ),
    SubmittedConcurrently: Problem(409, "Submitted twice at once", slug="handed-in-twice"),
    TrialStaysTrial: Problem(409, "Trials cannot be changed"),
    FileIsBeingRead: Problem(409, "The file is being read"),
    RecordsAreUnknown: Problem(422, "Records do not exist"),
    TextIsClassified: Problem(422, "The text is classified"),
}
