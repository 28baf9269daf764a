"""The rights of each role in the database. PostgreSQL enforces them; SQLite has one owner."""

from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from deploy.installation import history_of
from deploy.service_names import NAMES
from shared.bus import store
from shared.bus.grants import OPERATOR_ROLES
from shared.database import Transaction
from shared.http.idempotency import IdempotentRequest, answers
from shared.http.routes import Result
from shared.ids import new_id
from shared.settings import Settings
from tests.shared.bus.conftest import Bench, obligation, submission

READABLE = [store.events.c[name] for name in ("id", "name", "producer", "trace", "occurred_at")]


@pytest.fixture
def on_postgresql(postgresql_url, tmp_path, clock, bench_on) -> Bench:
    return bench_on(Settings(home=tmp_path, database_url=postgresql_url), clock)


@pytest.fixture
def refused(on_postgresql: Bench) -> Callable[..., None]:
    """Asserts that the database itself refuses a role's statement."""

    def attempt(role: str, statement: object) -> None:
        with (
            pytest.raises(DBAPIError, match=r"permission denied|row-level security"),
            on_postgresql.database(role).begin() as tx,
        ):
            tx.execute(statement)

    return attempt


def event_of(producer: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "name": "obligation.set.v1",
        "producer": producer,
        "trace": "t",
        "payload": {},
    }


def test_a_services_tables_can_be_read_and_emptied_by_nobody_else(on_postgresql, refused):
    for owner, role in product(NAMES, (*NAMES, *OPERATOR_ROLES)):
        for table in history_of(owner).metadata.sorted_tables:
            if role != owner:
                refused(role, select(table))
                refused(role, delete(table))
                continue
            with on_postgresql.database(role).begin() as tx:
                tx.execute(select(table))


def test_a_service_sees_and_finishes_only_its_own_deliveries(on_postgresql):
    on_postgresql.record(submission(), by="entry")
    with on_postgresql.database("reporting").begin() as tx:
        assert list(tx.execute(select(store.deliveries.c.subscriber)).scalars()) == ["reporting"]
        tx.execute(update(store.deliveries).values(state="done"))
    assert {row.subscriber: row.state for row in on_postgresql.deliveries()} == {
        "validation": "waiting",
        "reporting": "done",
        "notify": "waiting",
    }


def test_a_message_that_went_astray_does_nothing_at_another_service(on_postgresql):
    on_postgresql.record(submission(), by="entry")
    with on_postgresql.database("operator").begin() as tx:
        tx.execute(update(store.deliveries).values(state="rung"))
    foreign = [row.id for row in on_postgresql.deliveries() if row.subscriber != "reporting"]
    assert on_postgresql.handling().handle(foreign) == 0
    assert on_postgresql.states() == ["rung"] * 3


def test_a_service_can_hand_none_of_its_deliveries_to_another(on_postgresql, refused):
    on_postgresql.record(obligation(1))
    refused("reporting", update(store.deliveries).values(subscriber="entry"))


def test_a_service_reads_only_the_events_that_it_is_told_of(on_postgresql):
    on_postgresql.record(obligation(1))
    for service, count in (("reporting", 1), ("notify", 0), ("entry", 0), ("validation", 0)):
        with on_postgresql.database(service).read() as tx:
            assert len(list(tx.execute(select(store.events.c.payload)))) == count


def test_a_service_tells_of_events_only_in_its_own_name(on_postgresql, refused):
    now = on_postgresql.clock.now()
    with on_postgresql.database("entry").begin() as tx:
        tx.execute(insert(store.events).values(**event_of("entry"), occurred_at=now))
    refused("entry", insert(store.events).values(**event_of("validation"), occurred_at=now))


def test_the_relay_and_the_operator_see_every_event_but_no_payload(on_postgresql, refused):
    on_postgresql.record(obligation(1))
    on_postgresql.record(submission(), by="entry")
    for role in OPERATOR_ROLES:
        with on_postgresql.database(role).read() as tx:
            assert len(list(tx.execute(select(*READABLE)))) == 2
            assert len(list(tx.execute(select(store.deliveries)))) == 4
        for column in (store.events.c.payload, store.blobs.c.body, answers.c.body):
            refused(role, select(column))


def test_nobody_changes_an_event_and_who_oversees_tells_of_none(on_postgresql, refused):
    now = on_postgresql.clock.now()
    for role in (*NAMES, *OPERATOR_ROLES):
        refused(role, update(store.events).values(trace="another"))
    for role in OPERATOR_ROLES:
        refused(role, insert(store.events).values(**event_of(role), occurred_at=now))


def test_no_service_deletes_what_the_bus_remembers(on_postgresql, refused):
    for role, table in product(NAMES, (store.deliveries, store.events, store.blobs)):
        refused(role, delete(table))


def test_a_service_sees_only_the_answers_that_it_stored(on_postgresql):
    def store_answer(tx: Transaction) -> None:
        IdempotentRequest.of(reporter="AL-WBCTi", key="k", path="/", body=b"").store(tx, Result())

    with on_postgresql.database("entry").begin() as tx:
        store_answer(tx)
    for service, count in (("entry", 1), ("notify", 0)):
        with on_postgresql.database(service).read() as tx:
            assert tx.execute(select(func.count()).select_from(answers)).scalar() == count
