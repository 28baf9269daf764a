"""Plan the reminders, and bundle those that are due into one mail per mailbox."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.notify.calendar.operations.obligations import plan_reminders
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from services.notify.messages import operations as messages
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.reminders import Reminder
from services.notify.sending import formats, store
from services.notify.sending.domain import MailState
from services.notify.sending.operations.sending_hold import find_hold_reason
from shared.database import Transaction
from shared.ids import new_id
from shared.reference.days import earliest_day
from shared.reference.reporters import STRUCTURES


def plan_and_bundle(tx: Transaction, *, now: datetime) -> None:
    """Plan the reminders, and bundle those that are due."""
    reminders.lock_planning(tx)
    # Senders lock a mail before its reminders; the same order here prevents a deadlock.
    store.lock_waiting_mails(tx)
    plan_reminders(tx, now=now)
    bundle_due_mails(tx, now=now)


def bundle_due_mails(tx: Transaction, *, now: datetime) -> int:
    """Bundle the due reminders into one mail per mailbox, with those of its waiting mail; return the number of mails.

    Bundle nothing while sending is held, so that each mailbox receives one mail when it is released.
    """
    reminders.lock_planning(tx)
    if find_hold_reason(tx) is not None:
        return 0
    waiting = _lock_waiting_mails(tx)
    known = contacts.list_contacts(tx)
    bundles = by_mailbox(reminders.list_due(tx, day=earliest_day(STRUCTURES, now)), known)
    bundles.pop(None, None)
    for recipient, bundled in bundles.items():
        replaced = waiting.get(recipient or "", [])
        mail = enqueue_mail(tx, contact=known[bundled[0].structure], now=now)
        reminders.bundle(tx, reminders=bundled, mail=mail, replaced=replaced)
        if replaced:
            store.update_locked_mails(tx, replaced, state=MailState.SUPERSEDED, reason=formats.REPLACED)
    return len(bundles)


def enqueue_mail(tx: Transaction, *, contact: Contact, now: datetime) -> str:
    """Create a mail that is due now; return its id."""
    mail = new_id()
    to = {"recipient": contact.address, "backup": contact.backup, "label": contact.label}
    store.insert_mail(tx, mail=mail, to=to, now=now)
    return mail


def by_mailbox(bundled: Iterable[Reminder], known: Mapping[str, Contact]) -> dict[str | None, list[Reminder]]:
    """Group reminders by the address of their structure's mailbox, None for structures without a contact."""
    bundles: dict[str | None, list[Reminder]] = {}
    for reminder in bundled:
        contact = known.get(reminder.structure)
        bundles.setdefault(contact.address if contact else None, []).append(reminder)
    return bundles


def _lock_waiting_mails(tx: Transaction) -> dict[str, list[str]]:
    """Return the waiting mails of reminders by recipient, locked. Nothing replaces a mail with a notice."""
    locked = store.lock_waiting_mails(tx)
    notices = messages.list_mails_with_notices(tx, mails=locked)
    waiting: dict[str, list[str]] = {}
    for mail, recipient in locked.items():
        if mail not in notices:
            waiting.setdefault(recipient, []).append(mail)
    return waiting
