"""entry, declared."""

from collections.abc import Iterable

from services.entry import api, schemas, store, tasks
from services.entry.domain.markings import TextIsClassified
from services.entry.domain.submissions import (
    CorrectionDiffers,
    KindIsNotYours,
    PillarIsNotYours,
    SubmissionIsWithdrawn,
    VersionIsStale,
)
from services.entry.domain.windows import WindowIsClosed
from shared.database import Transaction
from shared.events import SubmissionAccepted, SubmissionProgressed, SubmissionReturned, WindowSet
from shared.http import Problem, Role, Route
from shared.service import Handler, Sample, Service

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
READERS: frozenset[Role] = frozenset(("structure", "member", "coordinator", "secretariat"))


def _metrics(tx: Transaction) -> Iterable[Sample]:
    for state, count in store.state_counts(tx).items():
        yield "submissions", "Submissions by state.", {"state": state}, count


SERVICE = Service(
    name="entry",
    routes=(
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
    ),
    handlers=(
        Handler(SubmissionAccepted, tasks.show_verdict),
        Handler(SubmissionReturned, tasks.show_verdict),
        Handler(SubmissionProgressed, tasks.show_progress),
        Handler(WindowSet, tasks.set_window),
    ),
    problems={
        KindIsNotYours: Problem(403, "The mapping is not yours to report"),
        PillarIsNotYours: Problem(403, "The pillar is not yours"),
        WindowIsClosed: Problem(403, "The collection window is closed"),
        VersionIsStale: Problem(409, "The version is stale"),
        SubmissionIsWithdrawn: Problem(409, "The submission is withdrawn"),
        CorrectionDiffers: Problem(409, "The correction is for another mapping"),
        TextIsClassified: Problem(422, "The text is classified"),
    },
    metrics=_metrics,
)
