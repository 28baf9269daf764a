"""The bus's tables and every query on them.

A delivery is `waiting` (due at `due_at`), `rung` (leased until `due_at`), `done` or `dead`. `started_at` is set while a
handler has begun and neither ended nor raised.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from shared.database import Json, Moment, Transaction

metadata = MetaData(schema="bus")

events = Table(
    "events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("producer", String(20), nullable=False),
    Column("trace", String(36), nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("payload", Json, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("event", String(60), nullable=False),
    Column("subscriber", String(20), nullable=False),
    Column("lane", String(30), nullable=False),
    Column("trace", String(36), nullable=False),
    Column("state", String(8), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("rings", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("reason", Text),
)

LONGEST_LEASE = 16
"""How many times its first length a lease may become."""

OPEN = deliveries.c.state.in_(("waiting", "rung"))

Index(
    "open_deliveries",
    deliveries.c.lane,
    deliveries.c.due_at,
    postgresql_where=deliveries.c.state.in_(("waiting", "rung")),
    sqlite_where=deliveries.c.state.in_(("waiting", "rung")),
)
Index(
    "rung_deliveries",
    deliveries.c.lane,
    postgresql_where=deliveries.c.state == "rung",
    sqlite_where=deliveries.c.state == "rung",
)
Index(
    "finished_deliveries",
    deliveries.c.finished_at,
    postgresql_where=deliveries.c.state.in_(("done", "dead")),
    sqlite_where=deliveries.c.state.in_(("done", "dead")),
)
Index("deliveries_of_event", deliveries.c.event_id)

canaries = Table(
    "canaries",
    metadata,
    Column("lane", String(30), primary_key=True),
    Column("finished_at", Moment, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)


@dataclass(frozen=True)
class Rung:
    """A delivery that was claimed for ringing."""

    id: str
    event: str
    trace: str
    attempts: int
    rings: int
    reason: str | None
    """Why the last attempt failed, if it told."""


@dataclass(frozen=True)
class Started:
    """A delivery whose handling has begun, with its event."""

    id: str
    event: str
    trace: str
    attempts: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class LaneStatus:
    """How one lane stands. `oldest_at` is when its oldest open delivery was created."""

    lane: str
    waiting: int
    in_flight: int
    dead: int
    oldest_at: datetime | None


def has_due(tx: Transaction, *, lanes: Sequence[str], now: datetime) -> bool:
    """Whether any lane has something to ring."""
    due = (
        select(deliveries.c.id).where(deliveries.c.lane.in_(lanes), OPEN, deliveries.c.due_at <= now).limit(1)
    )
    return tx.execute(due).first() is not None


def count_in_flight(tx: Transaction, *, lane: str, now: datetime) -> int:
    """Deliveries of the lane that are rung and whose lease runs; a lapsed one has left the window."""
    counted = select(func.count()).where(
        deliveries.c.lane == lane, deliveries.c.state == "rung", deliveries.c.due_at > now
    )
    return int(tx.execute(counted).scalar_one())


def claim_due(tx: Transaction, *, lane: str, now: datetime, lease: timedelta, limit: int) -> list[Rung]:
    """Lease the lane's due deliveries, the oldest first; other relays' claims are passed over.

    The lease doubles with each ring that was not heard, up to `LONGEST_LEASE` times: under a backlog, messages wait in
    the broker for longer than they should, and ringing them all again would only make it longer.
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
    claimed = [Rung(*row) for row in sorted(tx.execute(claim).all(), key=lambda row: row.id)]
    for rings in {delivery.rings for delivery in claimed if delivery.rings > 1}:
        again = [delivery.id for delivery in claimed if delivery.rings == rings]
        longer = min(2 ** (rings - 1), LONGEST_LEASE) * lease
        tx.execute(update(deliveries).where(c.id.in_(again)).values(due_at=now + longer))
    return claimed


def put_back(tx: Transaction, *, ids: Collection[str], due_at: datetime) -> None:
    """Give up a claim that could not be rung."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == "rung", deliveries.c.started_at.is_(None))
        .values(state="waiting", due_at=due_at, rings=deliveries.c.rings - 1)
    )


def note_start(tx: Transaction, *, ids: Collection[str], now: datetime, lease: timedelta) -> list[Started]:
    """Count an attempt and renew the lease of what is rung and in nobody's hands; give those with their events."""
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
    return [Started(*row) for row in tx.execute(found)]


