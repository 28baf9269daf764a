"""Tell by mail what cannot wait for a reminder."""

from datetime import date
from email.utils import parseaddr

from services.notify import store
from services.notify.domain.notices import WebhookNotice
from services.notify.store import Contact
from shared.database import Transaction
from shared.events import WebhookDisabled
from shared.ids import new_id
from shared.reference.reporters import SECRETARIAT


def tell_webhook_disabled(tx: Transaction, *, event: WebhookDisabled, secretariat: str) -> None:
    """Write a mail to the reporter's mailbox; where none is known, to the Secretariat, given as a From line names it."""
    contact = store.all_contacts(tx).get(event.reporter)
    notice = WebhookNotice(
        webhook=event.webhook,
        reporter=event.reporter,
        host=event.host,
        reason=event.reason,
        day=date.fromisoformat(event.disabled_at[:10]),
        is_for_secretariat=contact is None and event.reporter != SECRETARIAT,
    )
    recipient = contact or _contact_in(secretariat)
    to = {"recipient": recipient.address, "backup": recipient.backup, "label": recipient.label}
    mail = new_id()
    store.add_mail(tx, mail=mail, to=to, now=tx.now)
    store.add_notice(tx, mail=mail, notice=notice)


def _contact_in(sender: str) -> Contact:
    label, address = parseaddr(sender)
    return Contact(structure=SECRETARIAT, address=address, backup=None, label=label or "IISG Secretariat")
