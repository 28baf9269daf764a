import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count, permutations
from sqlite3 import ProgrammingError

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    func,
    insert,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.exc import DBAPIError, StatementError

from deploy.installation import ROLES, histories
from shared.database import Database, DatabaseIsUnavailable, Json, RowExists, ServiceRole, UtcDateTime
from shared.database.connections import sqlite_engine
from shared.database.migrations import migrate
from tests.naughty import naughty_strings

metadata = MetaData(schema="notify")
places = Table("places", metadata, Column("name", String(40), primary_key=True))
things = Table(
    "things",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("seen_at", UtcDateTime),
    Column("facts", Json),
    Column("content", LargeBinary),
)

versions = Table(
    "versions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("said", String(40)),
    Column("is_final", Integer, nullable=False, server_default="0"),
)

ROLE = ServiceRole("notify").name


@pytest.fixture
def database(database_url, clock) -> Iterator[Database]:
    """A service's way in, with a table for the tests."""
    engine = (
        sqlite_engine(database_url, "notify") if "sqlite" in database_url else create_engine(database_url)
    )
    with engine.begin() as connection:
        metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                f"GRANT ALL ON notify.things, notify.places, notify.versions TO {ROLE}"
            )
    engine.dispose()
    made = Database(database_url, "notify", clock=clock)
    yield made
    made.dispose()


def thing(name, count=0, *, seen_at=None, facts=None, content=None):
    return {"name": name, "count": count, "seen_at": seen_at, "facts": facts, "content": content}


def names(database):
    with database.read() as tx:
        return sorted(tx.execute(select(things.c.name)).scalars())


def add(database, *rows, **options):
    with database.begin() as tx:
        tx.add(things, *rows, **options)


def threads_of(number, work):
    """Run it in so many threads at once; what they raised."""
    raised = []

    def guarded():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
            raised.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_leaving_commits_and_raising_undoes(database):
    def attempt():
        with database.begin() as tx:
            tx.add(things, thing("undone"))
            tx.flush()
            raise LookupError

    add(database, thing("kept"))
    with pytest.raises(LookupError):
        attempt()
    assert names(database) == ["kept"]


def test_added_rows_are_there_for_the_next_statement_of_the_same_work(database):
    with database.begin() as tx:
        tx.add(things, thing("a"), thing("b"))
        assert tx.execute(select(func.count()).select_from(things)).scalar() == 2


@pytest.mark.parametrize("count", [1, 31, 32, 1000])
def test_rows_leave_together_however_many_they_are(database, count):
    with database.begin() as tx:
        tx.add(things, thing("first"))
        tx.add(things, *(thing(f"{number:04}") for number in range(count)))
        tx.add(things, thing("last"))
    assert len(names(database)) == count + 2
    if not database.is_sqlite:
        with database.read() as tx:
            transactions = set(tx.execute(text("SELECT xmin::text FROM notify.things")).scalars())
        assert len(transactions) == 1


@pytest.mark.parametrize("count", [2, 40])
def test_where_one_row_exists_none_of_the_work_is_written(database, count):
    def attempt():
        with database.begin() as tx:
            tx.add(places, *({"name": f"{number:04}"} for number in range(count)))
            tx.add(things, thing("new"), thing("taken"))

    add(database, thing("taken"))
    with pytest.raises(RowExists):
        attempt()
    assert names(database) == ["taken"]
    with database.read() as tx:
        assert tx.execute(select(places)).all() == []


def test_a_row_that_exists_is_told_of_alike_wherever_it_is_met(database):
    def flushing():
        with database.begin() as tx:
            tx.add(things, thing("taken"))
            tx.flush()

    def executing():
        with database.begin() as tx:
            tx.execute(insert(things).values(thing("taken")))

    add(database, thing("taken"))
    for attempt in (flushing, executing):
        with pytest.raises(RowExists):
            attempt()


@pytest.mark.parametrize("count", [1, 40])
def test_rows_that_exist_may_be_passed_over(database, count):
    add(database, thing("taken", 1))
    rows = [thing(f"{number:04}", 2) for number in range(count)]
    add(database, thing("taken", 2), *rows, ignore_existing=True)
    with database.read() as tx:
        counts = dict(tx.execute(select(things.c.name, things.c.count)).all())
    assert counts.pop("taken") == 1
    assert set(counts.values()) == {2}


