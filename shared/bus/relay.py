"""The relay: it claims due deliveries and sends their ids to the subscribers' queues. Several may run at once."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from shared.bus import store
from shared.bus.lanes import is_bulk, lease_of
from shared.bus.store import ClaimedDelivery
from shared.database import Database
from shared.logs import log
from shared.settings import Settings

Ring = Callable[[str, str, Sequence[tuple[str, str]]], None]
"""Sends (lane, event, [(delivery id, trace)]) to the broker; raises if the broker cannot be reached."""

BROKER_WAIT_SECONDS = 0.5
"""The wait after the broker or the database could not be reached."""

NEVER_ENDED = "the handler was started but never finished"


class Relay:
    """The relay, which turns due deliveries into messages. All its state is in the database, so it may be killed at any time."""

    def __init__(self, *, database: Database, lanes: Sequence[str], ring: Ring, settings: Settings) -> None:
        self._database = database
        self._lanes = tuple(lanes)
        self._ring = ring
        self._settings = settings

    def run(self, stopping: threading.Event) -> None:
        """Ring due deliveries until stopped. The relay survives outages of the broker and the database."""
        trouble = ""
        while not stopping.is_set():
            try:
                rung = self.ring_due()
            except Exception as error:  # noqa: BLE001 - a relay outlives every outage
                # Logged once: an outage of hours is one line, not two a second.
                if (reason := _in_one_line(error)) != trouble:
                    log().exception("relay cannot ring, retrying", error=reason)
                trouble = reason
                stopping.wait(BROKER_WAIT_SECONDS)
            else:
                if trouble:
                    log().warning("relay has recovered")
                trouble = ""
                if not rung:
                    stopping.wait(self._settings.poll_seconds)

    def ring_due(self) -> int:
        """Ring due deliveries, within each lane's window; return their number."""
        with self._database.read() as tx:
            due = store.list_due_lanes(tx, lanes=self._lanes, now=tx.now)
        return sum(self._ring_lane(lane) for lane in due)

    def _ring_lane(self, lane: str) -> int:
        claimed = self._claim(lane)
        # A batch of large work would keep one worker busy beyond its lease, while others are idle.
        batch = 1 if is_bulk(lane) else self._settings.ring_batch
        for at, group in enumerate(groups := list(_messages(claimed, batch))):
            try:
                self._ring(lane, group[0].event, [(delivery.id, delivery.trace) for delivery in group])
            except Exception:
                # The broker may be down for hours: unsent deliveries are released at once, so that none waits for a lease.
                unsent = [delivery.id for rest in groups[at:] for delivery in rest]
                with self._database.begin() as tx:
                    store.release(tx, ids=unsent, due_at=tx.now)
                raise
        return len(claimed)

    def _claim(self, lane: str) -> list[ClaimedDelivery]:
        settings = self._settings
        lease = lease_of(lane, settings)
        with self._database.begin() as tx:
            window = settings.bulk_window if is_bulk(lane) else settings.window
            free = window - store.count_in_flight(tx, lane=lane, now=tx.now)
            if free <= 0:
                return []
            claimed = store.claim_due(tx, lane=lane, now=tx.now, lease=lease, limit=free)
            exhausted = [delivery for delivery in claimed if delivery.attempts >= settings.max_attempts]
            for delivery in exhausted:
                store.dead_letter(tx, delivery=delivery.id, reason=delivery.reason or NEVER_ENDED, now=tx.now)
                log().error("delivery is dead", delivery=delivery.id, lane=lane)
            return [delivery for delivery in claimed if delivery not in exhausted]


def _in_one_line(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {cause}".partition("\n")[0]


def _messages(claimed: Sequence[ClaimedDelivery], batch: int) -> Iterator[list[ClaimedDelivery]]:
    """Group deliveries by event; those attempted before travel alone, so that a poison event harms no sibling."""
    kinds = sorted(claimed, key=_kind)
    for (_, was_attempted), group in groupby(kinds, key=_kind):
        deliveries = list(group)
        size = 1 if was_attempted else batch
        for start in range(0, len(deliveries), size):
            yield deliveries[start : start + size]


def _kind(delivery: ClaimedDelivery) -> tuple[str, bool]:
    return delivery.event, delivery.attempts > 0
