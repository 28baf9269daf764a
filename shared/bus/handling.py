"""Handling of deliveries by a worker: exactly one effect per event and subscriber.

If a worker dies in a handler, the start of the delivery is recorded and its lease runs out. The relay then rings it again,
alone. A delivery that was started `max_attempts` times without an end is dead-lettered (`shared.bus.relay`).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.bus import store
from shared.bus.store import StartedDelivery
from shared.database import Database, Transaction
from shared.events import Event, read_event
from shared.logs import log, tracing
from shared.retries import RetryPolicy, doubling
from shared.settings import Settings

Effect = Callable[[Transaction], None]
"""The write of a handler, run in the short transaction that also marks the delivery done."""

Handle = Callable[[Event], Effect]
"""Reads and computes outside any transaction, and returns the write."""


@dataclass(frozen=True)
class Lease:
    """The time that a started delivery may stay unfinished before it is rung again."""

    seconds: float


class DeliveryHandler:
    """A handler of the messages of one lane of one service."""

    def __init__(
        self, *, database: Database, handles: Mapping[str, Handle], lease: Lease, settings: Settings
    ) -> None:
        self._database = database
        self._handles = handles
        self._lease = timedelta(seconds=lease.seconds)
        self._settings = settings
        self._retries = RetryPolicy(
            doubling(timedelta(seconds=settings.retry_seconds), timedelta(seconds=settings.retry_cap_seconds))
        )

    def handle(self, ids: Sequence[str]) -> int:
        """Handle deliveries together, or each alone if one fails; return the number that this call marked done."""
        started = self._start(ids)
        prepared = [
            (delivery, effect) for delivery in started if (effect := self._prepare(delivery)) is not None
        ]
        try:
            return self._finish(prepared)
        except Exception:  # noqa: BLE001 - one of them raised it: each is handled alone
            if len(prepared) > 1:
                log().info("a batch is handled one by one", deliveries=len(prepared))
        return sum(self._finish_alone(delivery, effect) for delivery, effect in prepared)

    def _start(self, ids: Sequence[str]) -> list[StartedDelivery]:
        with self._database.begin() as tx:
            return store.mark_started(tx, ids=ids, now=tx.now, lease=self._lease)

    def _prepare(self, delivery: StartedDelivery) -> Effect | None:
        with self._tracing(delivery):
            try:
                event = read_event(delivery.event, delivery.payload)
                return self._handles[event.name](event)
            except Exception as error:  # noqa: BLE001 - a handler may raise any error; it becomes the reason
                self._mark_failed(delivery, error)
                return None

    def _finish(self, prepared: Sequence[tuple[StartedDelivery, Effect]]) -> int:
        if not prepared:
            return 0
        with self._database.begin() as tx:
            mine = store.mark_done(tx, ids=[delivery.id for delivery, _ in prepared], now=tx.now)
            for delivery, effect in prepared:
                if delivery.id in mine:
                    with self._tracing(delivery):
                        effect(tx)
        for delivery, _ in prepared:
            if delivery.id in mine:
                with self._tracing(delivery):
                    log().info("handled")
        return len(mine)

    def _finish_alone(self, delivery: StartedDelivery, effect: Effect) -> int:
        with self._tracing(delivery):
            try:
                return self._finish([(delivery, effect)])
            except Exception as error:  # noqa: BLE001 - a handler may raise any error; it becomes the reason
                self._mark_failed(delivery, error)
                return 0

    def _tracing(self, delivery: StartedDelivery) -> AbstractContextManager[None]:
        service = self._database.service
        return tracing(delivery.trace, service=service, about=delivery.event, delivery=delivery.id)

    def _mark_failed(self, delivery: StartedDelivery, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"[:2000]
        log().exception("handler raised", attempts=delivery.attempts)
        with self._database.begin() as tx:
            if delivery.attempts >= self._settings.max_attempts:
                store.dead_letter(tx, delivery=delivery.id, reason=reason, now=tx.now)
            else:
                due_at = self._next_attempt(delivery.attempts, tx.now)
                store.mark_failed(tx, delivery=delivery.id, reason=reason, due_at=due_at)

    def _next_attempt(self, attempts: int, now: datetime) -> datetime:
        return now + self._retries.wait_after(attempts)