def test_an_upsert_adds_or_changes_and_one_of_keys_alone_changes_nothing(database):
    with database.begin() as tx:
        tx.upsert(things, thing("a", 1), key=["name"])
        tx.upsert(things, thing("a", 2), thing("b", 3), key=["name"])
        tx.upsert(places, {"name": "here"}, key=["name"])
        tx.upsert(places, {"name": "here"}, {"name": "there"}, key=["name"])
        tx.upsert(things, key=["name"])
        rows = tx.execute(select(things.c.name, things.c.count).order_by(things.c.name)).all()
        known = list(tx.execute(select(places.c.name).order_by(places.c.name)).scalars())
    assert [tuple(row) for row in rows] == [("a", 2), ("b", 3)]
    assert known == ["here", "there"]


def test_many_rows_come_back_as_they_went_whatever_they_hold(database, clock):
    texts = [each for each in naughty_strings() if "\0" not in each]
    rows = [
        thing(
            f"{at:04}",
            at % 2,
            seen_at=clock.now() if at % 3 else None,
            facts={"text": each, "n": 1.0},
            content=each.encode(errors="surrogatepass"),
        )
        for at, each in enumerate(texts)
    ]
    add(database, *rows)
    with database.read() as tx:
        found = tx.execute(select(things).order_by(things.c.name)).mappings().all()
    assert list(map(dict, found)) == rows
    assert {type(each["facts"]["n"]) for each in found} == {float}


def test_texts_are_found_among_many_whatever_they_hold(database):
    texts = sorted({each[:40] for each in naughty_strings() if "\0" not in each})
    add(database, *map(thing, texts))
    with database.read() as tx:
        found = tx.execute(select(things.c.name).where(tx.among(things.c.name, texts[::2]))).scalars()
        assert sorted(found) == texts[::2]
        assert tx.execute(select(things).where(tx.among(things.c.name, []))).all() == []


@pytest.mark.parametrize("count", [1, 40])
def test_a_text_that_is_too_long_for_its_column_is_never_cut(database, count):
    too_long = [f"{number:041}" for number in range(count)]
    if database.is_sqlite:
        # SQLite has no limit.
        add(database, *map(thing, too_long))
        assert names(database) == too_long
        return
    with pytest.raises(psycopg.errors.StringDataRightTruncation):
        add(database, *map(thing, too_long))


def test_reading_writes_nothing(database):
    def write():
        with database.read() as tx:
            tx.execute(insert(things).values(thing("a")))

    if database.is_sqlite:
        write()
    else:
        with pytest.raises(DBAPIError, match="read-only"):
            write()
    with database.read() as tx:
        tx.add(things, thing("b"))
    assert names(database) == []


def test_a_reader_sees_one_state_however_long_it_reads(database):
    add(database, thing("before"))
    counting = select(func.count()).select_from(things)
    with database.read() as tx:
        assert tx.execute(counting).scalar() == 1
        add(database, thing("meanwhile"))
        assert tx.execute(counting).scalar() == 1
    assert names(database) == ["before", "meanwhile"]


def test_a_reader_does_not_wait_for_a_writer(database):
    add(database, thing("before"))
    with database.begin() as tx:
        tx.execute(insert(things).values(thing("not yet")))
        assert names(database) == ["before"]


def test_writers_queue_instead_of_failing(database):
    add(database, thing("a"))
    grown = update(things).where(things.c.name == "a").values(count=things.c.count + 1)

    def grow():
        for _ in range(20):
            with database.begin() as tx:
                # Read first: a writer that had begun as a reader could not wait.
                tx.execute(select(things.c.count).where(things.c.name == "a"))
                tx.execute(grown)

    assert threads_of(6, grow) == []
    with database.read() as tx:
        assert tx.execute(select(things.c.count)).scalar() == 120


def test_where_threads_write_at_once_only_those_whose_row_exists_are_refused(database):
    add(database, thing("taken"))
    numbers = count()
    refused = []

    def work():
        while (number := next(numbers)) < 200:
            also = [thing("taken")] if number % 10 == 0 else []
            try:
                add(database, thing(f"{number:03}"), *also)
            except RowExists:
                refused.append(number)

    assert threads_of(8, work) == []
    assert sorted(refused) == list(range(0, 200, 10))
    assert names(database) == [f"{number:03}" for number in range(200) if number % 10] + ["taken"]


