"""What reporting does about events: compute here, write in the effect."""

from functools import partial

from services.reporting import operations
from shared.bus.handling import Effect
from shared.events import (
    DeadlineSet,
    MeetingMoved,
    ObligationSet,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)
from shared.resources import Runtime


def note_arrival(runtime: Runtime, event: SubmissionReceived) -> Effect:  # noqa: ARG001 - every handler's shape
    """It counts for completeness."""
    return partial(operations.note_arrival, event=event)


def fold_submission(runtime: Runtime, event: SubmissionAccepted) -> Effect:
    """Its records count from here on."""
    holding = operations.read_holding(runtime.blobs, body=event.body)
    return partial(operations.fold_submission, event=event, holding=holding)


def remove_submission(
    runtime: Runtime,  # noqa: ARG001 - the same
    event: SubmissionReturned | SubmissionWithdrawn,
) -> Effect:
    """Its records count no more."""
    return partial(operations.remove_submission, event=event)


def note_obligation(runtime: Runtime, event: ObligationSet) -> Effect:  # noqa: ARG001 - the same
    """It is held against what comes in."""
    return partial(operations.note_obligation, event=event)


def note_deadline(runtime: Runtime, event: DeadlineSet) -> Effect:  # noqa: ARG001 - the same
    """It is shown with completeness."""
    return partial(operations.note_deadline, event=event)


def note_meeting(runtime: Runtime, event: MeetingMoved) -> Effect:  # noqa: ARG001 - the same
    """It is shown with the deadlines that follow from it."""
    return partial(operations.note_meeting, event=event)
