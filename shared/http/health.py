"""Alive, ready, degraded. A web process is ready when it can take a submission: that needs no broker."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select

from shared.bus import store
from shared.bus.lanes import lanes_of
from shared.logs import log

if TYPE_CHECKING:
    from shared.service import Broker, Runtime, Service

LATE_CANARIES = 6
"""A lane is late when it missed so many canaries in a row."""


def readiness(parts: "list[tuple[Service, Runtime]]", broker: "Broker") -> tuple[int, dict[str, Any]]:
    """Status and body for `/health/ready`: 503 without database or blobs; `degraded` names what only delays."""
    failing: dict[str, str] = {}
    degraded: dict[str, str] = {}
    for service, runtime in parts:
        try:
            with runtime.database.read() as tx:
                tx.execute(select(literal(1)))
                degraded |= _late_lanes(service, runtime, store.last_songs(tx, lanes=lanes_of(service.name)))
        except Exception:  # noqa: BLE001 - whatever keeps it from reading
            log().exception("database is not ready", service=service.name)
            failing[f"{service.name}.database"] = "cannot be read"
        try:
            runtime.blobs.check()
        except OSError:
            failing["blobs"] = "the folder cannot be written"
    if not broker.is_reachable():
        degraded["broker"] = "cannot be reached; submissions are taken and wait"
    state = "failing" if failing else "degraded" if degraded else "ready"
    return (503 if failing else 200), {"state": state, "failing": failing, "degraded": degraded}


def _late_lanes(service: "Service", runtime: "Runtime", songs: dict[str, Any]) -> dict[str, str]:
    late = {}
    now = runtime.clock.now()
    for lane in lanes_of(service.name):
        sung_at = songs.get(lane)
        if sung_at is None:
            late[f"lane {lane}"] = "no worker has finished a canary yet"
        elif (silent := (now - sung_at).total_seconds()) > LATE_CANARIES * runtime.settings.canary_seconds:
            late[f"lane {lane}"] = f"no worker has finished a canary for {silent:.0f} s"
    return late
