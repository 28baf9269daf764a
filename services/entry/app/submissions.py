"""What entry does about submissions, declared."""

from services.entry.api import submissions as api
from services.entry.domain.markings import TextIsClassified
from services.entry.domain.submissions import (
    CorrectionDiffers,
    KindIsNotYours,
    PillarIsNotYours,
    SubmissionIsWithdrawn,
    VersionIsStale,
)
from services.entry.domain.windows import WindowIsClosed
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
        gives=schemas.SubmissionAnswer,
        statuses=(202, 200),
    ),
    Route(
        "GET",
        "/submissions",
        api.list_submissions,
        allow=READERS,
        summary="List your submissions, the latest first",
        query=schemas.SubmissionsQuery,
        gives=schemas.SubmissionsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>",
        api.get_submission,
        allow=READERS,
        summary="Show a submission: state, timeline, verdict, findings",
        gives=schemas.SubmissionAnswer,
    ),
    Route(
        "POST",
        "/submissions/<submission>/withdrawal",
        api.withdraw_submission,
        allow=REPORTERS,
        summary="Take a submission back",
        takes=schemas.WithdrawalBody,
        gives=schemas.SubmissionAnswer,
    ),
)

PROBLEMS = {
    KindIsNotYours: Problem(403, "The mapping is not yours to report"),
    PillarIsNotYours: Problem(403, "The pillar is not yours"),
    WindowIsClosed: Problem(403, "The collection window is closed"),
    VersionIsStale: Problem(409, "The version is stale"),
    SubmissionIsWithdrawn: Problem(409, "The submission is withdrawn"),
    CorrectionDiffers: Problem(409, "The correction is for another mapping"),
    TextIsClassified: Problem(422, "The text is classified"),
}
