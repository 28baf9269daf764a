"""entry, declared: each part of it says its routes and its problems."""

from collections.abc import Iterable

from services.entry import store, tasks
from services.entry.app import carrying, clients, journal, submissions, webhooks, windows, workbooks
from shared.database import Transaction
from shared.events import (
    DeadlineSet,
    FileReceived,
    SubmissionAccepted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
    WindowSet,
)
from shared.runtime.declarations import Handler, Sample, Service, Tick

PARTS = (submissions, windows, carrying, workbooks, journal, webhooks, clients)


def _metrics(tx: Transaction) -> Iterable[Sample]:
    for state, count in store.state_counts(tx).items():
        yield "submissions", "Submissions by state.", {"state": state}, count
    for state, count in store.count_messages(tx).items():
        yield "webhook_messages", "Messages to webhooks, by state.", {"state": state}, count
    oldest = store.oldest_unsealed(tx)
    age = (tx.now - oldest).total_seconds() if oldest else 0.0
    yield "oldest_unsealed_seconds", "Age of the oldest journal entry that is not sealed.", {}, age


SERVICE = Service(
    name="entry",
    routes=tuple(route for part in PARTS for route in part.ROUTES),
    handlers=(
        Handler(FileReceived, tasks.read_file),
        Handler(SubmissionAccepted, tasks.show_verdict),
        Handler(SubmissionReturned, tasks.show_verdict),
        Handler(SubmissionProgressed, tasks.show_progress),
        Handler(SubmissionReported, tasks.show_reported),
        Handler(TrialJudged, tasks.show_trial),
        Handler(WindowSet, tasks.set_window),
        Handler(DeadlineSet, tasks.set_deadline),
    ),
    ticks=(
        Tick("clear_incoming", 3600.0, tasks.delete_stale_uploads),
        Tick("forget_assertions", 3600.0, tasks.forget_assertions),
        Tick("seal_journal", 1.0, tasks.seal_journal),
        Tick("tell_webhooks", 2.0, tasks.tell_webhooks),
        Tick("forget_messages", 3600.0, tasks.forget_messages),
    ),
    problems={error: problem for part in PARTS for error, problem in part.PROBLEMS.items()},
    metrics=_metrics,
)
