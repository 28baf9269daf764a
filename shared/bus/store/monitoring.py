"""Queries of the operator: lane status, dead deliveries, replays, pruning and heartbeats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from shared.bus.store.tables import canaries, deliveries, events
from shared.database import Transaction


@dataclass(frozen=True)
class LaneStatus:
    """The status of one lane. `oldest_at` is the creation time of its oldest open delivery."""

    lane: str
    waiting: int
    in_flight: int
    dead: int
    oldest_at: datetime | None


def list_dead(tx: Transaction, *, limit: int) -> Sequence[Any]:
    """List dead deliveries, latest first: id, event, subscriber, attempts, finished_at, trace, reason."""
    c = deliveries.c
    dead = select(c.id, c.event, c.subscriber, c.attempts, c.finished_at, c.trace, c.reason)
    return tx.execute(dead.where(c.state == "dead").order_by(c.finished_at.desc()).limit(limit)).all()


def replay_dead(tx: Transaction, *, ids: Collection[str] | None, now: datetime) -> list[str]:
    """Replay dead deliveries by id, or all."""
    chosen: ColumnElement[bool] = deliveries.c.state == "dead"
    if ids is not None:
        chosen &= deliveries.c.id.in_(ids)
    revived = (
        update(deliveries)
        .where(chosen)
        .values(
            state="waiting", due_at=now, rings=0, attempts=0, started_at=None, finished_at=None, reason=None
        )
        .returning(deliveries.c.id)
    )
    return list(tx.execute(revived).scalars())


def lane_statuses(tx: Transaction) -> list[LaneStatus]:
    """Return the status of each lane with open or dead deliveries."""
    c = deliveries.c
    counts = [func.count().filter(c.state == state) for state in ("waiting", "rung", "dead")]
    oldest_at = func.min(c.created_at).filter(c.state != "dead")
    lanes = select(c.lane, *counts, oldest_at).where(c.state != "done").group_by(c.lane).order_by(c.lane)
    return [LaneStatus(*row) for row in tx.execute(lanes)]


def recent_durations(
    tx: Transaction, *, subscriber: str, since: datetime, limit: int
) -> dict[str, list[float]]:
    """Return the seconds from start to end of the latest finished deliveries, by event."""
    c = deliveries.c
    finished = (
        select(c.event, c.started_at, c.finished_at)
        .where(
            c.subscriber == subscriber, c.state == "done", c.finished_at >= since, c.started_at.is_not(None)
        )
        .order_by(c.finished_at.desc())
        .limit(limit)
    )
    durations: dict[str, list[float]] = {}
    for event, started_at, finished_at in tx.execute(finished):
        durations.setdefault(event, []).append((finished_at - started_at).total_seconds())
    return durations


def delete_done(tx: Transaction, *, before: datetime) -> int:
    """Delete deliveries done before the given time, and events without deliveries; return the number of deliveries."""
    done = delete(deliveries).where(deliveries.c.state == "done", deliveries.c.finished_at < before)
    deleted = len(tx.execute(done.returning(deliveries.c.id)).all())
    needed = select(deliveries.c.id).where(deliveries.c.event_id == events.c.id)
    tx.execute(delete(events).where(events.c.occurred_at < before, ~needed.exists()))
    return deleted


def record_heartbeat(tx: Transaction, *, lane: str, now: datetime) -> None:
    """Record the lane's heartbeat."""
    tx.upsert(canaries, {"lane": lane, "finished_at": now}, key=["lane"])


def heartbeats(tx: Transaction, *, lanes: Sequence[str]) -> dict[str, datetime]:
    """Return the time of each lane's last heartbeat."""
    rows = tx.execute(select(canaries.c.lane, canaries.c.finished_at).where(canaries.c.lane.in_(lanes)))
    return {row.lane: row.finished_at for row in rows}
