"""What mails of their own are to say."""

from dataclasses import asdict

from sqlalchemy import select

from services.notify.domain.notices import WebhookNotice
from services.notify.store.tables import webhook_notices
from shared.database import Transaction


def add_notice(tx: Transaction, *, mail: str, notice: WebhookNotice) -> None:
    """Write what a mail is to say."""
    tx.add(webhook_notices, {"mail": mail} | asdict(notice))


def find_notice(tx: Transaction, mail: str) -> WebhookNotice | None:
    """What a mail is to say; None where it is a mail of reminders."""
    columns = [column for column in webhook_notices.c if column.name != "mail"]
    row = tx.execute(select(*columns).where(webhook_notices.c.mail == mail)).one_or_none()
    return WebhookNotice(*row) if row else None
