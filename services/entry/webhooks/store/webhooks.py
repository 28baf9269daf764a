"""Webhooks, what they are signed with, and who holds one just now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update

from services.entry.webhooks.domain import Secret, Webhook
from services.entry.webhooks.store.tables import webhook_messages, webhook_secrets, webhooks
from shared.database import Transaction

WEBHOOK = tuple(column for column in webhooks.c if column.name not in ("slot", "claim", "free_at"))


def add_webhook(tx: Transaction, webhook: Webhook, *, slot: int) -> None:
    """Keep a new webhook; where the slot was taken meanwhile, the commit raises `RowExists`."""
    row = asdict(webhook) | {"events": list(webhook.events), "slot": slot}
    tx.add(webhooks, row | {"claim": None, "free_at": webhook.made_at})


def slots_of(tx: Transaction, reporter: str) -> set[int]:
    """The slots that the reporter's webhooks have."""
    return set(tx.execute(select(webhooks.c.slot).where(webhooks.c.reporter == reporter)).scalars())


def find_webhook(tx: Transaction, webhook: str) -> Webhook | None:
    """The webhook, if there is one."""
    row = tx.execute(select(*WEBHOOK).where(webhooks.c.id == webhook)).first()
    return _webhook(row) if row else None


def webhooks_of(tx: Transaction, reporter: str) -> list[Webhook]:
    """All of a reporter, the oldest first."""
    mine = select(*WEBHOOK).where(webhooks.c.reporter == reporter).order_by(webhooks.c.id)
    return [_webhook(row) for row in tx.execute(mine)]


def enabled_webhooks(tx: Transaction) -> list[Webhook]:
    """All that are told of anything; none of them is ended before the transaction is."""
    enabled = select(*WEBHOOK).where(webhooks.c.state == "enabled").order_by(webhooks.c.id)
    return [_webhook(row) for row in tx.execute(enabled.with_for_update(read=True))]


def remove_webhook(tx: Transaction, webhook: str) -> None:
    """Forget a webhook, its secrets and what it was told."""
    # It goes last: what is its own is seen only while it is there. It is locked first, so that nobody adds to it.
    lock_webhook(tx, webhook)
    tx.execute(delete(webhook_secrets).where(webhook_secrets.c.webhook == webhook))
    tx.execute(delete(webhook_messages).where(webhook_messages.c.webhook == webhook))
    tx.execute(delete(webhooks).where(webhooks.c.id == webhook))


def disable_webhook(tx: Transaction, webhook: str, *, reason: str) -> bool:
    """Send nothing there from now on; False when that is so already."""
    return _turn(tx, webhook, old="enabled", state="disabled", disabled_at=tx.now, reason=reason)


def enable_webhook(tx: Transaction, webhook: str) -> bool:
    """Send there again; False when that is so already."""
    return _turn(tx, webhook, old="disabled", state="enabled", disabled_at=None, reason=None, free_at=tx.now)


def count_due_webhooks(tx: Transaction, *, most: int) -> int:
    """To how many webhooks something is to be sent now."""
    due = select(webhooks.c.id).where(_is_due(tx.now)).limit(most).subquery()
    counted: int = tx.execute(select(func.count()).select_from(due)).scalar_one()
    return counted


def claim_webhook(tx: Transaction, *, claim: str, until: datetime) -> Webhook | None:
    """Hold a webhook to which something is to be sent, the one that was longest left alone; other senders skip it."""
    longest_free = (
        select(webhooks.c.id)
        .where(_is_due(tx.now))
        .order_by(webhooks.c.free_at, webhooks.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    held = (
        update(webhooks)
        .where(webhooks.c.id == longest_free)
        .values(claim=claim, free_at=until)
        .returning(*WEBHOOK)
    )
    row = tx.execute(held).first()
    return _webhook(row) if row else None


def free_webhook(tx: Transaction, webhook: str, *, claim: str, at: datetime) -> bool:
    """Let go of a webhook, which rests until the moment; False when it was not held any more."""
    c = webhooks.c
    freed = (
        update(webhooks)
        .where(c.id == webhook, c.claim == claim)
        .values(claim=None, free_at=at)
        .returning(c.id)
    )
    return tx.execute(freed).first() is not None


def add_webhook_secret(tx: Transaction, secret: Secret) -> None:
    """Keep a new secret."""
    tx.add(webhook_secrets, asdict(secret))


def live_webhook_secrets(tx: Transaction, webhook: str) -> list[Secret]:
    """What the webhook's messages are signed with now, the newest first."""
    live = select(webhook_secrets).where(webhook_secrets.c.webhook == webhook, _is_live(tx.now))
    return [Secret(*row) for row in tx.execute(live.order_by(webhook_secrets.c.id.desc()))]


def live_webhook_secrets_of(tx: Transaction, listed: Sequence[Webhook]) -> dict[str, list[Secret]]:
    """The same for several webhooks, by their ids."""
    c = webhook_secrets.c
    live = select(webhook_secrets).where(c.webhook.in_([each.id for each in listed]), _is_live(tx.now))
    found: dict[str, list[Secret]] = {each.id: [] for each in listed}
    for row in tx.execute(live.order_by(c.id.desc())):
        found[row.webhook].append(Secret(*row))
    return found


def end_webhook_secrets(tx: Transaction, webhook: str, *, at: datetime) -> None:
    """Have the webhook's secrets end at the moment, unless they end already; those that have ended are forgotten."""
    c = webhook_secrets.c
    tx.execute(delete(webhook_secrets).where(c.webhook == webhook, ~_is_live(tx.now)))
    tx.execute(update(webhook_secrets).where(c.webhook == webhook, c.ends_at.is_(None)).values(ends_at=at))


def remove_webhook_secret(tx: Transaction, secret: str) -> None:
    """Forget a secret."""
    tx.execute(delete(webhook_secrets).where(webhook_secrets.c.id == secret))


def lock_webhook(tx: Transaction, webhook: str) -> None:
    """Let nobody else change the webhook's secrets until the transaction ends."""
    tx.execute(select(webhooks.c.id).where(webhooks.c.id == webhook).with_for_update())


def _is_due(now: datetime) -> ColumnElement[bool]:
    m = webhook_messages.c
    waiting = select(m.id).where(m.webhook == webhooks.c.id, m.state == "waiting", m.due_at <= now)
    return (webhooks.c.state == "enabled") & (webhooks.c.free_at <= now) & waiting.exists()


def _is_live(now: datetime) -> ColumnElement[bool]:
    return or_(webhook_secrets.c.ends_at.is_(None), webhook_secrets.c.ends_at > now)


def _turn(tx: Transaction, webhook: str, *, old: str, **values: Any) -> bool:
    c = webhooks.c
    turned = update(webhooks).where(c.id == webhook, c.state == old).values(**values).returning(c.id)
    return tx.execute(turned).first() is not None


def _webhook(row: Row[*tuple[Any, ...]]) -> Webhook:
    return Webhook(**(row._asdict() | {"events": tuple(row.events)}))
