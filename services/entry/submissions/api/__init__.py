"""The routes of submissions, and the problems of their operations."""

from services.entry.files.domain.media_types import ACCEPTED
from services.entry.submissions.api import submitting, views
from services.entry.submissions.domain.refusals import (
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
    WorkbookIsForAnother,
)
from services.entry.submissions.schemas import requests, responses
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import SUBMISSION_READERS, SUBMITTERS
from shared.reference import KINDS
from shared.reference.fields.examples import example_submission
from shared.reference.markings import TextIsClassified

STORED = {
    202: "Stored. The verdict follows: read it at the address in Location.",
    200: "The submission with its verdict, if you preferred to wait for it; or the submission that had this content before.",
}
"""The results of submitting."""

ROUTES = (
    Route(
        "POST",
        "/submissions",
        submitting.post_submission,
        allow=SUBMITTERS,
        operation_id="submitRecords",
        summary="Submit records, or correct a submission",
        request_schema=requests.SubmissionBody,
        response_schema=responses.SubmissionResponse,
        statuses=STORED,
        response_headers=("Location", "ETag"),
        may_wait=True,
        examples={kind: example_submission(kind) for kind in KINDS},
    ),
    Route(
        "POST",
        "/files",
        submitting.post_file,
        allow=SUBMITTERS,
        operation_id="submitFile",
        summary="Submit a file, or correct a submission with a file; it is read soon after",
        query=requests.FileQuery,
        request_media_types=ACCEPTED,
        response_schema=responses.SubmissionResponse,
        statuses=STORED,
        response_headers=("Location", "ETag"),
        may_wait=True,
    ),
    Route(
        "POST",
        "/nothing-to-report",
        submitting.sign_nil_return,
        allow=SUBMITTERS,
        operation_id="signNilReturn",
        summary="Sign a nil return",
        request_schema=requests.NilReturnBody,
        response_schema=responses.SubmissionResponse,
        statuses=STORED,
        response_headers=("Location", "ETag"),
        may_wait=True,
    ),
    Route(
        "GET",
        "/submissions",
        views.list_submissions,
        allow=SUBMISSION_READERS,
        operation_id="listSubmissions",
        summary="List submissions visible to you, the latest first",
        query=requests.SubmissionsQuery,
        response_schema=responses.SubmissionsResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>",
        views.get_submission,
        allow=SUBMISSION_READERS,
        operation_id="getSubmission",
        summary="Get a submission: state, timeline, verdict, findings",
        response_schema=responses.SubmissionResponse,
        has_etag=True,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions",
        views.list_versions,
        allow=SUBMISSION_READERS,
        operation_id="listVersions",
        summary="List the versions of a submission, the oldest first",
        response_schema=responses.VersionsResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/diff",
        views.compare_versions,
        allow=SUBMISSION_READERS,
        operation_id="compareVersions",
        summary="Compare two versions of a submission",
        query=requests.DiffQuery,
        response_schema=responses.DiffResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/receipt",
        views.get_receipt,
        allow=SUBMISSION_READERS,
        operation_id="getReceipt",
        summary="Get the signed receipt of a version",
        query=requests.ReceiptQuery,
        response_schema=responses.ReceiptResponse,
    ),
    Route(
        "POST",
        "/submissions/<submission>/withdrawal",
        submitting.withdraw_submission,
        allow=SUBMITTERS,
        operation_id="withdrawSubmission",
        statuses={200: "Withdrawn, with the number of the version that withdraws it."},
        summary="Withdraw a submission",
        request_schema=requests.WithdrawalBody,
        response_schema=responses.SubmissionResponse,
    ),
    Route(
        "POST",
        "/submissions/<submission>/records/withdrawal",
        submitting.withdraw_records,
        allow=SUBMITTERS,
        operation_id="withdrawRecords",
        summary="Withdraw records of a submission",
        request_schema=requests.RecordsWithdrawalBody,
        response_schema=responses.SubmissionResponse,
        statuses={202: "Stored as a new version. Its verdict follows."},
        response_headers=("Location",),
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
    WorkbookIsForAnother: Problem(409, "The workbook is for another mapping"),
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
