"""Record the status of submissions, which meet obligations or reopen them."""

from functools import partial

from services.notify.calendar.operations import obligations
from shared.bus.handling import Effect
from shared.events.submissions import SubmissionEvent
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def record_status(_runtime: Runtime, event: SubmissionEvent) -> Effect:
    """Meet the obligation of a received or accepted submission; reopen that of a returned or withdrawn one."""
    return partial(obligations.record_status, event=event)


HANDLERS = tuple(Handler(event, record_status) for event in obligations.STATUS_OF)
