"""Readiness. A web process is ready when it can accept a submission, which needs the database and blobs but no broker."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import literal, select

from shared.bus import store
from shared.bus.lanes import lanes_of, late_lanes
from shared.database import Transaction
from shared.logs import log
from shared.resources import Runtime
from shared.runtime.broker import Broker
from shared.runtime.declarations import Service


def readiness(parts: Sequence[tuple[Service, Runtime]], broker: Broker) -> tuple[int, dict[str, Any]]:
    """Return the status and body of `/health/ready`: 503 without database or blobs.

    `degraded` names faults that only delay work.
    """
    failing: dict[str, str] = {}
    degraded: dict[str, str] = {}
    for service, runtime in parts:
        try:
            with runtime.database.read() as tx:
                tx.execute(select(literal(1)))
                degraded |= _late_lanes(service, runtime, tx)
        except Exception:  # noqa: BLE001 - any error means that the database is not ready
            log().exception("database is not ready", service=service.name)
            failing[f"{service.name}.database"] = "cannot be read"
        try:
            runtime.blobs.check()
        except OSError:
            failing["blobs"] = "the folder cannot be written"
    if not broker.is_reachable():
        degraded["broker"] = "cannot be reached; submissions are accepted and wait"
    state = "failing" if failing else "degraded" if degraded else "ready"
    return (503 if failing else 200), {"state": state, "failing": failing, "degraded": degraded}


def _late_lanes(service: Service, runtime: Runtime, tx: Transaction) -> dict[str, str]:
    lanes = lanes_of(service.name)
    heartbeats = store.heartbeats(tx, lanes=lanes)
    late = late_lanes(heartbeats, lanes=lanes, now=tx.now, canary_seconds=runtime.settings.canary_seconds)
    return {f"lane {lane}": why for lane, why in late.items()}