def test_of_writers_that_wait_for_each_other_one_is_told_that_its_rows_exist(database):
    with database.read() as tx:
        if not tx.is_postgresql:
            # SQLite has one writer.
            return
    both = threading.Barrier(2)
    orders = iter([("a", "b"), ("b", "a")])
    refused = []

    def work():
        first, second = next(orders)
        try:
            with database.begin() as tx:
                tx.add(things, thing(first))
                tx.flush()
                both.wait()
                tx.add(things, thing(second))
        except RowExists:
            refused.append(first)

    assert threads_of(2, work) == []
    assert len(refused) == 1
    assert names(database) == ["a", "b"]


def test_the_work_begins_when_the_clock_says_so(database, clock):
    with database.begin() as tx:
        assert (tx.now, tx.service) == (clock.now(), "notify")


def test_work_that_asks_nothing_needs_no_database(clock):
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", "notify", clock=clock)
    with away.begin() as tx:
        assert tx.is_postgresql
    with pytest.raises(DatabaseIsUnavailable), away.begin() as tx:
        tx.execute(select(things))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", ["added", "executed"])
def test_work_goes_on_when_the_server_ended_its_connections_after_one_failure(database, database_url, name):
    def work():
        if name == "added":
            return add(database, thing(name))
        with database.begin() as tx:
            return tx.execute(insert(things).values(thing(name)))

    add(database, thing("before"))
    names(database)
    admin = create_engine(database_url)
    with admin.connect() as connection:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}"))
    admin.dispose()
    with pytest.raises(DatabaseIsUnavailable):
        work()
    work()
    database.dispose()
    assert names(database) == sorted([name, "before"])


def test_what_a_statement_carried_is_not_told_when_it_fails(database):
    with pytest.raises(DBAPIError) as failure, database.read() as tx:
        tx.execute(text("SELECT :told FROM nowhere"), {"told": "A gap nobody else should know"})
    assert "nowhere" in str(failure.value)
    assert "A gap" not in str(failure.value)


def test_moments_come_back_in_utc_and_naive_ones_are_refused(database):
    there = datetime(2026, 11, 23, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    add(database, thing("a", seen_at=there), thing("b"))
    with database.read() as tx:
        seen = dict(tx.execute(select(things.c.name, things.c.seen_at)).all())
    assert seen == {"a": there, "b": None}
    assert seen["a"].tzinfo is UTC
    with pytest.raises((StatementError, ValueError), match="has no time zone"):
        add(database, thing("c", seen_at=datetime(2026, 11, 23)))  # noqa: DTZ001 - that is the point


def test_moments_are_compared_as_moments(database, clock):
    add(database, thing("a", seen_at=clock.now()))
    there = clock.now().astimezone(timezone(timedelta(hours=5)))
    with database.read() as tx:
        found = tx.execute(
            select(things.c.name).where(things.c.seen_at <= bindparam("now", there, UtcDateTime))
        )
        assert list(found.scalars()) == ["a"]


def test_json_comes_back_as_it_went_and_equal_values_are_equal_text(database):
    add(
        database,
        thing("a", facts={"b": [1, 2.5, None], "a": "Kosovo*"}),
        thing("b", facts={"a": "Kosovo*", "b": [1, 2.5, None]}),
    )
    with database.read() as tx:
        facts = list(tx.execute(select(things.c.facts)).scalars())
        texts = set(tx.execute(select(type_coerce(things.c.facts, String))).scalars())
    assert facts == [{"a": "Kosovo*", "b": [1, 2.5, None]}] * 2
    assert texts == {'{"a":"Kosovo*","b":[1,2.5,null]}'}


def test_what_was_read_lately_is_not_asked_again(database):
    add(database, thing("a"))

    def counted(tx):
        return tx.execute(select(func.count()).select_from(things)).scalar()

    assert database.cached(counted, seconds=60) == 1
    add(database, thing("b"))
    assert database.cached(counted, seconds=60) == 1
    assert database.cached(counted, seconds=0) == 2


@pytest.fixture
def empty_url(request, tmp_path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    return request.getfixturevalue("postgres").empty()


on_both = pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)


def differences(connection):
    """What would have to be done to the database's tables to make them those that are declared."""
    on_sqlite = connection.dialect.name == "sqlite"
    declared = MetaData()
    for history in histories():
        for table in history.metadata.tables.values():
            table.to_metadata(declared, schema=None if on_sqlite else history.schema)
    schemas = {history.schema for history in histories()}

    def is_ours(name, kind, _parents):
        if kind == "schema":
            return name is None if on_sqlite else name in schemas
        return kind != "table" or not name.endswith("migrations")

    options = {"include_schemas": True, "include_name": is_ours, "compare_type": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), declared)


