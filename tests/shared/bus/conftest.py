"""The bus on a bench: a test records, rings and handles by hand, and looks at what is in the tables."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, delete, insert, select
from structlog.testing import capture_logs

from shared.bus import record, store
from shared.bus.handling import DeliveryHandler, Effect, Handle, Lease
from shared.bus.lanes import is_bulk, lanes_of
from shared.bus.relay import Relay, Ring
from shared.clock import Clock, FixedClock
from shared.database import Database, ServiceRole, Transaction
from shared.database.connections import sqlite_engine
from shared.events import Event, ObligationSet, SubmissionReceived
from shared.ids import new_id
from shared.settings import Settings

LANE = "reporting"
"""Who is told of an obligation, and nobody else: the bench's usual event."""

effects = Table("effects", MetaData(schema="reporting"), Column("number", Integer, nullable=False))
"""What the bench's handlers write: without a key, so that an effect that came twice would be there twice."""


def obligation(number: int) -> ObligationSet:
    return ObligationSet(
        obligation=f"AL-WBCTi/need-{number}",
        structure="AL-WBCTi",
        kind="need",
        period="2025-2026",
        due_on="2026-11-30",
        sequence=number,
    )


def submission(*, records: int = 3) -> SubmissionReceived:
    return SubmissionReceived(
        submission=new_id(),
        version=1,
        reporter="AL-WBCTi",
        partner="AL",
        pillar="WBCTi",
        kind="need",
        period="2025-2026",
        tlp="TLP:AMBER",
        body="0" * 64,
        records=records,
        received_at="2026-11-23T09:00:00.000Z",
    )


def note(event: Event) -> Effect:
    """The handler of the bench: it writes one row for the obligation."""
    return lambda tx: write(tx, event)


def write(tx: Transaction, event: Event) -> None:
    tx.execute(insert(effects).values(number=event.payload()["sequence"]))


@dataclass
class Rings:
    """A broker's side of the doorbell: remembers each message, and may be away."""

    messages: list[tuple[str, str, list[str]]] = field(default_factory=list)
    is_away: bool = False

    def __call__(self, lane: str, event: str, deliveries: Sequence[tuple[str, str]]) -> None:
        if self.is_away:
            raise ConnectionError("no broker")
        self.messages.append((lane, event, [delivery for delivery, _ in deliveries]))

    @property
    def ids(self) -> list[str]:
        return [delivery for _, _, message in self.messages for delivery in message]


@dataclass
class Bench:
    """One database, and every role's way into it."""

    settings: Settings
    clock: Clock
    rings: Rings = field(default_factory=Rings)
    _databases: dict[str, Database] = field(default_factory=dict)

    def database(self, role: str) -> Database:
        if role not in self._databases:
            self._databases[role] = Database(self.settings.database, role, clock=self.clock)
        return self._databases[role]

    def record(self, *events: Event, by: str = "notify") -> None:
        with self.database(by).begin() as tx:
            record(tx, *events)

    def relay(self, ring: Ring | None = None, **settings: Any) -> Relay:
        return Relay(
            database=self.database("relay"),
            lanes=lanes_of(LANE),
            ring=ring or self.rings,
            settings=replace(self.settings, **settings),
        )

    def ring(self, **settings: Any) -> list[str]:
        """Ring what is due; gives the ids that this rang."""
        before = len(self.rings.ids)
        self.relay(**settings).ring_due()
        return self.rings.ids[before:]

    def handling(self, handle: Handle = note, *, lane: str = LANE, **settings: Any) -> DeliveryHandler:
        given = replace(self.settings, **settings)
        seconds = given.bulk_lease_seconds if is_bulk(lane) else given.lease_seconds
        return DeliveryHandler(
            database=self.database(LANE),
            handles={ObligationSet.name: handle},
            lease=Lease(seconds),
            settings=given,
        )

    def deliveries(self) -> list[Any]:
        """All of them, as they were recorded."""
        with self.database("operator").read() as tx:
            return list(tx.execute(select(store.deliveries).order_by(store.deliveries.c.id)))

    def states(self) -> list[str]:
        return [delivery.state for delivery in self.deliveries()]

    def effects(self) -> list[int]:
        with self.database(LANE).read() as tx:
            return sorted(tx.execute(select(effects.c.number)).scalars())

    def clear(self) -> None:
        """Forget everything: a property's next example begins with nothing."""
        with self.database("operator").begin() as tx:
            tx.execute(delete(store.deliveries))
            tx.execute(delete(store.events))
        with self.database(LANE).begin() as tx:
            tx.execute(delete(effects))

    def dispose(self) -> None:
        for database in self._databases.values():
            database.dispose()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the bus logged; a handler that raises on purpose would print a page each time."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def bench_on() -> Iterator[Callable[[Settings, Clock], Bench]]:
    """Makes a bench on a migrated database."""
    made: list[Bench] = []

    def make(settings: Settings, clock: Clock) -> Bench:
        _make_effects(settings.database)
        made.append(Bench(settings, clock))
        return made[-1]

    yield make
    for bench in made:
        bench.dispose()


@pytest.fixture
def bench(settings: Settings, clock: FixedClock, bench_on: Callable[[Settings, Clock], Bench]) -> Bench:
    return bench_on(settings, clock)


def _make_effects(url: str) -> None:
    engine = sqlite_engine(url, LANE) if url.startswith("sqlite") else create_engine(url)
    with engine.begin() as connection:
        effects.create(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"GRANT ALL ON reporting.effects TO {ServiceRole(LANE).name}")
    engine.dispose()
