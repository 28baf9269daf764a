"""Since when the records of a version count is told once: to the sender, not to those who count."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, select

from services.reporting.figures.operations import folding, rebuilding
from shared.bus.store import events
from tests.reporting.events import accepted, body_of, need, received, returned, withdrawn

BODY = body_of(need("N-1"))
OTHER = body_of(need("N-1"), need("N-2"))


@pytest.fixture
def told(settings) -> Iterator[Callable[[], list[tuple[int, int]]]]:
    """(version, verdict) of all that was told so far."""
    schemas = {"bus": None} if settings.database.startswith("sqlite") else None
    engine = create_engine(settings.database).execution_options(schema_translate_map=schemas)

    def read() -> list[tuple[int, int]]:
        statement = select(events.c.payload).where(events.c.name == "submission.reported.v1")
        with engine.connect() as connection:
            payloads = list(connection.execute(statement.order_by(events.c.id)).scalars())
        assert all(each["reported_at"] == "2026-11-23T09:00:00.000Z" for each in payloads)
        return [(each["version"], each["verdict"]) for each in payloads]

    yield read
    engine.dispose()


def test_it_is_told_when_the_records_of_an_accepted_version_come_to_count(runtime, fold, told):
    fold(received(runtime, 1, BODY))
    assert told() == []
    fold(accepted(runtime, 1, BODY))
    assert told() == [(1, 1)]


def test_of_what_is_returned_or_taken_back_nothing_is_told(runtime, fold, told):
    fold(returned(runtime, 1, BODY), withdrawn(2, BODY), returned(runtime, 3, BODY), withdrawn(3, BODY))
    assert told() == []


def test_a_version_that_is_accepted_again_has_counted_all_along(runtime, fold, told):
    first = accepted(runtime, 1, BODY)
    fold(first, accepted(runtime, 1, BODY, verdict=2), first)
    assert told() == [(1, 1)]


def test_a_version_that_was_returned_meanwhile_comes_to_count_again(runtime, fold, told):
    fold(
        accepted(runtime, 1, BODY),
        returned(runtime, 1, BODY, verdict=2),
        accepted(runtime, 1, BODY, verdict=3),
    )
    assert told() == [(1, 1), (1, 3)]


@pytest.mark.parametrize("body", [BODY, OTHER])
def test_the_next_version_is_told_of_though_some_of_its_records_counted_before(runtime, fold, told, body):
    fold(accepted(runtime, 1, BODY), accepted(runtime, 1, body, version=2))
    assert told() == [(1, 1), (2, 1)]


def test_what_was_overtaken_comes_to_count_no_more(runtime, fold, told):
    fold(accepted(runtime, 1, OTHER, version=2), accepted(runtime, 1, BODY))
    fold(withdrawn(2, BODY, version=3), accepted(runtime, 2, BODY))
    assert told() == [(2, 1)]


def test_many_records_that_are_staged_beforehand_are_told_of_once_too(runtime, fold, told, monkeypatch):
    monkeypatch.setattr(folding, "MANY_ENTRIES", 1)
    fold(accepted(runtime, 1, BODY), accepted(runtime, 1, BODY))
    assert told() == [(1, 1)]


def test_nothing_to_report_is_told_of_as_well(runtime, fold, told):
    fold(accepted(runtime, 1, body_of()))
    assert told() == [(1, 1)]


def test_a_rebuild_tells_nothing(runtime, fold, told):
    fold(accepted(runtime, 1, BODY))
    rebuilding.rebuild(runtime)
    assert told() == [(1, 1)]
