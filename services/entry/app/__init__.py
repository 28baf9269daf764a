"""entry, declared: each part of it says its routes and its problems."""

from collections.abc import Iterable

from services.entry import store, tasks
from services.entry.app import submissions
from shared.database import Transaction
from shared.events import SubmissionAccepted, SubmissionProgressed, SubmissionReturned, WindowSet
from shared.service import Handler, Sample, Service

PARTS = (submissions,)


def _metrics(tx: Transaction) -> Iterable[Sample]:
    for state, count in store.state_counts(tx).items():
        yield "submissions", "Submissions by state.", {"state": state}, count


SERVICE = Service(
    name="entry",
    routes=tuple(route for part in PARTS for route in part.ROUTES),
    handlers=(
        Handler(SubmissionAccepted, tasks.show_verdict),
        Handler(SubmissionReturned, tasks.show_verdict),
        Handler(SubmissionProgressed, tasks.show_progress),
        Handler(WindowSet, tasks.set_window),
    ),
    problems={error: problem for part in PARTS for error, problem in part.PROBLEMS.items()},
    metrics=_metrics,
)
