"""Note how submissions stand: an obligation is met while one is received or accepted."""

from services.notify import store
from shared.database import Transaction
from shared.events.submissions import SubmissionEvent


def note_standing(tx: Transaction, *, event: SubmissionEvent, verdict: int, standing: str) -> None:
    """Note a submission's standing, unless a higher (version, verdict) is noted already."""
    store.keep_standing(
        tx,
        submission=event.submission,
        at=(event.version, verdict),
        standing=standing,
        owed={"structure": event.reporter, "kind": event.kind, "period": event.period},
    )
