import threading
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus import record, store
from shared.clock import SystemClock
from shared.ids import new_id
from shared.logs import current_trace, tracing
from tests.shared.bus.conftest import LANE, note, obligation, submission, write

LEASE = timedelta(seconds=30)


def rung(bench, count):
    bench.record(*(obligation(number) for number in range(count)))
    return bench.ring()


def failing_on(*numbers, where="effect"):
    """A handler that raises for these obligations, in the effect after it wrote or while it computes."""

    def handle(event):
        if where == "computing" and event.sequence in numbers:
            raise ValueError("no such obligation")

        def effect(tx):
            write(tx, event)
            if event.sequence in numbers:
                raise ValueError("no such obligation")

        return effect

    return handle


def test_a_delivery_rung_twice_has_one_effect(bench):
    ids = rung(bench, 3)
    handling = bench.handling()
    assert [handling.handle(ids), handling.handle(ids), handling.handle(ids[:1])] == [3, 0, 0]
    assert bench.effects() == [0, 1, 2]
    assert bench.states() == ["done"] * 3


def test_a_stale_ring_of_what_is_done_does_not_even_reach_the_handler(bench):
    ids = rung(bench, 1)
    seen = []

    def handle(event):
        seen.append(event.sequence)
        return note(event)

    handling = bench.handling(handle)
    handling.handle(ids)
    before = bench.deliveries()
    handling.handle(ids)
    assert seen == [0]
    assert bench.deliveries() == before


def test_a_ring_for_something_pruned_since_does_nothing(bench):
    assert bench.handling().handle(["00000000-0000-7000-8000-000000000000"]) == 0


def test_a_delivery_that_a_live_handler_holds_is_not_started_again(bench):
    ids = rung(bench, 1)
    started = []

    def handle(event):
        started.append(event.sequence)
        if len(started) == 1:
            # A second ring of the same delivery reaches another worker meanwhile.
            assert bench.handling(handle).handle(ids) == 0
        return note(event)

    assert bench.handling(handle).handle(ids) == 1
    assert started == [0]
    assert bench.effects() == [0]
    assert [delivery.attempts for delivery in bench.deliveries()] == [1]


def test_workers_that_are_rung_at_once_have_one_effect_together(bench):
    ids = rung(bench, 40)
    together = threading.Barrier(6)
    done = []

    def work():
        handling = bench.handling()
        together.wait()
        done.extend(handling.handle(ids[start : start + 10]) for start in (20, 0, 30, 10))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.effects() == list(range(40))
    assert sum(done) == 40


def test_a_worker_that_was_overtaken_after_its_lease_ran_out_changes_nothing(bench, clock):
    """The slow one has computed when another, rung since, is done."""
    ids = rung(bench, 1)

    def slowly(event):
        clock.advance(LEASE)
        assert bench.ring() == ids
        assert bench.handling().handle(ids) == 1
        return note(event)

    assert bench.handling(slowly).handle(ids) == 0
    assert (bench.effects(), bench.states()) == ([0], ["done"])


def test_a_worker_that_was_overtaken_and_then_fails_leaves_done_what_is_done(bench, clock):
    ids = rung(bench, 1)

    def slowly(event):
        clock.advance(LEASE)
        bench.ring()
        bench.handling().handle(ids)
        raise ValueError("too late")

    bench.handling(slowly).handle(ids)
    (delivery,) = bench.deliveries()
    assert (delivery.state, delivery.reason) == ("done", None)


def test_the_start_is_noted_and_the_lease_renewed_before_the_handler_runs(bench, clock):
    ids = rung(bench, 1)
    clock.advance(timedelta(seconds=10))
    seen = []

    def handle(event):
        seen.extend(bench.deliveries())
        return note(event)

    bench.handling(handle).handle(ids)
    (during,) = seen
    assert (during.state, during.attempts, during.started_at) == ("rung", 1, clock.now())
    assert during.due_at == clock.now() + LEASE


@pytest.mark.parametrize("where", ["effect", "computing"])
def test_where_one_of_a_batch_raises_the_others_are_done_and_it_is_tried_again(bench, clock, where):
    ids = rung(bench, 5)
    assert bench.handling(failing_on(2, where=where)).handle(ids) == 4
    assert bench.effects() == [0, 1, 3, 4]
    failed = bench.deliveries()[2]
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert failed.due_at == clock.now() + timedelta(seconds=1)
    assert failed.reason == "ValueError: no such obligation"
    assert bench.states().count("done") == 4


def test_an_effect_that_raises_undoes_itself_alone(bench):
    bench.handling(failing_on(0)).handle(rung(bench, 2))
    assert bench.effects() == [1]


