"""What entry does about submissions, declared."""

from services.entry.api import showing
from services.entry.api import submissions as api
from services.entry.domain.markings import TextIsClassified
from services.entry.domain.submissions import (
    ContentIsThere,
    CorrectionDiffers,
    FileIsBeingRead,
    HandedInTwice,
    KindIsNotYours,
    PillarIsNotYours,
    RecordsAreUnknown,
    RecordsStand,
    ReferenceIsTaken,
    SubmissionIsWithdrawn,
    TrialStaysTrial,
    VersionIsStale,
)
from services.entry.formats.media import TAKEN
from services.entry.schemas import answers
from services.entry.schemas import submissions as schemas
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import Role

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
READERS: frozenset[Role] = frozenset(("structure", "member", "coordinator", "secretariat"))

ROUTES = (
    Route(
        "POST",
        "/submissions",
        api.post_submission,
        allow=REPORTERS,
        summary="Hand in a submission, or a correction of one",
        request_schema=schemas.SubmissionBody,
        response_schema=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/files",
        api.post_file,
        allow=REPORTERS,
        summary="Hand in a file as a submission, or as a correction of one; it is read soon after",
        query=schemas.FileQuery,
        request_media_types=TAKEN,
        response_schema=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/nothing-to-report",
        api.sign_nothing,
        allow=REPORTERS,
        summary="Sign that there is nothing to report",
        request_schema=schemas.NothingToReportBody,
        response_schema=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "GET",
        "/submissions",
        showing.list_submissions,
        allow=READERS,
        summary="List your submissions, the latest first",
        query=schemas.SubmissionsQuery,
        response_schema=answers.SubmissionsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>",
        showing.get_submission,
        allow=READERS,
        summary="Show a submission: state, timeline, verdict, findings",
        response_schema=answers.SubmissionAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions",
        showing.list_versions,
        allow=READERS,
        summary="List the versions of a submission, the first first",
        response_schema=answers.VersionsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/diff",
        showing.compare_versions,
        allow=READERS,
        summary="Show how two versions of a submission differ",
        query=schemas.DiffQuery,
        response_schema=answers.DiffAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/receipt",
        showing.get_receipt,
        allow=READERS,
        summary="Give the signed receipt for a version",
        query=schemas.ReceiptQuery,
        response_schema=answers.ReceiptAnswer,
    ),
    Route(
        "POST",
        "/submissions/<submission>/withdrawal",
        api.withdraw_submission,
        allow=REPORTERS,
        summary="Take a submission back",
        request_schema=schemas.WithdrawalBody,
        response_schema=answers.SubmissionAnswer,
    ),
    Route(
        "POST",
        "/submissions/<submission>/records/withdrawal",
        api.withdraw_records,
        allow=REPORTERS,
        summary="Take records of a submission back",
        request_schema=schemas.RecordsWithdrawalBody,
        response_schema=answers.SubmissionAnswer,
        statuses=(202,),
    ),
)

_TEXT = {"type": "string"}
_HASH = {"type": ["string", "null"], "description": "A sha-256."}

PROBLEMS = {
    KindIsNotYours: Problem(403, "The mapping is not yours to report"),
    PillarIsNotYours: Problem(403, "The pillar is not yours"),
    VersionIsStale: Problem(
        409,
        "The version is stale",
        facts={
            "given": {"type": "integer"},
            "present": {"type": "integer"},
            "changes": {
                "type": ["object", "null"],
                "description": "What the present version added, changed and withdrew since the given one.",
            },
        },
    ),
    SubmissionIsWithdrawn: Problem(409, "The submission is withdrawn"),
    CorrectionDiffers: Problem(409, "The correction is for another mapping"),
    ReferenceIsTaken: Problem(
        409,
        "The reference is taken",
        facts={"submission": _TEXT, "known_content": _HASH, "given_content": _HASH},
    ),
    ContentIsThere: Problem(409, "The content is there", facts={"submission": _TEXT}),
    RecordsStand: Problem(409, "There is something to report", facts={"submission": _TEXT}),
    HandedInTwice: Problem(409, "It was handed in twice at once"),
    TrialStaysTrial: Problem(409, "It was a trial"),
    FileIsBeingRead: Problem(409, "The file is being read"),
    RecordsAreUnknown: Problem(422, "The records are not there"),
    TextIsClassified: Problem(422, "The text is classified"),
}
