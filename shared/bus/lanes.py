"""Lanes: a queue bears its service's name; a second one, `.bulk`, takes large work, so that small work never waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime

BULK = ".bulk"

LATE_CANARIES = 6
"""A lane is late when it missed so many canaries in a row."""


def lane_of(service: str, *, is_large: bool) -> str:
    """The queue that takes a delivery for the service."""
    return service + BULK if is_large else service


def lanes_of(service: str) -> tuple[str, str]:
    """Both queues of a service."""
    return service, service + BULK


def is_bulk(lane: str) -> bool:
    """Whether the lane takes large work."""
    return lane.endswith(BULK)


def late_lanes(
    heartbeats: Mapping[str, datetime], *, lanes: Sequence[str], now: datetime, canary_seconds: float
) -> dict[str, str]:
    """The lanes at which nobody seems to work, each with what tells so; `songs` are when they last finished a canary."""
    late = {}
    for lane in lanes:
        if lane not in heartbeats:
            late[lane] = "no worker has finished a canary yet"
        elif (silent := (now - heartbeats[lane]).total_seconds()) > LATE_CANARIES * canary_seconds:
            late[lane] = f"no worker has finished a canary for {silent:.0f} s"
    return late
