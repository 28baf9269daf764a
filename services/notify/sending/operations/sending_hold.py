"""Hold and release sending. A restored installation must not send the mails that its original has sent."""

from services.notify.reminders import operations as reminders
from services.notify.sending import formats, store
from services.notify.sending.domain import MailState
from shared.database import Transaction


def hold_sending(tx: Transaction, *, reason: str) -> None:
    """Stop sending. Planning goes on, and waiting mails are marked as held."""
    reminders.lock_planning(tx)
    store.upsert_hold(tx, is_held=True, reason=reason)
    store.update_waiting_mails(tx, old=MailState.DUE, new=MailState.HELD, reason=reason)


def release_sending(tx: Transaction) -> None:
    """Resume sending: one mail per mailbox, with all current content."""
    reminders.lock_planning(tx)
    store.upsert_hold(tx, is_held=False, reason=None)
    store.update_waiting_mails(tx, old=MailState.HELD, new=MailState.DUE, reason=None)


def find_hold_reason(tx: Transaction) -> str | None:
    """Return the reason why sending is held, or None if it is not."""
    is_held, reason = store.find_hold(tx)
    return (reason or formats.NO_REASON) if is_held else None
