"""Read the ledger of mails."""

from services.notify.sending import store
from services.notify.sending.domain import Mail
from shared.database import Transaction


def list_mails(tx: Transaction, *, state: str | None, after: str | None, limit: int) -> tuple[Mail, ...]:
    """Return the newest mails first: those in a state if given, those behind the id `after` if given."""
    return store.list_mails(tx, state=state, after=after, limit=limit)


def count_mails(tx: Transaction) -> dict[str, int]:
    """Return the number of mails in each state."""
    return store.count_mails(tx)
