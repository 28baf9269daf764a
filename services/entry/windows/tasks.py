"""The events of windows and deadlines."""

from functools import partial

from services.entry.windows import operations
from shared.bus.handling import Effect
from shared.events import DeadlineSet, WindowSet
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def apply_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Store the window of a mapping."""
    return partial(operations.apply_window, event=event)


def apply_deadline(_runtime: Runtime, event: DeadlineSet) -> Effect:
    """Store the deadline of a mapping."""
    return partial(operations.apply_deadline, event=event)


HANDLERS = (Handler(WindowSet, apply_window), Handler(DeadlineSet, apply_deadline))
