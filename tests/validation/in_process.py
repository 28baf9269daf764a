"""Validation in one process: a test decides when the relay and the workers run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, select

from services.validation.app import SERVICE
from services.validation.verdicts import tasks
from services.validation.verdicts.store import index, submission_states, verdicts
from shared.bus import record
from shared.bus.handling import DeliveryHandler, Lease
from shared.bus.lanes import lanes_of
from shared.bus.relay import Relay
from shared.bus.store import deliveries, events
from shared.database import Database
from shared.events import Event, SubmissionReceived, read_event
from shared.resources import Runtime
from shared.settings import Settings


@dataclass
class InProcessValidation:
    """The runtime of validation with its handlers, and a connection that reads every event."""

    runtime: Runtime
    received: Callable[..., SubmissionReceived]
    relay: Relay
    engine: Engine

    @classmethod
    @contextmanager
    def opened(
        cls, runtime: Runtime, received: Callable[..., SubmissionReceived], settings: Settings
    ) -> Iterator[InProcessValidation]:
        """Open it for the length of the block."""
        handling = DeliveryHandler(
            database=runtime.database,
            handles={each.event.name: partial(each.handle, runtime) for each in SERVICE.handlers},
            lease=Lease(settings.lease_seconds),
            settings=settings,
        )
        database = Database(settings.database, "relay", clock=runtime.clock)

        def ring(_lane: str, _event: str, rung: Any) -> None:
            handling.handle([delivery for delivery, _ in rung])

        relay = Relay(database=database, lanes=lanes_of("validation"), ring=ring, settings=settings)
        schemas = {"bus": None} if runtime.database.is_sqlite else None
        engine = create_engine(settings.database).execution_options(schema_translate_map=schemas)
        try:
            yield cls(runtime, received, relay, engine)
        finally:
            database.dispose()
            engine.dispose()

    def publish(self, *told: Event) -> None:
        """Record events, and handle them with all consequences."""
        with self.runtime.database.begin() as tx:
            record(tx, *told)
        self.work()

    def work(self) -> None:
        """Handle deliveries until none is due."""
        while self.relay.ring_due():
            pass

    def submit(self, *records: Any, **about: Any) -> SubmissionReceived:
        """Have a submission received and judged; `about` is passed to the fixture `received`."""
        event = self.received(self.runtime, *records, **about)
        self.publish(event)
        return event

    def tick(self) -> None:
        """Settle links, and handle all consequences."""
        tasks.settle_links(self.runtime)
        self.work()

    def published(self, *names: str) -> list[Event]:
        """Return the events of these names so far, in order; without names the verdicts."""
        wanted = names or ("submission.accepted.v2", "submission.returned.v2")
        statement = select(events.c.name, events.c.payload).where(events.c.name.in_(wanted))
        with self.engine.connect() as connection:
            rows = list(connection.execute(statement.order_by(events.c.id)))
        return [read_event(name, payload) for name, payload in rows]

    def unfinished(self) -> list[str | None]:
        """Return the reason of the last failure for each delivery to validation that is not done."""
        statement = select(deliveries.c.reason).where(
            deliveries.c.subscriber == "validation", deliveries.c.state != "done"
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def report(self, verdict: Any) -> dict[str, Any]:
        """Return the findings report of a verdict or of the event that announces it."""
        report: dict[str, Any] = json.loads(self.runtime.blobs.get(verdict.report))
        return report

    def rules(self, verdict: Any) -> list[str]:
        """Return the rules of the findings of a verdict."""
        return [finding["rule"] for finding in self.report(verdict)["findings"]]

    def verdicts(self, submission: str) -> list[verdicts.VerdictRow]:
        """Return all verdicts on a submission, the first one first."""
        with self.runtime.database.read() as tx:
            return verdicts.list_verdicts(tx, submission)[::-1]

    def state(self, submission: str) -> submission_states.SubmissionState:
        """Return the state of a submission."""
        with self.runtime.database.read() as tx:
            found = submission_states.find_state(tx, submission)
        assert found is not None
        return found

    def states(
        self, *refs: str, kind: str = "need", reporter: str = "AL-WBCTi", period: str = "2025-2026"
    ) -> dict[str, str]:
        """Return the states of records that were ever accepted, by ref."""
        with self.runtime.database.read() as tx:
            found = index.list_states(tx, {(kind, reporter, period, ref) for ref in refs})
        return {ref: state for (*_, ref), state in found.items()}
