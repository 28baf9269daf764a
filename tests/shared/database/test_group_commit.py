"""Group commit: what is shared, and what is not, by transactions that end at the same moment."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, func, select, text

from shared.clock import FixedClock
from shared.database import Database, DatabaseIsUnavailable, RowExists
from shared.database.insertions import MANY_ROWS, joined
from tests.conftest import NOW

metadata = MetaData(schema="entry")
notes = Table(
    "notes", metadata, Column("id", Integer, primary_key=True), Column("text", String(20), nullable=False)
)
marks = Table("marks", metadata, Column("id", Integer, primary_key=True), Column("text", String(20)))


@pytest.fixture
def database(database_url):
    database = Database(database_url, "entry", clock=FixedClock(NOW))
    if database.is_sqlite:
        metadata.create_all(database.engine)
    else:
        owner = create_engine(database_url)
        metadata.create_all(owner)
        with owner.begin() as connection:
            connection.execute(text("GRANT ALL ON entry.notes, entry.marks TO iisgd_entry"))
        owner.dispose()
    yield database
    database.dispose()


@pytest.fixture
def commits(database):
    """Counts what the group's connection sends for the notes."""
    seen = []
    group = database._engines.group
    connect = group._connect

    def counting():
        seen.append(1)
        return connect()

    group._connect = counting
    return seen


def write(database, number, *, table=notes):
    with database.begin() as tx:
        tx.add(table, {"id": number, "text": f"note {number}"})


def count(database, table=notes):
    with database.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def at_once(database, works):
    """Run the works in threads that all find the group busy, so that they are written together."""
    group = database._engines.group
    entered, leave = threading.Event(), threading.Event()
    connect = group._connect

    def slow():
        if not entered.is_set():
            entered.set()
            assert leave.wait(10)
        return connect()

    group._connect = slow
    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(write, database, 1_000_000)
        assert entered.wait(10)
        futures = [pool.submit(work) for work in works]
        while len(group._waiting) < len(works):
            assert not any(future.done() for future in futures)
        leave.set()
        first.result(10)
        return [future.exception(10) for future in futures]


def test_transactions_that_end_while_another_is_written_share_one_commit(database, commits):
    assert at_once(database, [partial(write, database, number) for number in range(6)]) == [None] * 6
    assert count(database) == 7
    assert len(commits) == 2


def test_a_transaction_that_cannot_be_written_harms_none_of_those_beside_it(database):
    write(database, 3)
    errors = at_once(database, [partial(write, database, number) for number in range(6)])
    assert Counter(type(error) for error in errors) == {type(None): 5, RowExists: 1}
    assert isinstance(errors[3], RowExists)
    assert count(database) == 7


def test_two_that_want_the_same_row_at_once_have_one_winner(database):
    errors = at_once(database, [partial(write, database, 5), partial(write, database, 5)])
    assert Counter(type(error) for error in errors) == {type(None): 1, RowExists: 1}


def test_all_rows_of_a_transaction_are_written_or_none(database):
    def both(number):
        with database.begin() as tx:
            tx.add(marks, {"id": number, "text": "mark"})
            tx.add(notes, {"id": 3, "text": "taken"})

    write(database, 3)
    errors = at_once(database, [partial(both, 7), partial(write, database, 8)])
    assert isinstance(errors[0], RowExists)
    assert (count(database, marks), count(database)) == (0, 3)


def test_rows_that_together_are_many_are_still_written_at_once_or_not_at_all(database):
    few = MANY_ROWS - 1

    def several(start):
        with database.begin() as tx:
            tx.add(notes, *({"id": start + at, "text": "one of several"} for at in range(few)))

    assert at_once(database, [partial(several, 100), partial(several, 200)]) == [None, None]
    assert count(database) == 1 + 2 * few


def test_a_thread_that_fails_in_a_way_nobody_foresaw_tells_all_that_it_wrote_for(database):
    group = database._engines.group
    connect = group._connect
    calls = []

    def failing():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return connect()

    group._connect = failing
    errors = at_once(database, [partial(write, database, number) for number in range(3)])
    assert [type(error) for error in errors] == [KeyboardInterrupt] * 3
    assert count(database) == 1
    write(database, 9)
    assert count(database) == 2


def test_under_load_every_row_is_there_once(database):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(write, database), range(300)))
    assert count(database) == 300


def test_rows_are_joined_in_one_order_so_that_two_writers_never_wait_in_a_circle():
    one = [(notes, ({"id": 2, "text": "b"},), False), (marks, ({"id": 1, "text": "a"},), True)]
    other = [(notes, ({"id": 1, "text": "a"},), False)]
    assert joined([*one, *other]) == joined([*other, *one])
    assert [(table.name, [row["id"] for row in rows]) for table, rows, _ in joined([*one, *other])] == [
        ("marks", [1]),
        ("notes", [1, 2]),
    ]


def test_a_connection_that_the_server_closed_is_replaced(postgresql_url):
    database = Database(postgresql_url, "entry", clock=FixedClock(NOW))
    owner = create_engine(postgresql_url)
    metadata.create_all(owner)
    with owner.begin() as connection:
        connection.execute(text("GRANT ALL ON entry.notes TO iisgd_entry"))
    write(database, 1)
    with owner.begin() as connection:
        ended = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        assert ended.rowcount
    with pytest.raises(DatabaseIsUnavailable):
        write(database, 2)
    write(database, 2)
    assert count(database) == 2
    database.dispose()
    owner.dispose()
