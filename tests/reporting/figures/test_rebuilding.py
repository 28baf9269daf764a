import contextlib
import itertools
import random
import threading

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.reporting.app import SERVICE
from services.reporting.figures.operations import rebuilding
from services.reporting.figures.operations.rebuilding import RebuildIsSuperseded
from services.reporting.figures.store.tables import aggregates, facts, links
from shared.database import Transaction
from tests.reporting.events import (
    NEED,
    RESPONSE,
    SUPPORT,
    accepted,
    body_of,
    need,
    returned,
)
from tests.reporting.figures.histories import check_history, events_of, histories, many, some
from tests.reporting.stored_figures import empty, expected, held, kept, total


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@many
@given(history=histories())
def test_a_rebuild_gives_what_folding_gave_whatever_the_order_on_sqlite(runtime, fold, history):
    check_history(runtime, fold, history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@some
@given(history=histories())
def test_a_rebuild_gives_what_folding_gave_whatever_the_order_on_postgresql(runtime, fold, history):
    check_history(runtime, fold, history)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(some, max_examples=30)
@given(history=histories(), cut=st.integers(0, 6), data=st.data())
def test_a_rebuild_among_folds_misses_none_and_counts_none_twice(runtime, fold, history, cut, data):
    empty(runtime)
    events, contents = events_of(runtime, history)
    fold(*events[:cut])
    later = list(events[cut:])
    original = rebuilding.read_entries

    def read_while_others_fold(blobs, *, body):
        for _ in range(data.draw(st.integers(0, 2))):
            if later:
                fold(later.pop(0))
        return original(blobs, body=body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuilding, "BATCH", 1)
        patch.setattr(rebuilding, "read_entries", read_while_others_fold)
        rebuilding.rebuild(runtime)
    fold(*later)
    figures, rows = kept(runtime), held(runtime)
    assert figures == expected(contents, events)
    rebuilding.rebuild(runtime)
    assert (kept(runtime), held(runtime)) == (figures, rows)


class PowerCut(BaseException):
    """A kill: no code runs after it."""


def generations_with_rows(runtime):
    with runtime.database.read() as tx:
        return {
            number
            for table in (facts, links, aggregates)
            for number in tx.execute(select(table.c.generation).distinct()).scalars()
        }


@pytest.mark.parametrize("at_transaction", range(1, 8))
def test_a_rebuild_killed_at_any_transaction_harms_no_figure_and_the_next_one_clears_up(
    runtime, fold, monkeypatch, at_transaction
):
    monkeypatch.setattr(rebuilding, "BATCH", 1)
    fold(*(accepted(runtime, number, body_of(need(f"N-{number}"))) for number in range(3)))
    figures = kept(runtime)
    begun = itertools.count(1)
    finish = Transaction.finish

    def cut(tx):
        if next(begun) == at_transaction:
            raise PowerCut
        finish(tx)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "finish", cut)
        with contextlib.suppress(PowerCut):
            rebuilding.rebuild(runtime)
    assert kept(runtime) == figures
    fold(accepted(runtime, 9, body_of(need("N-9"))))
    rebuilding.rebuild(runtime)
    assert sum(figure.records for figure in kept(runtime).values()) == 4
    assert len(generations_with_rows(runtime)) == 1


def test_a_rebuild_gives_way_to_one_that_began_after_it(runtime, fold, monkeypatch):
    fold(accepted(runtime, 1, NEED))
    original = rebuilding.read_entries
    again = iter([True])

    def read_while_another_rebuilds(blobs, *, body):
        if next(again, False):
            rebuilding.rebuild(runtime)
        return original(blobs, body=body)

    monkeypatch.setattr(rebuilding, "read_entries", read_while_another_rebuilds)
    with pytest.raises(RebuildIsSuperseded, match="generation 2 is abandoned"):
        rebuilding.rebuild(runtime)
    assert total(runtime, "need")["records"] == 1


def test_folds_in_many_threads_and_a_rebuild_among_them_lose_nothing(runtime, deliver, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 3)
    chance = random.Random(7)
    events = [
        accepted(
            runtime,
            number,
            body_of(need(f"N-{number % 9}", estimated_cost=number, currency="EUR")),
            version=version,
        )
        for number in range(12)
        for version in (1, 2)
    ]
    chance.shuffle(events)
    failures = []

    def work(share):
        try:
            for event in share:
                deliver(runtime, SERVICE, event)
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(events[at::3],)) for at in range(3)]
    for thread in threads:
        thread.start()
    rebuilding.rebuild(runtime)
    for thread in threads:
        thread.join()
    assert failures == []
    contents = {event.body: orjson.loads(runtime.blobs.get(event.body)) for event in events}
    assert kept(runtime) == expected(contents, events)


def test_a_rebuild_says_what_it_did(runtime, fold):
    fold(accepted(runtime, 1, NEED), returned(runtime, 2, RESPONSE), accepted(runtime, 3, SUPPORT))
    summary = rebuilding.rebuild(runtime)
    assert (summary.submissions, summary.accepted, summary.records) == (3, 2, 2)
