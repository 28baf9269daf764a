from datetime import timedelta

from click.testing import CliRunner
from sqlalchemy import func, select

from deploy.cli import main
from shared.bus import store
from shared.clock import SystemClock
from shared.http.idempotency import IdempotentRequest, delete_answers
from shared.http.routes import Result
from tests.shared.bus.conftest import LANE, obligation, submission
from tests.shared.bus.test_handling import failing_on

KEPT = timedelta(hours=72)


def prune(bench):
    with bench.database("operator").begin() as tx:
        return store.delete_done(tx, before=tx.now - KEPT)


def count_events(bench):
    with bench.database("operator").read() as tx:
        return tx.execute(select(func.count(store.events.c.id))).scalar()


def test_what_was_done_long_ago_is_forgotten_with_its_event(bench, clock):
    bench.record(obligation(1))
    bench.handling().handle(bench.ring())
    clock.advance(KEPT)
    assert (prune(bench), bench.states(), count_events(bench)) == (0, ["done"], 1)
    clock.advance(timedelta(milliseconds=1))
    assert (prune(bench), bench.states(), count_events(bench)) == (1, [], 0)
    assert bench.effects() == [1]


def test_what_is_open_or_dead_is_kept_however_old(bench, clock):
    bench.record(obligation(1), obligation(2), obligation(3))
    bench.handling(failing_on(1), max_attempts=1).handle(bench.ring()[:1])
    with bench.database("relay").begin() as tx:
        store.release(tx, ids=[bench.deliveries()[2].id], due_at=tx.now)
    assert bench.states() == ["dead", "rung", "waiting"]
    clock.advance(10 * KEPT)
    assert (prune(bench), bench.states(), count_events(bench)) == (0, ["dead", "rung", "waiting"], 3)


def test_an_event_is_kept_until_the_last_that_was_told_is_done(bench, clock):
    bench.record(submission(), by="entry")
    for row in bench.deliveries():
        if row.subscriber != "notify":
            with bench.database(row.subscriber).begin() as tx:
                store.mark_done(tx, ids=[row.id], now=tx.now)
    clock.advance(2 * KEPT)
    assert prune(bench) == 2
    (waiting,) = bench.deliveries()
    assert (waiting.subscriber, count_events(bench)) == ("notify", 1)


def test_a_stored_answer_is_forgotten_after_a_while_and_its_key_is_new_again(bench, clock):
    once = IdempotentRequest.of(reporter="AL-WBCTi", key="k", path="/entry/v1/submissions", body=b"{}")
    with bench.database("entry").begin() as tx:
        once.store(tx, Result({"id": "1"}, status=202))
    for wait, is_kept in ((KEPT, True), (timedelta(milliseconds=1), False)):
        clock.advance(wait)
        with bench.database("operator").begin() as tx:
            delete_answers(tx, before=tx.now - KEPT)
        with bench.database("entry").read() as tx:
            assert (once.find(tx) is not None) == is_kept


def test_the_operator_prunes_at_once(settings, bench_on):
    bench = bench_on(settings, SystemClock())
    bench.record(obligation(1), obligation(2))
    bench.handling().handle(bench.ring()[:1])
    shown = CliRunner().invoke(
        main,
        ["bus", "prune"],
        env={
            "IISGD_DATABASE_URL": settings.database,
            "IISGD_HOME": str(settings.home),
            "IISGD_KEEP_DONE_HOURS": "0",
        },
    )
    assert shown.output == "1 delivery deleted\n"
    assert bench.states() == ["rung"]
    assert bench.deliveries()[0].lane == LANE
