"""A whole installation in one process: its web app, with relay and workers run on request of a test."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, select

from deploy.installation import histories, services
from services.entry.audit.operations import seal_entries
from shared.bus.handling import DeliveryHandler, Lease
from shared.bus.lanes import lanes_of
from shared.bus.relay import Relay
from shared.bus.store import events
from shared.clock import FixedClock
from shared.database import Database
from shared.resources import Runtime
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.conftest import Client
from tests.databases import Contents, contents_of
from tests.validation.conftest import NEED, SUPPORT

MEETING = {"body": "board", "title": "8th Board meeting", "held_on": "2026-12-15"}
COLLECTION = {
    "kind": "need",
    "period": "2025-2026",
    "meeting": "board-8",
    "opens_days_before": 75,
    "due_days_before": 15,
}
CONTACT = {"address": "ct@mb.example", "label": "Counter-terrorism desk"}

NEEDS = {
    "pillar": "WBCTi",
    "kind": "need",
    "period": "2025-2026",
    "tlp": "TLP:AMBER",
    "records": [NEED],
}
"""Needs that a structure of WBCTi may submit and that break no rule."""

SUPPORTS = {
    "pillar": "WBCTi",
    "kind": "support",
    "period": "2026",
    "tlp": "TLP:CLEAR",
    "records": [SUPPORT],
}
"""Support that structures and members may submit and that breaks no rule."""


@dataclass
class Installation:
    """All four services on one database, with the calendar set and a collection of needs open."""

    client: Client
    runtimes: dict[str, Runtime]
    """The runtime of each service's workers."""
    relay: Relay
    engine: Engine
    """An engine that reads every table, unlike any role in the system."""

    def settle(self) -> None:
        """Ring and handle deliveries until none is due."""
        while self.relay.ring_due():
            pass

    def hand_in(self, body: dict[str, Any] = NEEDS, *, as_: str = "AL-WBCTi") -> str:
        """Submit a body and settle; return the submission's id once its verdict is in."""
        answer = self.client.post("/entry/v1/submissions", json=body, as_=as_)
        assert answer.status_code == 202, answer.text
        self.settle()
        return str(answer.json["id"])

    def seal(self) -> None:
        """Seal all audit log entries, whatever their time."""
        with self.runtimes["entry"].database.begin() as tx:
            seal_entries(tx, until=tx.now)

    def stored(self) -> dict[str, list[Any]]:
        """Return every row of every table, as the driver reads it."""
        tables = [table for history in histories() for table in history.metadata.sorted_tables]
        with self.engine.connect() as connection, closing(connection.connection.cursor()) as cursor:
            rows = {}
            for table in tables:
                # SQLite has no schemas.
                name = table.name if self.engine.dialect.name == "sqlite" else table.fullname
                cursor.execute(f"SELECT * FROM {name}")
                rows[table.fullname] = cursor.fetchall()
            return rows

    def events(self) -> list[Any]:
        """Return every recorded event, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(events).order_by(events.c.id)))


CALENDARS: dict[tuple[str, datetime], Contents] = {}
"""Databases with a calendar, by backend and time. Setting a calendar takes longer than most tests."""


@contextmanager
def installed(settings: Settings, clock: FixedClock) -> Iterator[Installation]:
    """Yield an installation on a migrated database without rows, with the calendar set as the Secretariat sets it."""
    url = make_url(settings.database)
    key = (url.get_backend_name(), clock.now())
    if key in CALENDARS:
        CALENDARS[key].write(url)
    else:
        with _opened(settings, clock) as first:
            _set_calendar(first)
        CALENDARS[key] = contents_of(url)
    with _opened(settings, clock) as installation:
        yield installation


@contextmanager
def _opened(settings: Settings, clock: FixedClock) -> Iterator[Installation]:
    app = build_flask(services(), settings, clock)
    runtimes = {service.name: Runtime.of(service.name, settings, clock) for service in services()}
    database = Database(settings.database, "relay", clock=clock)
    handlings = {
        service.name: DeliveryHandler(
            database=runtimes[service.name].database,
            handles={
                each.event.name: partial(each.handle, runtimes[service.name]) for each in service.handlers
            },
            lease=Lease(settings.lease_seconds),
            settings=settings,
        )
        for service in services()
    }

    def ring(lane: str, _event: str, deliveries: Any) -> None:
        handlings[lane.partition(".")[0]].handle([delivery for delivery, _ in deliveries])

    lanes = [lane for service in services() for lane in lanes_of(service.name)]
    installation = Installation(
        Client(app.test_client(), settings, clock),
        runtimes,
        Relay(database=database, lanes=lanes, ring=ring, settings=settings),
        _engine(settings.database),
    )
    try:
        yield installation
    finally:
        opened = [*runtimes.values(), *app.extensions["iisgd"]]
        for each in (database, installation.engine, *(runtime.database for runtime in opened)):
            each.dispose()


def _engine(url: str) -> Engine:
    # SQLite has no schemas.
    schemas = {history.schema: None for history in histories()} if url.startswith("sqlite") else None
    return create_engine(url).execution_options(schema_translate_map=schemas)


def _set_calendar(installation: Installation) -> None:
    for path, body in (
        ("meetings/board-8", MEETING),
        ("collections/need-2025-2026", COLLECTION),
        ("contacts/AL-WBCTi", CONTACT),
    ):
        answer = installation.client.put(f"/notify/v1/{path}", json=body, as_="SECRETARIAT")
        assert answer.status_code == 201, answer.text
    installation.settle()
