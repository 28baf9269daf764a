"""The event `submission.reported.v1`: recorded once for each version whose records begin to count."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, select

from services.reporting.figures.operations import folding, rebuilding
from shared.bus.store import events
from tests.reporting.events import accepted, body_of, need, received, returned, withdrawn

BODY = body_of(need("N-1"))
OTHER = body_of(need("N-1"), need("N-2"))


@pytest.fixture
def reported(settings) -> Iterator[Callable[[], list[tuple[int, int]]]]:
    """List (version, verdict) of the events recorded so far."""
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


def test_a_version_is_reported_when_its_records_begin_to_count(runtime, fold, reported):
    fold(received(runtime, 1, BODY))
    assert reported() == []
    fold(accepted(runtime, 1, BODY))
    assert reported() == [(1, 1)]


def test_a_returned_or_withdrawn_version_is_not_reported(runtime, fold, reported):
    fold(returned(runtime, 1, BODY), withdrawn(2, BODY), returned(runtime, 3, BODY), withdrawn(3, BODY))
    assert reported() == []


def test_a_version_that_is_accepted_again_is_reported_once(runtime, fold, reported):
    first = accepted(runtime, 1, BODY)
    fold(first, accepted(runtime, 1, BODY, verdict=2), first)
    assert reported() == [(1, 1)]


def test_a_version_that_was_returned_meanwhile_is_reported_again(runtime, fold, reported):
    fold(
        accepted(runtime, 1, BODY),
        returned(runtime, 1, BODY, verdict=2),
        accepted(runtime, 1, BODY, verdict=3),
    )
    assert reported() == [(1, 1), (1, 3)]


@pytest.mark.parametrize("body", [BODY, OTHER])
def test_the_next_version_is_reported_though_some_of_its_records_counted_before(
    runtime, fold, reported, body
):
    fold(accepted(runtime, 1, BODY), accepted(runtime, 1, body, version=2))
    assert reported() == [(1, 1), (2, 1)]


def test_a_superseded_version_is_not_reported(runtime, fold, reported):
    fold(accepted(runtime, 1, OTHER, version=2), accepted(runtime, 1, BODY))
    fold(withdrawn(2, BODY, version=3), accepted(runtime, 2, BODY))
    assert reported() == [(2, 1)]


def test_a_version_whose_many_records_are_staged_is_reported_once(runtime, fold, reported, monkeypatch):
    monkeypatch.setattr(folding, "MANY_ENTRIES", 1)
    fold(accepted(runtime, 1, BODY), accepted(runtime, 1, BODY))
    assert reported() == [(1, 1)]


def test_a_nil_return_is_reported(runtime, fold, reported):
    fold(accepted(runtime, 1, body_of()))
    assert reported() == [(1, 1)]


def test_a_rebuild_reports_nothing(runtime, fold, reported):
    fold(accepted(runtime, 1, BODY))
    rebuilding.rebuild(runtime)
    assert reported() == [(1, 1)]
