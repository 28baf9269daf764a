"""What entry does about events: each handler calls one operation."""

from functools import partial

from services.entry import operations
from shared.bus.handling import Effect
from shared.events import SubmissionAccepted, SubmissionProgressed, SubmissionReturned, WindowSet
from shared.service import Runtime


def show_verdict(_runtime: Runtime, event: SubmissionAccepted | SubmissionReturned) -> Effect:
    """Let the sender see the verdict."""
    return partial(operations.note_verdict, event=event)


def show_progress(_runtime: Runtime, event: SubmissionProgressed) -> Effect:
    """Let the sender see how far the checking is."""
    return partial(operations.note_progress, event=event)


def set_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Take submissions inside the window only."""
    return partial(operations.set_window, event=event)