def test_each_failure_waits_twice_as_long_up_to_the_cap(bench, clock):
    ids = rung(bench, 1)
    handling = bench.handling(failing_on(0), retry_cap_seconds=10)
    waits = []
    for _ in range(7):
        handling.handle(ids)
        (delivery,) = bench.deliveries()
        waits.append((delivery.due_at - clock.now()).total_seconds())
        clock.advance(delivery.due_at - clock.now() - timedelta(milliseconds=1))
        assert bench.ring() == []
        clock.advance(timedelta(milliseconds=1))
        assert bench.ring() == ids
    assert waits == [1, 2, 4, 8, 10, 10, 10]


def test_a_success_after_failures_leaves_no_reason_behind(bench, clock):
    ids = rung(bench, 1)
    bench.handling(failing_on(0)).handle(ids)
    clock.advance(timedelta(seconds=1))
    bench.handling().handle(bench.ring())
    (delivery,) = bench.deliveries()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("done", 2, None)


def test_an_event_that_this_version_does_not_know_waits_for_one_that_does(bench, clock):
    bench.record(obligation(1))
    (known,) = bench.deliveries()
    later = {"id": new_id(), "producer": "notify", "trace": known.trace, "occurred_at": clock.now()}
    with bench.database("notify").begin() as tx:
        tx.add(store.events, later | {"name": "obligation.set.v9", "payload": {"day": "2026-12-15"}})
        tx.add(
            store.deliveries,
            {name: value for name, value in known._mapping.items() if value is not None}
            | {"id": new_id(), "event_id": later["id"], "event": "obligation.set.v9"},
        )
    bench.handling().handle(bench.ring())
    done, unknown = bench.deliveries()
    assert (done.state, unknown.state) == ("done", "waiting")
    assert unknown.reason == "EventIsUnknown: There is no event named 'obligation.set.v9'."


def test_the_handler_and_the_events_that_it_records_bear_the_trace_of_the_event(bench):
    with tracing("4bf92f3577b34da6a3ce929d0e0e4736"):
        bench.record(obligation(1))
    bench.record(obligation(2))
    seen = {}

    def handle(event):
        seen[event.sequence] = current_trace()
        return lambda tx: record(tx, submission())

    bench.handling(handle).handle(bench.ring())
    assert seen[1] == "4bf92f3577b34da6a3ce929d0e0e4736" != seen[2]
    traces = Counter(
        delivery.trace for delivery in bench.deliveries() if delivery.event == "submission.received.v1"
    )
    assert traces == {seen[1]: 3, seen[2]: 3}


def test_the_next_events_are_told_only_if_the_effect_lasts(bench):
    ids = rung(bench, 2)

    def handle(event):
        def effect(tx):
            record(tx, submission())
            if event.sequence == 1:
                raise ValueError("undone")

        return effect

    bench.handling(handle).handle(ids)
    told = [delivery for delivery in bench.deliveries() if delivery.event == "submission.received.v1"]
    assert len(told) == 3


steps = st.lists(
    st.tuples(
        st.sampled_from(["ring", "handle", "handle twice", "fail", "die", "wait"]),
        st.sets(st.integers(0, 4), min_size=1),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_in_whatever_order_rings_starts_deaths_and_failures_come_each_effect_comes_once(bench, clock, steps):
    bench.clear()
    bench.record(*(obligation(number) for number in range(5)))
    ids = [delivery.id for delivery in bench.deliveries()]
    good = bench.handling(max_attempts=100)
    for step, chosen in steps:
        some = [ids[at] for at in chosen]
        if step == "ring":
            bench.ring(max_attempts=100)
        elif step == "wait":
            clock.advance(LEASE)
        elif step == "fail":
            bench.handling(failing_on(*chosen), max_attempts=100).handle(some)
        elif step == "die":
            with bench.database(LANE).begin() as tx:
                store.mark_started(tx, ids=some, now=tx.now, lease=LEASE)
        else:
            good.handle(some)
            if step == "handle twice":
                good.handle(some)
    while set(bench.states()) != {"done"}:
        clock.advance(timedelta(seconds=300))
        good.handle(bench.ring(max_attempts=100))
    assert bench.effects() == [0, 1, 2, 3, 4]


def test_durations_run_from_start_to_end_by_event(settings, bench_on):
    bench = bench_on(settings, SystemClock())
    bench.handling().handle(rung(bench, 3))
    with bench.database(LANE).read() as tx:
        seen = store.recent_durations(tx, subscriber=LANE, since=tx.now - LEASE, limit=2)
    assert list(seen) == ["obligation.set.v1"]
    assert len(seen["obligation.set.v1"]) == 2
    assert all(0 <= seconds < 5 for seconds in seen["obligation.set.v1"])


def test_events_are_read_as_they_were_written(bench):
    seen = []

    def handle(event):
        seen.append(event)
        return note(event)

    bench.record(obligation(7))
    bench.handling(handle).handle(bench.ring())
    assert seen == [obligation(7)]
