"""The ledger of what was told to webhooks, and how far the journal was read for it."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from services.entry.webhooks.domain import Message
from services.entry.webhooks.store.tables import webhook_messages, webhook_position
from shared.database import Transaction

_THE_ROW = 1


def webhook_position_of(tx: Transaction) -> int:
    """The sequence of the last entry that was looked at; 0 before the first."""
    found: int | None = tx.execute(select(webhook_position.c.sequence)).scalar()
    return found or 0


def lock_webhook_position(tx: Transaction) -> int:
    """The same; nobody else reads on until the transaction ends."""
    tx.add(webhook_position, {"id": _THE_ROW, "sequence": 0}, ignore_existing=True)
    locked: int = tx.execute(select(webhook_position.c.sequence).with_for_update()).scalar_one()
    return locked


def move_webhook_position(tx: Transaction, sequence: int) -> None:
    """Note that all entries up to the sequence were looked at."""
    tx.execute(update(webhook_position).values(sequence=sequence))


def add_messages(tx: Transaction, messages: Iterable[Message]) -> None:
    """Keep messages; an entry that a webhook was told of already makes no second one."""
    tx.add(webhook_messages, *map(asdict, messages), ignore_existing=True)


def find_message(tx: Transaction, message: str) -> Message | None:
    """The message, if there is one."""
    row = tx.execute(select(webhook_messages).where(webhook_messages.c.id == message)).first()
    return Message(*row) if row else None


def list_messages(
    tx: Transaction, *, webhook: str, state: str | None, after: str | None, limit: int
) -> list[Message]:
    """What a webhook was told, the latest first; `after` is the last id seen."""
    c = webhook_messages.c
    query = select(webhook_messages).where(c.webhook == webhook).order_by(c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(c.state == state)
    if after is not None:
        query = query.where(c.id < after)
    return [Message(*row) for row in tx.execute(query)]


def begin_attempt(tx: Transaction, webhook: str) -> Message:
    """The message that waited longest for a webhook that is held, with one attempt more."""
    c = webhook_messages.c
    first = (
        select(c.id)
        .where(c.webhook == webhook, c.state == "waiting", c.due_at <= tx.now)
        .order_by(c.due_at, c.sequence, c.id)
        .limit(1)
        .scalar_subquery()
    )
    begun = update(webhook_messages).where(c.id == first).values(attempts=c.attempts + 1)
    return Message(*tx.execute(begun.returning(webhook_messages)).one())


def settle_message(tx: Transaction, message: str, **values: Any) -> None:
    """Write what became of an attempt."""
    tx.execute(update(webhook_messages).where(webhook_messages.c.id == message).values(**values))


def fail_waiting_messages(tx: Transaction, webhook: str, *, reason: str) -> None:
    """Give up all that waits for a webhook."""
    c = webhook_messages.c
    tx.execute(
        update(webhook_messages)
        .where(c.webhook == webhook, c.state == "waiting")
        .values(state="failed", last_error=reason)
    )


def messages_of_entries(tx: Transaction, webhook: str, sequences: Collection[int]) -> list[str]:
    """The ids of the messages that tell a webhook of these entries."""
    c = webhook_messages.c
    found = select(c.id).where(c.webhook == webhook, c.sequence.in_(list(sequences)))
    return list(tx.execute(found).scalars())


def send_again(tx: Transaction, messages: Collection[str]) -> None:
    """Have messages sent now, as if for the first time."""
    tx.execute(
        update(webhook_messages)
        .where(webhook_messages.c.id.in_(list(messages)))
        .values(state="waiting", attempts=0, due_at=tx.now, first_due_at=tx.now)
    )


def forget_messages(tx: Transaction, *, before: datetime) -> None:
    """Take out of the ledger what has waited for nothing since the moment."""
    c = webhook_messages.c
    tx.execute(delete(webhook_messages).where(c.state != "waiting", c.due_at < before))


def count_messages(tx: Transaction) -> dict[str, int]:
    """How many messages are in each state."""
    c = webhook_messages.c
    rows = tx.execute(select(c.state, func.count().label("messages")).group_by(c.state))
    return {row.state: row.messages for row in rows}