def finish(tx: Transaction, *, ids: Collection[str], now: datetime) -> set[str]:
    """Move deliveries to done; the answer holds those that this call moved."""
    done = (
        update(deliveries)
        .where(deliveries.c.id.in_(_locked(ids, OPEN)))
        .values(state="done", finished_at=now, reason=None)
        .returning(deliveries.c.id)
    )
    return set(tx.execute(done).scalars())


def _locked(ids: Collection[str], condition: ColumnElement[bool]) -> Select[tuple[str]]:
    """Lock rows in one order: two who were rung with the same ids, in other company, never wait in a circle."""
    c = deliveries.c
    return select(c.id).where(c.id.in_(ids), condition).order_by(c.id).with_for_update()


def note_failure(tx: Transaction, *, delivery: str, reason: str, due_at: datetime) -> None:
    """Have a delivery rung again later, with the reason it failed."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, OPEN)
        .values(state="waiting", due_at=due_at, started_at=None, reason=reason)
    )


def bury(tx: Transaction, *, delivery: str, reason: str, now: datetime) -> None:
    """Give a delivery up, with the reason."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, OPEN)
        .values(state="dead", finished_at=now, reason=reason)
    )


def list_dead(tx: Transaction, *, limit: int) -> Sequence[Any]:
    """The dead, the latest first: id, event, subscriber, attempts, finished_at, trace, reason."""
    c = deliveries.c
    dead = select(c.id, c.event, c.subscriber, c.attempts, c.finished_at, c.trace, c.reason)
    return tx.execute(dead.where(c.state == "dead").order_by(c.finished_at.desc()).limit(limit)).all()


def replay_dead(tx: Transaction, *, ids: Collection[str] | None, now: datetime) -> list[str]:
    """Have dead deliveries rung anew, those named or all."""
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
    """How each lane with open or dead deliveries stands."""
    c = deliveries.c
    counted = (
        select(c.lane, c.state, func.count().label("count"), func.min(c.created_at).label("oldest"))
        .where(c.state != "done")
        .group_by(c.lane, c.state)
        .order_by(c.lane)
    )
    lanes: dict[str, dict[str, Any]] = {}
    for row in tx.execute(counted):
        lanes.setdefault(row.lane, {})[row.state] = row
    return [
        LaneStatus(
            lane=lane,
            waiting=states["waiting"].count if "waiting" in states else 0,
            in_flight=states["rung"].count if "rung" in states else 0,
            dead=states["dead"].count if "dead" in states else 0,
            oldest_at=min(
                (row.oldest for state, row in states.items() if state != "dead"),
                default=None,
            ),
        )
        for lane, states in lanes.items()
    ]


def recent_durations(
    tx: Transaction, *, subscriber: str, since: datetime, limit: int
) -> dict[str, list[float]]:
    """Seconds from start to end of the latest deliveries finished, by event."""
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


def prune_done(tx: Transaction, *, before: datetime) -> int:
    """Delete deliveries done before the moment, and the events that no delivery needs any more."""
    done = delete(deliveries).where(deliveries.c.state == "done", deliveries.c.finished_at < before)
    pruned = len(tx.execute(done.returning(deliveries.c.id)).all())
    needed = select(deliveries.c.id).where(deliveries.c.event_id == events.c.id)
    tx.execute(delete(events).where(events.c.occurred_at < before, ~needed.exists()))
    return pruned


def sing(tx: Transaction, *, lane: str, now: datetime) -> None:
    """Note that the lane just finished work."""
    tx.upsert(canaries, {"lane": lane, "finished_at": now}, key=["lane"])


def last_songs(tx: Transaction, *, lanes: Sequence[str]) -> dict[str, datetime]:
    """When each lane last finished a canary."""
    rows = tx.execute(select(canaries.c.lane, canaries.c.finished_at).where(canaries.c.lane.in_(lanes)))
    return {row.lane: row.finished_at for row in rows}
