"""Record the status of submissions, which meet obligations or reopen them."""

from services.notify.calendar.operations.obligations import record_status
from shared.bus.handling import Effect
from shared.events import SubmissionAccepted, SubmissionReceived, SubmissionReturned, SubmissionWithdrawn
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def record_received(_runtime: Runtime, event: SubmissionReceived) -> Effect:
    """Meet the obligation until a verdict says otherwise."""
    return lambda tx: record_status(tx, event=event, verdict=0, status="received")


def record_accepted(_runtime: Runtime, event: SubmissionAccepted) -> Effect:
    """Meet the obligation of an accepted submission."""
    return lambda tx: record_status(tx, event=event, verdict=event.verdict, status="accepted")


def record_returned(_runtime: Runtime, event: SubmissionReturned) -> Effect:
    """Reopen the obligation of a returned submission."""
    return lambda tx: record_status(tx, event=event, verdict=event.verdict, status="returned")


def record_withdrawn(_runtime: Runtime, event: SubmissionWithdrawn) -> Effect:
    """Reopen the obligation of a withdrawn submission."""
    return lambda tx: record_status(tx, event=event, verdict=0, status="withdrawn")


HANDLERS = (
    Handler(SubmissionReceived, record_received),
    Handler(SubmissionAccepted, record_accepted),
    Handler(SubmissionReturned, record_returned),
    Handler(SubmissionWithdrawn, record_withdrawn),
)
