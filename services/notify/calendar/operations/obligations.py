"""Read obligations, and record the status of the submissions that meet them."""

from collections.abc import Iterable

from services.notify.calendar import store
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.obligations import Obligation
from shared.database import Transaction
from shared.events.submissions import SubmissionEvent
from shared.identity.callers import Caller


def list_obligations(tx: Transaction, *, structures: Iterable[str] | None = None) -> tuple[Obligation, ...]:
    """Return the obligations by deadline, of some structures if given."""
    return store.list_obligations(tx, structures=structures)


def list_visible_obligations(tx: Transaction, *, caller: Caller) -> tuple[Obligation, ...]:
    """Return the obligations that the caller may see, by deadline."""
    return store.list_obligations(tx, structures=reminders.structures_visible_to(caller))


def record_status(tx: Transaction, *, event: SubmissionEvent, verdict: int, status: str) -> None:
    """Record the status of a submission, unless one with a higher (version, verdict) is recorded."""
    store.upsert_submission_status(
        tx,
        submission=event.submission,
        at=(event.version, verdict),
        status=status,
        obligation={"structure": event.reporter, "kind": event.kind, "period": event.period},
    )
