"""Queries of the workers: deliveries are marked started, done or failed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update

from shared.bus.store.tables import OPEN, deliveries, events
from shared.database import Transaction


@dataclass(frozen=True)
class StartedDelivery:
    """A delivery that a handler has started, with its event."""

    id: str
    event: str
    trace: str
    attempts: int
    payload: dict[str, Any]


def mark_started(
    tx: Transaction, *, ids: Collection[str], now: datetime, lease: timedelta
) -> list[StartedDelivery]:
    """Count an attempt and renew the lease of deliveries that are rung and that no handler holds; return them."""
    is_free = (deliveries.c.state == "rung") & deliveries.c.started_at.is_(None)
    start = (
        update(deliveries)
        .where(deliveries.c.id.in_(_locked(ids, is_free)))
        .values(attempts=deliveries.c.attempts + 1, rings=0, started_at=now, due_at=now + lease)
        .returning(deliveries.c.id)
    )
    mine = list(tx.execute(start).scalars())
    found = (
        select(deliveries.c.id, events.c.name, deliveries.c.trace, deliveries.c.attempts, events.c.payload)
        .join(events, events.c.id == deliveries.c.event_id)
        .where(deliveries.c.id.in_(mine))
        .order_by(deliveries.c.id)
    )
    return [StartedDelivery(*row) for row in tx.execute(found)]


def mark_done(tx: Transaction, *, ids: Collection[str], now: datetime) -> set[str]:
    """Mark deliveries done; return the ids of those that this call marked."""
    done = (
        update(deliveries)
        .where(deliveries.c.id.in_(_locked(ids, OPEN)))
        .values(state="done", finished_at=now, reason=None)
        .returning(deliveries.c.id)
    )
    return set(tx.execute(done).scalars())


def _locked(ids: Collection[str], condition: ColumnElement[bool]) -> Select[tuple[str]]:
    """Lock rows in one order, so that workers with overlapping batches cannot deadlock."""
    c = deliveries.c
    return select(c.id).where(c.id.in_(ids), condition).order_by(c.id).with_for_update()


def mark_failed(tx: Transaction, *, delivery: str, reason: str, due_at: datetime) -> None:
    """Schedule a failed delivery to be rung again, with the reason of its failure."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, OPEN)
        .values(state="waiting", due_at=due_at, started_at=None, reason=reason)
    )


def dead_letter(tx: Transaction, *, delivery: str, reason: str, now: datetime) -> None:
    """Dead-letter a delivery with its reason."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, OPEN)
        .values(state="dead", finished_at=now, reason=reason)
    )
