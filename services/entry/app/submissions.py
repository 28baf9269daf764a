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
from services.entry.files.domain.media_types import ACCEPTED
from services.entry.schemas import answers
from services.entry.schemas import submissions as schemas
from shared.http import Problem, Role, Route

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
READERS: frozenset[Role] = frozenset(("structure", "member", "coordinator", "secretariat"))

ROUTES = (
    Route(
        "POST",
        "/submissions",
        api.post_submission,
        allow=REPORTERS,
        summary="Hand in a submission, or a correction of one",
        takes=schemas.SubmissionBody,
        gives=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/files",
        api.post_file,
        allow=REPORTERS,
        summary="Hand in a file as a submission, or as a correction of one; it is read soon after",
        query=schemas.FileQuery,
        takes_files=ACCEPTED,
        gives=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "POST",
        "/nothing-to-report",
        api.sign_nothing,
        allow=REPORTERS,
        summary="Sign that there is nothing to report",
        takes=schemas.NothingToReportBody,
        gives=answers.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "GET",
        "/submissions",
        showing.list_submissions,
        allow=READERS,
        summary="List your submissions, the latest first",
        query=schemas.SubmissionsQuery,
        gives=answers.SubmissionsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>",
        showing.get_submission,
        allow=READERS,
        summary="Show a submission: state, timeline, verdict, findings",
        gives=answers.SubmissionAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions",
        showing.list_versions,
        allow=READERS,
        summary="List the versions of a submission, the first first",
        gives=answers.VersionsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/diff",
        showing.compare_versions,
        allow=READERS,
        summary="Show how two versions of a submission differ",
        query=schemas.DiffQuery,
        gives=answers.DiffAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/receipt",
        showing.get_receipt,
        allow=READERS,
        summary="Give the signed receipt for a version",
        query=schemas.ReceiptQuery,
        gives=answers.ReceiptAnswer,
    ),
    Route(
        "POST",
        "/submissions/<submission>/withdrawal",
        api.withdraw_submission,
        allow=REPORTERS,
        summary="Take a submission back",
        takes=schemas.WithdrawalBody,
        gives=answers.SubmissionAnswer,
    ),
    Route(
        "POST",
        "/submissions/<submission>/records/withdrawal",
        api.withdraw_records,
        allow=REPORTERS,
        summary="Take records of a submission back",
        takes=schemas.RecordsWithdrawalBody,
        gives=answers.SubmissionAnswer,
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
