"""Liveness of workers, relay and beat, read from the database, wherever they run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from deploy.service_names import NAMES
from shared.bus import store
from shared.bus.lanes import is_bulk, lanes_of, late_lanes
from shared.clock import SystemClock
from shared.database import Database, Transaction
from shared.settings import Settings

OVERDUE = timedelta(seconds=30)
"""An idle relay polls every few milliseconds, so no relay rings a delivery that is overdue by this much."""

ALL_LANES = [lane for name in NAMES for lane in lanes_of(name)]


def idle_lanes(settings: Settings, names: Sequence[str], *, bulk: bool) -> dict[str, str]:
    """Return the lanes of the named services (or all four) that no worker serves, each with the evidence."""
    lanes = [lane for name in names or NAMES for lane in lanes_of(name) if is_bulk(lane) == bulk]
    with _looking(settings) as tx:
        heartbeats = store.heartbeats(tx, lanes=lanes)
        return late_lanes(heartbeats, lanes=lanes, now=tx.now, canary_seconds=settings.canary_seconds)


def unrung_lanes(settings: Settings) -> list[str]:
    """Return the lanes with overdue deliveries and none in flight.

    Under a backlog there is always one in flight: deliveries behind a full window are not overlooked.
    """
    with _looking(settings) as tx:
        return [
            lane
            for lane in store.list_due_lanes(tx, lanes=ALL_LANES, now=tx.now - OVERDUE)
            if not store.count_in_flight(tx, lane=lane, now=tx.now)
        ]


def is_ticking(settings: Settings) -> bool:
    """Return whether any lane finished a canary recently, which shows that ticks are sent and handled."""
    with _looking(settings) as tx:
        heartbeats = store.heartbeats(tx, lanes=ALL_LANES)
        late = late_lanes(heartbeats, lanes=ALL_LANES, now=tx.now, canary_seconds=settings.canary_seconds)
    return len(late) < len(ALL_LANES)


@contextmanager
def _looking(settings: Settings) -> Iterator[Transaction]:
    database = Database(settings.database, "operator", clock=SystemClock())
    try:
        with database.read() as tx:
            yield tx
    finally:
        database.dispose()
