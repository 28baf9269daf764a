"""The content of webhook notices as rows. The content of all other messages is read from the calendar."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import Boolean, Column, Date, String, Table, Text, select

from services.notify.messages.domain import WebhookNotice
from shared.database import Transaction, metadata_of, owned_by_reporter

webhook_notices = Table(
    "webhook_notices",
    metadata_of("notify"),
    Column("mail", String(36), primary_key=True),
    Column("webhook", String(36), nullable=False),
    Column("reporter", String(64), nullable=False),
    Column("host", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("is_for_secretariat", Boolean, nullable=False),
    info=owned_by_reporter("reporter"),
)


def insert_webhook_notice(tx: Transaction, *, mail: str, notice: WebhookNotice) -> None:
    """Insert the content of a mail."""
    tx.add(webhook_notices, {"mail": mail} | asdict(notice))


def find_webhook_notice(tx: Transaction, mail: str) -> WebhookNotice | None:
    """Return the webhook notice that a mail carries, or None."""
    columns = [column for column in webhook_notices.c if column.name != "mail"]
    row = tx.execute(select(*columns).where(webhook_notices.c.mail == mail)).one_or_none()
    return WebhookNotice(*row) if row else None


def list_mails_with_notices(tx: Transaction, mails: Collection[str]) -> frozenset[str]:
    """Return the ids of the mails that carry a notice."""
    rows = tx.execute(select(webhook_notices.c.mail).where(webhook_notices.c.mail.in_(list(mails))))
    return frozenset(row.mail for row in rows)
