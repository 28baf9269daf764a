"""Event handlers of completeness."""

from functools import partial

from services.reporting.completeness import operations
from shared.bus.handling import Effect
from shared.events import DeadlineSet, MeetingCancelled, MeetingMoved, ObligationSet, SubmissionReceived
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def apply_arrival(runtime: Runtime, event: SubmissionReceived) -> Effect:  # noqa: ARG001 - the signature of handlers
    """Record an arrival for completeness."""
    return partial(operations.apply_arrival, event=event)


def apply_obligation(runtime: Runtime, event: ObligationSet) -> Effect:  # noqa: ARG001 - the signature of handlers
    """Record an obligation."""
    return partial(operations.apply_obligation, event=event)


def apply_deadline(runtime: Runtime, event: DeadlineSet) -> Effect:  # noqa: ARG001 - the signature of handlers
    """Record a deadline."""
    return partial(operations.apply_deadline, event=event)


def apply_meeting(runtime: Runtime, event: MeetingMoved | MeetingCancelled) -> Effect:  # noqa: ARG001 - the signature of handlers
    """Record the date of the meeting that deadlines follow from, or that it is cancelled."""
    return partial(operations.apply_meeting, event=event)


HANDLERS = (
    Handler(SubmissionReceived, apply_arrival),
    Handler(ObligationSet, apply_obligation),
    Handler(DeadlineSet, apply_deadline),
    Handler(MeetingMoved, apply_meeting),
    Handler(MeetingCancelled, apply_meeting),
)
