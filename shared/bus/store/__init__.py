"""The tables of the bus, and every query on them.

A delivery is `waiting` (due at `due_at`), `rung` (leased until `due_at`), `done` or `dead`. `started_at` is set while a
handler runs; `rings` counts the rings that no handler has heard yet.
"""

from shared.bus.store.handling import StartedDelivery, dead_letter, mark_done, mark_failed, mark_started
from shared.bus.store.monitoring import (
    LaneStatus,
    delete_done,
    heartbeats,
    lane_statuses,
    list_dead,
    recent_durations,
    record_heartbeat,
    replay_dead,
)
from shared.bus.store.ringing import (
    MAX_LEASE_FACTOR,
    ClaimedDelivery,
    claim_due,
    count_in_flight,
    list_due_lanes,
    release,
)
from shared.bus.store.tables import OPEN, blobs, canaries, deliveries, events, metadata

__all__ = [
    "MAX_LEASE_FACTOR",
    "OPEN",
    "ClaimedDelivery",
    "LaneStatus",
    "StartedDelivery",
    "blobs",
    "canaries",
    "claim_due",
    "count_in_flight",
    "dead_letter",
    "delete_done",
    "deliveries",
    "events",
    "heartbeats",
    "lane_statuses",
    "list_dead",
    "list_due_lanes",
    "mark_done",
    "mark_failed",
    "mark_started",
    "metadata",
    "recent_durations",
    "record_heartbeat",
    "release",
    "replay_dead",
]
