"""Create the mails that each carry one notice."""

from datetime import datetime

from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from services.notify.messages import operations as messages
from services.notify.messages.domain import WebhookNotice
from services.notify.sending.formats import parse_sender
from services.notify.sending.operations.bundling import enqueue_mail
from shared.database import Transaction
from shared.events import WebhookDisabled
from shared.reference.days import reporter_day
from shared.reference.reporters import SECRETARIAT


def enqueue_webhook_notice(tx: Transaction, *, event: WebhookDisabled, secretariat: str) -> None:
    """Create a mail to the reporter's mailbox, or to the Secretariat, given as a From line, if there is none."""
    contact = contacts.find_contact(tx, structure=event.reporter)
    notice = WebhookNotice(
        webhook=event.webhook,
        reporter=event.reporter,
        host=event.host,
        reason=event.reason,
        day=reporter_day(event.reporter, datetime.fromisoformat(event.disabled_at)),
        is_for_secretariat=contact is None and event.reporter != SECRETARIAT,
    )
    mail = enqueue_mail(tx, contact=contact or _secretariat(secretariat), now=tx.now)
    messages.store_webhook_notice(tx, mail=mail, notice=notice)


def _secretariat(sender: str) -> Contact:
    label, address = parse_sender(sender)
    return Contact(structure=SECRETARIAT, address=address, backup=None, label=label)
