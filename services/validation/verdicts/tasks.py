"""Handlers, ticks and metrics of verdicts."""

from collections.abc import Iterable

from services.validation.verdicts.operations import (
    calendar,
    chunking,
    exemptions,
    publication_rollout,
    reading,
    rejudging,
    submissions,
)
from shared.bus.handling import Effect
from shared.database import Transaction
from shared.events import (
    ChunkReady,
    ChunksJudged,
    MeetingCancelled,
    MeetingMoved,
    SubmissionOutdated,
    SubmissionReceived,
    SubmissionWithdrawn,
    WindowSet,
)
from shared.resources import Runtime
from shared.runtime.declarations import Handler, Sample, Tick


def check_submission(runtime: Runtime, event: SubmissionReceived) -> Effect:
    """Judge a received version; a large one in chunks."""
    return submissions.check_submission(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_again(runtime: Runtime, event: SubmissionOutdated) -> Effect:
    """Judge a version again whose rules, references or waivers changed."""
    return rejudging.judge_again(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_chunk(runtime: Runtime, event: ChunkReady) -> Effect:
    """Judge a chunk of a large submission."""
    return chunking.judge_chunk(database=runtime.database, blobs=runtime.blobs, event=event)


def finish_judging(runtime: Runtime, event: ChunksJudged) -> Effect:
    """Give the verdict on a large submission."""
    return chunking.finish_judging(database=runtime.database, blobs=runtime.blobs, event=event)


def withdraw_submission(_runtime: Runtime, event: SubmissionWithdrawn) -> Effect:
    """Remove withdrawn records from the index."""
    return lambda tx: submissions.withdraw_submission(tx, submission=event.submission, version=event.version)


def record_meeting(_runtime: Runtime, event: MeetingMoved | MeetingCancelled) -> Effect:
    """Record the date of a meeting, or that it is cancelled."""
    return lambda tx: calendar.record_meeting(tx, event=event)


def record_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Record the meeting that adopts a window's period."""
    return lambda tx: calendar.record_window(tx, event=event)


def settle_links(runtime: Runtime) -> None:
    """Have submissions judged again that refer to changed records."""
    rejudging.settle_links(database=runtime.database)


def apply_publications(runtime: Runtime) -> None:
    """Have open periods judged by the rules that came into force."""
    publication_rollout.apply_publications(database=runtime.database, blobs=runtime.blobs)


def end_waivers(runtime: Runtime) -> None:
    """Reopen the findings whose waiver expired."""
    exemptions.end_waivers(database=runtime.database)


def count_verdicts(tx: Transaction) -> Iterable[Sample]:
    """Count the verdicts by outcome."""
    for outcome, count in reading.count_verdicts(tx).items():
        yield ("verdicts", "Verdicts given, by outcome.", {"outcome": outcome}, float(count))


HANDLERS = (
    Handler(SubmissionReceived, check_submission),
    Handler(SubmissionOutdated, judge_again),
    Handler(ChunkReady, judge_chunk),
    Handler(ChunksJudged, finish_judging),
    Handler(SubmissionWithdrawn, withdraw_submission),
    Handler(MeetingMoved, record_meeting),
    Handler(MeetingCancelled, record_meeting),
    Handler(WindowSet, record_window),
)
TICKS = (
    Tick("settle-links", 5, settle_links),
    Tick("apply-publications", 10, apply_publications),
    Tick("end-waivers", 60, end_waivers),
)
