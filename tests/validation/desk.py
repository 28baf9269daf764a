"""Validation at work in one process: what relay and workers would do for it, done when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, select

from services.validation import store, tasks
from services.validation.app import SERVICE
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
class Desk:
    """Validation's runtime with its handlers, and an eye that sees every event, as no service does."""

    runtime: Runtime
    received: Callable[..., SubmissionReceived]
    relay: Relay
    engine: Engine

    @classmethod
    @contextmanager
    def opened(
        cls, runtime: Runtime, received: Callable[..., SubmissionReceived], settings: Settings
    ) -> Iterator[Desk]:
        """At work until it is left."""
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

    def tell(self, *told: Event) -> None:
        """Have events happen, and handle them with all that follows."""
        with self.runtime.database.begin() as tx:
            record(tx, *told)
        self.work()

    def work(self) -> None:
        """Handle until nothing is due any more."""
        while self.relay.ring_due():
            pass

    def hand_in(self, *records: Any, **about: Any) -> SubmissionReceived:
        """Have a submission received and judged; `about` as the fixture `received` takes it."""
        event = self.received(self.runtime, *records, **about)
        self.tell(event)
        return event

    def tick(self) -> None:
        """Let the time come at which links are settled, and do what follows."""
        tasks.settle_links(self.runtime)
        self.work()

    def told(self, *names: str) -> list[Event]:
        """The events of these names so far, in order; without names the verdicts."""
        wanted = names or ("submission.accepted.v2", "submission.returned.v2")
        statement = select(events.c.name, events.c.payload).where(events.c.name.in_(wanted))
        with self.engine.connect() as connection:
            rows = list(connection.execute(statement.order_by(events.c.id)))
        return [read_event(name, payload) for name, payload in rows]

    def undone(self) -> list[str | None]:
        """The deliveries to validation that are not done, each with the reason why it failed last."""
        statement = select(deliveries.c.reason).where(
            deliveries.c.subscriber == "validation", deliveries.c.state != "done"
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def report(self, verdict: Any) -> dict[str, Any]:
        """The findings report that a verdict, or the event that tells of it, names."""
        report: dict[str, Any] = json.loads(self.runtime.blobs.get(verdict.report))
        return report

    def rules(self, verdict: Any) -> list[str]:
        """The rules that found something."""
        return [finding["rule"] for finding in self.report(verdict)["findings"]]

    def verdicts(self, submission: str) -> list[store.VerdictRow]:
        """All verdicts on a submission, the first one first."""
        with self.runtime.database.read() as tx:
            return store.verdicts_on(tx, submission)[::-1]

    def standing(self, submission: str) -> store.Standing:
        """How a submission stands."""
        with self.runtime.database.read() as tx:
            found = store.find_submission(tx, submission)
        assert found is not None
        return found

    def states(
        self, *refs: str, kind: str = "need", reporter: str = "AL-WBCTi", period: str = "2025-2026"
    ) -> dict[str, str]:
        """How records stand, those that ever counted."""
        with self.runtime.database.read() as tx:
            found = store.states_of(tx, {(kind, reporter, period, ref) for ref in refs})
        return {ref: state for (*_, ref), state in found.items()}
