"""The events, ticks and metrics of submissions."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from services.entry.submissions.operations import file_reading, partial_acceptance, queries, status
from shared.bus.handling import Effect
from shared.database import Transaction
from shared.events import (
    FileReceived,
    SubmissionAccepted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
)
from shared.service import Handler, Runtime, Sample, Tick

STRAY = timedelta(days=1)
"""No upload takes this long. An older one was left by a process that was killed."""


def read_file(runtime: Runtime, event: FileReceived) -> Effect:
    """Read a received file, so that it can be judged."""
    return file_reading.read_version(database=runtime.database, blobs=runtime.blobs, event=event)


def show_verdict(runtime: Runtime, event: SubmissionAccepted | SubmissionReturned) -> Effect:
    """Store a verdict. Where the sender wants it, prepare a version of the records that can be accepted."""
    rest = None
    if isinstance(event, SubmissionReturned):
        rest = partial_acceptance.rest_of(database=runtime.database, blobs=runtime.blobs, event=event)
    return partial(status.note_verdict, blobs=runtime.blobs, event=event, rest=rest)


def show_progress(_runtime: Runtime, event: SubmissionProgressed) -> Effect:
    """Store the number of chunks that are judged."""
    return partial(status.note_progress, event=event)


def show_reported(_runtime: Runtime, event: SubmissionReported) -> Effect:
    """Store the time from which a version's records count."""
    return partial(status.note_reported, event=event)


def show_trial(_runtime: Runtime, event: TrialJudged) -> Effect:
    """Store the outcome of a trial."""
    return partial(status.note_trial, event=event)


def clear_incoming(runtime: Runtime) -> None:
    """Delete uploads that were left unfinished."""
    runtime.blobs.clear_incoming(before=runtime.clock.now() - STRAY)


def measure(tx: Transaction) -> Iterable[Sample]:
    """Yield the number of submissions in each state."""
    for state, count in queries.count_by_state(tx).items():
        yield "submissions", "Submissions by state.", {"state": state}, count


HANDLERS = (
    Handler(FileReceived, read_file),
    Handler(SubmissionAccepted, show_verdict),
    Handler(SubmissionReturned, show_verdict),
    Handler(SubmissionProgressed, show_progress),
    Handler(SubmissionReported, show_reported),
    Handler(TrialJudged, show_trial),
)
TICKS = (Tick("clear_incoming", 3600.0, clear_incoming),)
