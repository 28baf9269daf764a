"""The events, ticks and metrics of submissions."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from services.entry.submissions.operations import erasing, file_reading, partial_acceptance, queries, status
from shared.bus.handling import Effect
from shared.database import Transaction
from shared.events import (
    FileReceived,
    SubmissionAccepted,
    SubmissionCounted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
)
from shared.resources import Runtime
from shared.runtime.declarations import Handler, Sample, Tick

MAX_UPLOAD_AGE = timedelta(days=1)
"""No upload takes this long. A killed process left an older one behind."""


def read_file(runtime: Runtime, event: FileReceived) -> Effect:
    """Read a received file, so that it can be judged."""
    return file_reading.read_version(database=runtime.database, blobs=runtime.blobs, event=event)


def apply_verdict(runtime: Runtime, event: SubmissionAccepted | SubmissionReturned) -> Effect:
    """Store a verdict. If the sender wants the rest accepted, prepare a version of the acceptable records."""
    remainder = None
    if isinstance(event, SubmissionReturned):
        remainder = partial_acceptance.find_remainder(
            database=runtime.database, blobs=runtime.blobs, event=event
        )
    return partial(status.apply_verdict, blobs=runtime.blobs, event=event, remainder=remainder)


def apply_progress(_runtime: Runtime, event: SubmissionProgressed) -> Effect:
    """Store the number of chunks that are judged."""
    return partial(status.apply_progress, event=event)


def apply_reported(_runtime: Runtime, event: SubmissionReported) -> Effect:
    """Store the time from which a version's records count."""
    return partial(status.apply_reported, event=event)


def apply_counted(_runtime: Runtime, event: SubmissionCounted) -> Effect:
    """Store how many records of a version count, and the submissions that supersede the others."""
    return partial(status.apply_counted, event=event)


def apply_trial_outcome(_runtime: Runtime, event: TrialJudged) -> Effect:
    """Store the outcome of a trial."""
    return partial(status.apply_trial_outcome, event=event)


def delete_stale_uploads(runtime: Runtime) -> None:
    """Delete uploads that were left unfinished, and received files that no version names."""
    before = runtime.clock.now() - MAX_UPLOAD_AGE
    erasing.delete_unnamed_files(
        database=runtime.database, blobs=runtime.blobs, received=runtime.blobs.list_unsettled(before=before)
    )
    runtime.blobs.delete_stale_uploads(before=before)


def measure(tx: Transaction) -> Iterable[Sample]:
    """Yield the number of submissions in each state."""
    for state, count in queries.count_by_state(tx).items():
        yield "submissions", "Submissions by state.", {"state": state}, count


HANDLERS = (
    Handler(FileReceived, read_file),
    Handler(SubmissionAccepted, apply_verdict),
    Handler(SubmissionReturned, apply_verdict),
    Handler(SubmissionProgressed, apply_progress),
    Handler(SubmissionReported, apply_reported),
    Handler(SubmissionCounted, apply_counted),
    Handler(TrialJudged, apply_trial_outcome),
)
TICKS = (Tick("clear_incoming", 3600.0, delete_stale_uploads),)
