"""Handlers of trials."""

from services.validation.trials import operations
from shared.bus.handling import Effect
from shared.events import TrialReceived
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def judge_trial(runtime: Runtime, event: TrialReceived) -> Effect:
    """Judge a trial and store its report."""
    return operations.judge_trial(database=runtime.database, blobs=runtime.blobs, event=event)


HANDLERS = (Handler(TrialReceived, judge_trial),)
