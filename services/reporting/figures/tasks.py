"""Event handlers of figures. A handler reads and computes; its effect writes."""

from functools import partial

from services.reporting.figures.domain.contributions import Contribution
from services.reporting.figures.operations import folding
from shared.bus.handling import Effect
from shared.events import SubmissionAccepted, SubmissionReturned, SubmissionWithdrawn
from shared.resources import Runtime
from shared.runtime.declarations import Handler


def fold_submission(runtime: Runtime, event: SubmissionAccepted) -> Effect:
    """Add the records of an accepted submission to the figures."""
    contribution = folding.load_contribution(runtime.blobs, event=event)
    return partial(folding.fold_submission, event=event, contribution=contribution)


def remove_submission(
    runtime: Runtime,  # noqa: ARG001 - the signature of handlers
    event: SubmissionReturned | SubmissionWithdrawn,
) -> Effect:
    """Remove the records of a returned or withdrawn submission from the figures."""
    return partial(folding.fold_submission, event=event, contribution=Contribution())


HANDLERS = (
    Handler(SubmissionAccepted, fold_submission),
    Handler(SubmissionReturned, remove_submission),
    Handler(SubmissionWithdrawn, remove_submission),
)
