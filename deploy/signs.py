"""Signs of life: what the database shows of workers, relay and beat, wherever they run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from deploy.installation import NAMES
from shared.bus import store
from shared.bus.lanes import is_bulk, lanes_of, late_lanes
from shared.clock import SystemClock
from shared.database import Database, Transaction
from shared.settings import Settings

OVERDUE = timedelta(seconds=30)
"""An idle relay looks every few milliseconds: what has been due so long is rung by nobody."""

ALL_LANES = [lane for name in NAMES for lane in lanes_of(name)]


def silent_lanes(settings: Settings, names: Sequence[str], *, bulk: bool) -> dict[str, str]:
    """Lanes of the services, or of all four if none is named, that nobody works at; each with what tells so."""
    lanes = [lane for name in names or NAMES for lane in lanes_of(name) if is_bulk(lane) == bulk]
    with _looking(settings) as tx:
        heartbeats = store.heartbeats(tx, lanes=lanes)
        return late_lanes(heartbeats, lanes=lanes, now=tx.now, canary_seconds=settings.canary_seconds)


def unrung_lanes(settings: Settings) -> list[str]:
    """Lanes in which something has long been due and nothing is in flight.

    With a backlog, something is always in flight: what waits behind a full window is not forgotten.
    """
    with _looking(settings) as tx:
        return [
            lane
            for lane in ALL_LANES
            if store.has_due(tx, lanes=[lane], now=tx.now - OVERDUE)
            and not store.count_in_flight(tx, lane=lane, now=tx.now)
        ]


def is_ticking(settings: Settings) -> bool:
    """Whether some lane has finished a canary lately: somebody ticks, and it reaches somebody."""
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
