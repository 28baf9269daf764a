"""Tests of lent databases: they are empty, have the same tables, and no transaction of their last user."""

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from services.entry.audit.store import seals
from shared.bus import store


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def count(url: str, table) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(select(table)).all()
    engine.dispose()
    return len(rows)


def test_a_database_comes_back_empty_and_with_its_own_tables_only(postgres):
    url = postgres.lend()
    run(
        url,
        "CREATE TABLE bus.of_a_test (a int)",
        # Rows of append-only tables are deleted too.
        "INSERT INTO entry.seals VALUES (1, 'an entry', 'a hash', now())",
        "INSERT INTO bus.canaries VALUES ('entry', now())",
    )
    postgres.take_back(url)
    assert postgres.lend() == url
    assert count(url, store.canaries) == count(url, seals) == 0
    with pytest.raises(DBAPIError, match="does not exist"):
        run(url, "SELECT * FROM bus.of_a_test")
    postgres.take_back(url)


def test_a_connection_that_was_left_open_does_not_keep_the_next_from_its_database(postgres):
    url = postgres.lend()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE bus.events"))
        postgres.take_back(url)
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1"))
        connection.invalidate()
    engine.dispose()
    assert postgres.lend() == url
    postgres.take_back(url)


def test_idle_connections_stay_unless_the_tables_were_changed(postgres):
    url = postgres.lend()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert postgres.take_back(url)
    assert postgres.lend() == url
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    run(url, "CREATE TABLE bus.of_a_test (a int)")
    assert not postgres.take_back(url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE bus.events ADD COLUMN more int",
        "ALTER TABLE bus.events DISABLE ROW LEVEL SECURITY",
        "REVOKE SELECT ON bus.deliveries FROM iisgd_entry",
        "COMMENT ON SCHEMA bus IS 'another'",
    ],
)
def test_a_database_whose_tables_a_test_changed_is_not_lent_again(postgres, change):
    url = postgres.lend()
    run(url, change)
    postgres.take_back(url)
    other = postgres.lend()
    assert other != url
    postgres.take_back(other)
