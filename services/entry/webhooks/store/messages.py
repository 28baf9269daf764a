"""Queries of messages to webhooks, and of the cursor in the audit log."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from services.entry.webhooks.domain import Message
from services.entry.webhooks.store.tables import webhook_cursor, webhook_messages
from shared.database import Transaction

_THE_ROW = 1


def find_cursor(tx: Transaction) -> int:
    """Return the sequence of the last read entry; 0 before the first."""
    found: int | None = tx.execute(select(webhook_cursor.c.sequence)).scalar()
    return found or 0


def lock_cursor(tx: Transaction) -> int:
    """Lock the cursor until the transaction ends. Return the sequence of the last read entry."""
    tx.add(webhook_cursor, {"id": _THE_ROW, "sequence": 0}, ignore_existing=True)
    locked: int = tx.execute(select(webhook_cursor.c.sequence).with_for_update()).scalar_one()
    return locked


def update_cursor(tx: Transaction, sequence: int) -> None:
    """Set the cursor to the last read entry."""
    tx.execute(update(webhook_cursor).values(sequence=sequence))


def insert_messages(tx: Transaction, messages: Iterable[Message]) -> None:
    """Insert messages, without a second one for the same webhook and entry."""
    tx.add(webhook_messages, *map(asdict, messages), ignore_existing=True)


def find_message(tx: Transaction, message: str) -> Message | None:
    """Return the message; None if it does not exist."""
    row = tx.execute(select(webhook_messages).where(webhook_messages.c.id == message)).first()
    return Message(*row) if row else None


def list_messages(
    tx: Transaction, *, webhook: str, state: str | None, after: str | None, limit: int
) -> list[Message]:
    """List the messages to a webhook, the latest first; `after` is the last id seen."""
    c = webhook_messages.c
    query = select(webhook_messages).where(c.webhook == webhook).order_by(c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(c.state == state)
    if after is not None:
        query = query.where(c.id < after)
    return [Message(*row) for row in tx.execute(query)]


def claim_message(tx: Transaction, webhook: str) -> Message:
    """Return the message that is due longest for a claimed webhook, and count one more attempt."""
    c = webhook_messages.c
    first = (
        select(c.id)
        .where(c.webhook == webhook, c.state == "waiting", c.due_at <= tx.now)
        .order_by(c.due_at, c.sequence, c.id)
        .limit(1)
        .scalar_subquery()
    )
    claimed = update(webhook_messages).where(c.id == first).values(attempts=c.attempts + 1)
    return Message(*tx.execute(claimed.returning(webhook_messages)).one())


def update_message(tx: Transaction, message: str, **values: Any) -> None:
    """Store the result of an attempt."""
    tx.execute(update(webhook_messages).where(webhook_messages.c.id == message).values(**values))


def update_waiting_to_failed(tx: Transaction, webhook: str, *, reason: str) -> None:
    """Mark all waiting messages to a webhook as failed."""
    c = webhook_messages.c
    tx.execute(
        update(webhook_messages)
        .where(c.webhook == webhook, c.state == "waiting")
        .values(state="failed", last_error=reason)
    )


def list_message_ids(tx: Transaction, webhook: str, sequences: Collection[int]) -> list[str]:
    """List the ids of the messages to a webhook about the entries."""
    c = webhook_messages.c
    found = select(c.id).where(c.webhook == webhook, c.sequence.in_(list(sequences)))
    return list(tx.execute(found).scalars())


def update_to_waiting(tx: Transaction, messages: Collection[str]) -> None:
    """Make messages due now, as if for the first time."""
    tx.execute(
        update(webhook_messages)
        .where(webhook_messages.c.id.in_(list(messages)))
        .values(state="waiting", attempts=0, due_at=tx.now, first_due_at=tx.now)
    )


def delete_messages(tx: Transaction, *, before: datetime) -> None:
    """Delete the sent and failed messages from before a time."""
    c = webhook_messages.c
    tx.execute(delete(webhook_messages).where(c.state != "waiting", c.due_at < before))


def count_messages(tx: Transaction) -> dict[str, int]:
    """Count the messages in each state."""
    c = webhook_messages.c
    rows = tx.execute(select(c.state, func.count().label("messages")).group_by(c.state))
    return {row.state: row.messages for row in rows}
