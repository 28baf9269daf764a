"""Queries of the relay: due deliveries are claimed, counted and released."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import CompoundSelect, String, bindparam, exists, func, literal, select, union_all, update

from shared.bus.store.tables import OPEN, deliveries
from shared.database import Transaction, UtcDateTime
from shared.retries import RetryPolicy, doubling

MAX_LEASE_FACTOR = 16
"""The maximum factor by which a lease grows."""


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that was claimed to be rung."""

    id: str
    event: str
    trace: str
    attempts: int
    rings: int
    reason: str | None
    """The reason of the last failure, if any."""


def list_due_lanes(tx: Transaction, *, lanes: Sequence[str], now: datetime) -> list[str]:
    """Return those of some lanes that have a due delivery, in their order."""
    due = set(tx.execute(_looks_into(tuple(lanes)), {"now": now}).scalars())
    return [lane for lane in lanes if lane in due]


# An idle relay asks sixty times a second, and building the query would take longer than running it.
@cache
def _looks_into(lanes: tuple[str, ...]) -> CompoundSelect[str]:
    """Return one look into the index for each lane: a query for distinct lanes would read the whole backlog."""
    is_due = (OPEN, deliveries.c.due_at <= bindparam("now", type_=UtcDateTime))
    return union_all(
        *(
            select(literal(lane, String)).where(exists().where(deliveries.c.lane == lane, *is_due))
            for lane in lanes
        )
    )


def count_in_flight(tx: Transaction, *, lane: str, now: datetime) -> int:
    """Count the lane's rung deliveries with a current lease; those with an expired lease have left the window."""
    counted = select(func.count()).where(
        deliveries.c.lane == lane, deliveries.c.state == "rung", deliveries.c.due_at > now
    )
    return int(tx.execute(counted).scalar_one())


def claim_due(
    tx: Transaction, *, lane: str, now: datetime, lease: timedelta, limit: int
) -> list[ClaimedDelivery]:
    """Lease the lane's due deliveries, oldest first, except those that other relays are claiming.

    The lease doubles with each unheard ring, up to `MAX_LEASE_FACTOR` times: under a backlog, messages wait in the broker
    for longer than a lease, and ringing all of them again would only lengthen the backlog.
    """
    due = (
        select(deliveries.c.id)
        .where(deliveries.c.lane == lane, OPEN, deliveries.c.due_at <= now)
        .order_by(deliveries.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    c = deliveries.c
    claim = (
        update(deliveries)
        .where(c.id.in_(due))
        .values(state="rung", due_at=now + lease, rings=c.rings + 1, started_at=None)
        .returning(c.id, c.event, c.trace, c.attempts, c.rings, c.reason)
    )
    claimed = [ClaimedDelivery(*row) for row in sorted(tx.execute(claim).all(), key=lambda row: row.id)]
    leases = RetryPolicy(doubling(lease, MAX_LEASE_FACTOR * lease))
    for rings in {delivery.rings for delivery in claimed if delivery.rings > 1}:
        again = [delivery.id for delivery in claimed if delivery.rings == rings]
        longer = leases.wait_after(rings)
        tx.execute(update(deliveries).where(c.id.in_(again)).values(due_at=now + longer))
    return claimed


def release(tx: Transaction, *, ids: Collection[str], due_at: datetime) -> None:
    """Release deliveries that were claimed but could not be rung."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == "rung", deliveries.c.started_at.is_(None))
        .values(state="waiting", due_at=due_at, rings=deliveries.c.rings - 1)
    )
