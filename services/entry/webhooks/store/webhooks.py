"""Queries of webhooks, their secrets, and their claims by senders."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update

from services.entry.webhooks.domain import Secret, Webhook
from services.entry.webhooks.store.tables import webhook_messages, webhook_secrets, webhooks
from shared.database import Transaction

WEBHOOK = tuple(column for column in webhooks.c if column.name not in ("slot", "claim", "free_at"))


def insert_webhook(tx: Transaction, webhook: Webhook, *, slot: int) -> None:
    """Insert a webhook. If the slot was taken meanwhile, the commit raises `RowExists`."""
    row = asdict(webhook) | {"events": list(webhook.events), "slot": slot}
    tx.add(webhooks, row | {"claim": None, "free_at": webhook.made_at})


def list_slots(tx: Transaction, reporter: str) -> set[int]:
    """List the slots of the reporter's webhooks."""
    return set(tx.execute(select(webhooks.c.slot).where(webhooks.c.reporter == reporter)).scalars())


def find_webhook(tx: Transaction, webhook: str) -> Webhook | None:
    """Return the webhook; None if it does not exist."""
    row = tx.execute(select(*WEBHOOK).where(webhooks.c.id == webhook)).first()
    return _webhook(row) if row else None


def list_webhooks(tx: Transaction, reporter: str) -> list[Webhook]:
    """List the webhooks of a reporter, the oldest first."""
    mine = select(*WEBHOOK).where(webhooks.c.reporter == reporter).order_by(webhooks.c.id)
    return [_webhook(row) for row in tx.execute(mine)]


def list_enabled(tx: Transaction) -> list[Webhook]:
    """List all enabled webhooks, locked against deletion until the transaction ends."""
    enabled = select(*WEBHOOK).where(webhooks.c.state == "enabled").order_by(webhooks.c.id)
    return [_webhook(row) for row in tx.execute(enabled.with_for_update(read=True))]


def delete_webhook(tx: Transaction, webhook: str) -> None:
    """Delete a webhook with its secrets and messages."""
    # The webhook is deleted last, since its rows are visible only while it exists. It is locked first, against inserts.
    lock_webhook(tx, webhook)
    tx.execute(delete(webhook_secrets).where(webhook_secrets.c.webhook == webhook))
    tx.execute(delete(webhook_messages).where(webhook_messages.c.webhook == webhook))
    tx.execute(delete(webhooks).where(webhooks.c.id == webhook))


def update_disabled(tx: Transaction, webhook: str, *, reason: str) -> bool:
    """Disable a webhook. Return False if it is disabled."""
    return _update_state(tx, webhook, old="enabled", state="disabled", disabled_at=tx.now, reason=reason)


def update_enabled(tx: Transaction, webhook: str) -> bool:
    """Enable a webhook. Return False if it is enabled."""
    return _update_state(
        tx, webhook, old="disabled", state="enabled", disabled_at=None, reason=None, free_at=tx.now
    )


def count_due_webhooks(tx: Transaction, *, limit: int) -> int:
    """Count the webhooks with due messages, up to a limit."""
    due = select(webhooks.c.id).where(_is_due(tx.now)).limit(limit).subquery()
    counted: int = tx.execute(select(func.count()).select_from(due)).scalar_one()
    return counted


def claim_webhook(tx: Transaction, *, claim: str, until: datetime) -> Webhook | None:
    """Claim the webhook with due messages that rested longest. Other senders skip it. Return None without one."""
    longest_free = (
        select(webhooks.c.id)
        .where(_is_due(tx.now))
        .order_by(webhooks.c.free_at, webhooks.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = (
        update(webhooks)
        .where(webhooks.c.id == longest_free)
        .values(claim=claim, free_at=until)
        .returning(*WEBHOOK)
    )
    row = tx.execute(claimed).first()
    return _webhook(row) if row else None


def release_webhook(tx: Transaction, webhook: str, *, claim: str, at: datetime) -> bool:
    """Release a webhook until the given time. Return False if the claim has expired."""
    c = webhooks.c
    released = (
        update(webhooks)
        .where(c.id == webhook, c.claim == claim)
        .values(claim=None, free_at=at)
        .returning(c.id)
    )
    return tx.execute(released).first() is not None


def insert_secret(tx: Transaction, secret: Secret) -> None:
    """Insert a secret."""
    tx.add(webhook_secrets, asdict(secret))


def list_live_secrets(tx: Transaction, webhook: str) -> list[Secret]:
    """List the live secrets of a webhook, the newest first."""
    return list_live_secrets_by_webhook(tx, [webhook])[webhook]


def list_live_secrets_by_webhook(tx: Transaction, listed: Sequence[str]) -> dict[str, list[Secret]]:
    """List the live secrets of several webhooks by webhook id, the newest first."""
    c = webhook_secrets.c
    live = select(webhook_secrets).where(c.webhook.in_(listed), _is_live(tx.now))
    found: dict[str, list[Secret]] = {webhook: [] for webhook in listed}
    for row in tx.execute(live.order_by(c.id.desc())):
        found[row.webhook].append(Secret(*row))
    return found


def update_secrets_expiry(tx: Transaction, webhook: str, *, at: datetime) -> None:
    """Let the webhook's live secrets without an expiry expire at a time, and delete expired ones."""
    c = webhook_secrets.c
    tx.execute(delete(webhook_secrets).where(c.webhook == webhook, ~_is_live(tx.now)))
    tx.execute(update(webhook_secrets).where(c.webhook == webhook, c.ends_at.is_(None)).values(ends_at=at))


def delete_secret(tx: Transaction, secret: str) -> None:
    """Delete a secret."""
    tx.execute(delete(webhook_secrets).where(webhook_secrets.c.id == secret))


def lock_webhook(tx: Transaction, webhook: str) -> None:
    """Lock the webhook's secrets against other changes until the transaction ends."""
    tx.execute(select(webhooks.c.id).where(webhooks.c.id == webhook).with_for_update())


def _is_due(now: datetime) -> ColumnElement[bool]:
    m = webhook_messages.c
    waiting = select(m.id).where(m.webhook == webhooks.c.id, m.state == "waiting", m.due_at <= now)
    return (webhooks.c.state == "enabled") & (webhooks.c.free_at <= now) & waiting.exists()


def _is_live(now: datetime) -> ColumnElement[bool]:
    return or_(webhook_secrets.c.ends_at.is_(None), webhook_secrets.c.ends_at > now)


def _update_state(tx: Transaction, webhook: str, *, old: str, **values: Any) -> bool:
    c = webhooks.c
    updated = update(webhooks).where(c.id == webhook, c.state == old).values(**values).returning(c.id)
    return tx.execute(updated).first() is not None


def _webhook(row: Row[*tuple[Any, ...]]) -> Webhook:
    return Webhook(**(row._asdict() | {"events": tuple(row.events)}))
