"""The events from which windows and deadlines are known."""

from functools import partial

from services.entry.windows import operations
from shared.bus.handling import Effect
from shared.events import DeadlineSet, WindowSet
from shared.service import Handler, Runtime


def set_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Store the window of a mapping."""
    return partial(operations.set_window, event=event)


def set_deadline(_runtime: Runtime, event: DeadlineSet) -> Effect:
    """Store the deadline of a mapping."""
    return partial(operations.set_deadline, event=event)


HANDLERS = (Handler(WindowSet, set_window), Handler(DeadlineSet, set_deadline))
