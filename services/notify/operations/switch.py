"""Hold and release sending: a restored installation must not send what its original has sent."""

from services.notify import store
from services.notify.domain.mails import MailState
from shared.database import Transaction


def hold_sending(tx: Transaction, *, reason: str) -> None:
    """Send nothing from now on; planning goes on, and what waits is marked as held."""
    store.lock_planning(tx)
    store.set_held(tx, is_held=True, reason=reason)
    store.turn_waiting_mails(tx, old=MailState.DUE, new=MailState.HELD, reason=reason)


def release_sending(tx: Transaction) -> None:
    """Send again: what still holds goes out, one mail per mailbox."""
    store.lock_planning(tx)
    store.set_held(tx, is_held=False, reason=None)
    store.turn_waiting_mails(tx, old=MailState.HELD, new=MailState.DUE, reason=None)
