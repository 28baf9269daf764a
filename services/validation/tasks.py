"""What validation does about events, and every so often."""

from services.validation import operations
from shared.bus.handling import Effect
from shared.events import (
    ChunkReady,
    ChunksJudged,
    MeetingMoved,
    SubmissionOutdated,
    SubmissionReceived,
    SubmissionWithdrawn,
    TrialReceived,
    WindowSet,
)
from shared.resources import Runtime


def check_submission(runtime: Runtime, event: SubmissionReceived) -> Effect:
    """Judge what was received; a large submission by its chunks."""
    return operations.check_submission(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_again(runtime: Runtime, event: SubmissionOutdated) -> Effect:
    """Judge anew what rests on something that changed."""
    return operations.judge_again(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_chunk(runtime: Runtime, event: ChunkReady) -> Effect:
    """Judge a part of a large submission."""
    return operations.judge_chunk(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_whole(runtime: Runtime, event: ChunksJudged) -> Effect:
    """Give the verdict on a large submission."""
    return operations.judge_whole(database=runtime.database, blobs=runtime.blobs, event=event)


def judge_trial(runtime: Runtime, event: TrialReceived) -> Effect:
    """Say what the verdict would be on what is only tried."""
    return operations.judge_trial(database=runtime.database, blobs=runtime.blobs, event=event)


def forget_submission(_runtime: Runtime, event: SubmissionWithdrawn) -> Effect:
    """Nobody may refer to what was withdrawn."""
    return lambda tx: operations.forget_submission(tx, submission=event.submission, version=event.version)


def note_meeting(_runtime: Runtime, event: MeetingMoved) -> Effect:
    """Know until when what it adopts is open."""
    return lambda tx: operations.note_meeting(tx, event=event)


def note_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Know which meeting adopts what is collected."""
    return lambda tx: operations.note_window(tx, event=event)


def settle_links(runtime: Runtime) -> None:
    """Have those judged again that refer to what changed."""
    operations.settle_links(database=runtime.database)


def apply_publications(runtime: Runtime) -> None:
    """Have open periods judged by the rules that came into force."""
    operations.apply_publications(database=runtime.database, blobs=runtime.blobs)


def end_waivers(runtime: Runtime) -> None:
    """Open again what was waived for a while that is over."""
    operations.end_waivers(database=runtime.database)
