"""What validation does about events."""

from services.validation import operations
from shared.bus.handling import Effect
from shared.events import SubmissionReceived, SubmissionWithdrawn
from shared.service import Runtime


def check_submission(runtime: Runtime, event: SubmissionReceived) -> Effect:
    """Judge what was received."""
    return operations.check_submission(database=runtime.database, blobs=runtime.blobs, event=event)


def forget_submission(_runtime: Runtime, event: SubmissionWithdrawn) -> Effect:
    """Nobody may refer to what was withdrawn."""
    return lambda tx: operations.forget_submission(tx, submission=event.submission, version=event.version)
