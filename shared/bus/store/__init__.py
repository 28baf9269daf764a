"""The bus's tables and every query on them.

A delivery is `waiting` (due at `due_at`), `rung` (leased until `due_at`), `done` or `dead`. `started_at` is set while a
handler has begun and neither ended nor raised; `rings` counts those that nobody has heard yet.
"""

from shared.bus.store.handling import Started, bury, finish, note_failure, note_start
from shared.bus.store.ringing import LONGEST_LEASE, Rung, claim_due, count_in_flight, has_due, put_back
from shared.bus.store.tables import OPEN, blobs, canaries, deliveries, events, metadata
from shared.bus.store.watching import (
    LaneStatus,
    lane_statuses,
    last_songs,
    list_dead,
    prune_done,
    recent_durations,
    replay_dead,
    sing,
)

__all__ = [
    "LONGEST_LEASE",
    "OPEN",
    "LaneStatus",
    "Rung",
    "Started",
    "blobs",
    "bury",
    "canaries",
    "claim_due",
    "count_in_flight",
    "deliveries",
    "events",
    "finish",
    "has_due",
    "lane_statuses",
    "last_songs",
    "list_dead",
    "metadata",
    "note_failure",
    "note_start",
    "prune_done",
    "put_back",
    "recent_durations",
    "replay_dead",
    "sing",
]