@on_both
def test_migrations_lead_exactly_to_the_declared_tables(empty_url):
    migrate(empty_url, histories(), ROLES)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        assert differences(connection) == []
        table = "canaries" if connection.dialect.name == "sqlite" else "bus.canaries"
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN finished_at"))
        assert [kind for kind, *_ in differences(connection)] == ["add_column"]
    engine.dispose()


@on_both
def test_migrating_again_or_twice_at_once_is_harmless(empty_url):
    together = threading.Barrier(3)
    done = []

    def work():
        together.wait()
        done.append(migrate(empty_url, histories(), ROLES))

    assert threads_of(3, work) == []
    assert done == [["bus", "entry", "validation", "reporting", "notify"]] * 3
    assert migrate(empty_url, histories(), ROLES) == done[0]


def keep(database, version, verdict=0, *, said="", by=("version", "verdict"), **options):
    row = {"name": "a", "version": version, "verdict": verdict, "said": said}
    with database.begin() as tx:
        return tx.keep_highest(versions, row, by=by, **options)


def kept(database):
    with database.read() as tx:
        return [
            tuple(row) for row in tx.execute(select(versions.c.version, versions.c.verdict, versions.c.said))
        ]


def test_integers_of_any_size_come_back_as_they_were(database):
    facts = {"b": [10**30, -(2**63) - 1, 2**64, 0.1], "a": "Ђ"}
    add(database, thing("a", facts=facts))
    with database.read() as tx:
        assert tx.execute(select(things.c.facts)).scalar_one() == facts


def test_the_higher_number_holds_in_whatever_order_they_come(database):
    assert keep(database, 2, said="second", by=["version"])
    assert not keep(database, 1, said="first", by=["version"])
    assert not keep(database, 2, said="second again", by=["version"])
    assert keep(database, 3, said="third", by=["version"])
    assert kept(database) == [(3, 0, "third")]


@pytest.mark.parametrize("order", list(permutations([(1, 1), (1, 2), (2, 0)])))
def test_of_two_columns_the_first_decides_and_then_the_second(database, order):
    for version, verdict in order:
        keep(database, version, verdict)
    assert kept(database) == [(2, 0, "")]


def test_a_row_that_is_final_is_never_replaced_and_columns_not_named_stay(database):
    keep(database, 1, said="first")
    with database.begin() as tx:
        assert tx.keep_highest(
            versions, {"name": "a", "version": 2, "verdict": 0, "is_final": 1}, by=["version"]
        )
    assert not keep(database, 3, said="third", unless=versions.c.is_final == 1)
    assert kept(database) == [(2, 0, "first")]


def test_of_two_that_keep_at_once_the_higher_holds(database):
    numbers = count(1)
    assert threads_of(8, lambda: keep(database, next(numbers))) == []
    assert kept(database) == [(8, 0, "")]


def test_threads_that_come_first_together_open_one_engine(database_url, clock, monkeypatch):
    """On Python 3.12 and later a lazy attribute is no lock: one of two engines would never be closed."""
    made = []

    def slow(self):
        made.append(self)
        time.sleep(0.05)
        return open_(self)

    open_ = Database._open
    monkeypatch.setattr(Database, "_open", slow)
    database = Database(database_url, "notify", clock=clock)
    assert threads_of(8, lambda: database._engines) == []
    database.dispose()
    assert made == [database]


def test_a_sqlite_connection_that_cannot_be_prepared_is_closed(tmp_path):
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 1000)
    engine = sqlite_engine(f"sqlite:///{tmp_path / 'broken.sqlite'}", "notify")
    opened = []

    connect = engine.dialect.connect
    engine.dialect.connect = lambda *args, **options: opened.append(connect(*args, **options)) or opened[-1]
    with pytest.raises(DBAPIError):
        engine.connect()
    engine.dispose()
    with pytest.raises(ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
