"""Tests of `iisgd audit` after changes by a user with full rights in the database."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, create_engine, delete, insert, select, text, update

from deploy.cli import main
from services.entry.audit import operations as audit
from services.entry.audit.domain import SYSTEM, Actor
from services.entry.audit.store import entries, seals
from shared.ids import id_before
from shared.resources import Runtime
from tests.conftest import NOW

ACTIONS = ("submission.received", "submission.corrected", "submission.accepted", "secret.made")


@pytest.fixture
def runtime(settings, clock) -> Iterator[Runtime]:
    """A runtime with four sealed actions."""
    made = Runtime.of("entry", settings, clock)
    for action in ACTIONS:
        with made.database.begin() as tx:
            actor = SYSTEM if action == "submission.accepted" else Actor("AL-WBCTi", "portal", "192.0.2.7")
            audit.record_action(
                tx,
                actor=actor,
                action=action,
                reporter="AL-WBCTi",
                partner="AL",
                submission="s-1" if action.startswith("submission") else None,
                version=1,
                detail={"records": 3},
            )
    with made.database.begin() as tx:
        audit.seal_entries(tx, until=tx.now)
    yield made
    made.database.dispose()


@pytest.fixture
def tamper(settings, runtime) -> Callable[..., None]:
    """Return a function that changes the tables as their owner can, with all protection disabled."""
    engine = create_engine(settings.database)
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(schema_translate_map={"entry": None})

    def tamper(change: Callable[[Connection], object]) -> None:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                for name in ("journal", "seals"):
                    for verb in ("update", "delete"):
                        connection.execute(text(f"DROP TRIGGER {name}_refuses_{verb}"))
            else:
                connection.execute(text("SET session_replication_role = replica"))
            change(connection)
        engine.dispose()

    return tamper


@pytest.fixture
def call(settings) -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        environ = {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}
        return CliRunner(env=environ | {"COLUMNS": "200"}).invoke(main, ["audit", *arguments])

    return call


def nth(connection: Connection, number: int) -> str:
    """Return the id of the entry with the sequence."""
    return connection.execute(select(seals.c.entry).where(seals.c.sequence == number)).scalar_one()


def test_a_log_that_nobody_touched_is_whole(runtime, call):
    done = call("verify")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("4 entries are valid, the last sealed at 2026-11-23 09:00:00 with ")


def test_a_log_without_anything_is_whole(settings, call):
    done = call("verify")
    assert (done.exit_code, done.output) == (0, "No entry is sealed yet.\n")


def change_entry(connection):
    id_ = nth(connection, 3)
    connection.execute(update(entries).where(entries.c.id == id_).values(detail={"records": 4}))
    return "2 entries before it are valid", f"the entry {id_}, or its seal, was changed"


def change_author(connection):
    id_ = nth(connection, 1)
    connection.execute(update(entries).where(entries.c.id == id_).values(actor="RS-WBCTi"))
    return "0 entries before it are valid", f"the entry {id_}, or its seal, was changed"


def remove_entry(connection):
    id_ = nth(connection, 2)
    connection.execute(delete(entries).where(entries.c.id == id_))
    return "1 entry before it is valid", f"the entry {id_} was removed"


def remove_entry_and_seal(connection):
    connection.execute(delete(entries).where(entries.c.id == nth(connection, 2)))
    connection.execute(delete(seals).where(seals.c.sequence == 2))
    return "1 entry before it is valid", "seal 2 was removed: seal 3 is in its place"


def remove_and_close_the_gap(connection):
    last = nth(connection, 4)
    connection.execute(delete(entries).where(entries.c.id == nth(connection, 3)))
    connection.execute(delete(seals).where(seals.c.sequence == 3))
    connection.execute(update(seals).where(seals.c.sequence == 4).values(sequence=3))
    return "2 entries before it are valid", f"the entry {last}, or its seal, was changed"


def insert_between(connection):
    id_, row = copy_of(connection, 2)
    connection.execute(update(seals).where(seals.c.sequence == 4).values(sequence=5))
    connection.execute(update(seals).where(seals.c.sequence == 3).values(sequence=4))
    connection.execute(insert(entries).values(row))
    seal = {"sequence": 3, "entry": id_, "hash": "0" * 64, "sealed_at": row["at"]}
    connection.execute(insert(seals).values(seal))
    return "2 entries before it are valid", f"the entry {id_}, or its seal, was changed or added later"


def insert_without_a_seal(connection):
    id_, row = copy_of(connection, 1)
    connection.execute(insert(entries).values(row))
    return "4 entries before it are valid", f"the entry {id_} is older than sealed entries and has no seal"


def move_a_seal(connection):
    id_ = nth(connection, 4)
    later = NOW + timedelta(days=1)
    connection.execute(update(seals).where(seals.c.sequence == 4).values(sealed_at=later))
    return "3 entries before it are valid", f"the entry {id_}, or its seal, was changed"


def copy_of(connection, number):
    """Return a copy of an existing row, dated hours earlier."""
    row = connection.execute(select(entries).where(entries.c.id == nth(connection, number))).first()
    id_ = id_before(row.id, timedelta(hours=3)) + row.id[13:]
    return id_, {**row._mapping, "id": id_, "at": row.at - timedelta(hours=3)}


@pytest.mark.parametrize(
    "change",
    [
        change_entry,
        change_author,
        remove_entry,
        remove_entry_and_seal,
        remove_and_close_the_gap,
        insert_between,
        insert_without_a_seal,
        move_a_seal,
    ],
)
def test_the_first_row_that_does_not_fit_is_named(runtime, tamper, call, change):
    expected = []
    tamper(lambda connection: expected.extend(change(connection)))
    done = call("verify")
    assert done.exit_code == 1, done.output
    said = " ".join(done.output.split())
    for words in expected:
        assert words in said, said


def test_what_is_not_sealed_yet_is_said_and_is_no_fault(runtime, call, clock):
    clock.advance(timedelta(minutes=1))
    with runtime.database.begin() as tx:
        audit.record_action(tx, actor=SYSTEM, action="submission.returned", reporter="AL-WBCTi")
    done = call("verify")
    assert done.exit_code == 0, done.output
    assert "Entries since 2026-11-23 09:01:00 are not sealed yet." in done.output


def test_the_log_is_listed_with_who_did_what_and_from_where(runtime, call):
    rows = call("list").output.splitlines()
    assert [row.split()[0] for row in rows] == ["No", "4", "3", "2", "1"]
    for words in (
        "2026-11-23 09:00:00",
        "AL-WBCTi (portal)",
        "192.0.2.7",
        "submission.received",
        "s-1 version 1",
    ):
        assert words in rows[-1]
    assert "iisgd" in rows[2]


def test_the_log_is_searched(runtime, call):
    def found(*arguments: str) -> list[str]:
        done = call("list", *arguments)
        assert done.exit_code == 0, done.output
        return [line.split()[0] for line in done.output.splitlines()[1:]]

    assert found("--action", "submission.") == ["3", "2", "1"]
    assert found("--reporter", "AL-WBCTi", "--limit", "2") == ["4", "3"]
    assert found("--submission", "s-1") == ["3", "2", "1"]
    assert found("--since", "2026-11-23") == ["4", "3", "2", "1"]
    assert found("--since", "2026-11-23T09:01") == []
    assert call("list", "--reporter", "RS-WBCTi").output == "The audit log has no matching entry.\n"
