"""Lanes: each service has a queue of its own name, and a second one, `.bulk`, for large work, so that small work never waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.settings import Settings

BULK = ".bulk"

LATE_CANARIES = 6
"""The number of missed heartbeats after which a lane is late."""


def lane_of(service: str, *, is_large: bool) -> str:
    """Return the lane of a delivery to a service."""
    return service + BULK if is_large else service


def lanes_of(service: str) -> tuple[str, str]:
    """Return both lanes of a service."""
    return service, service + BULK


def is_bulk(lane: str) -> bool:
    """Return whether a lane is for large work."""
    return lane.endswith(BULK)


def lease_of(lane: str, settings: Settings) -> timedelta:
    """Return the time that a delivery of the lane may stay unfinished before it is rung again."""
    return timedelta(seconds=settings.bulk_lease_seconds if is_bulk(lane) else settings.lease_seconds)


def late_lanes(
    heartbeats: Mapping[str, datetime], *, lanes: Sequence[str], now: datetime, canary_seconds: float
) -> dict[str, str]:
    """Return the late lanes, each with the reason; `heartbeats` are the times at which they last finished a canary."""
    late = {}
    for lane in lanes:
        if lane not in heartbeats:
            late[lane] = "no worker has finished a canary yet"
        elif (silent := (now - heartbeats[lane]).total_seconds()) > LATE_CANARIES * canary_seconds:
            late[lane] = f"no worker has finished a canary for {silent:.0f} s"
    return late
