import threading
from collections import Counter
from datetime import timedelta

import pytest

from shared.bus import store
from shared.bus.relay import Relay
from shared.bus.store import MAX_LEASE_FACTOR
from tests.shared.bus.conftest import LANE, obligation, submission

LEASE = timedelta(seconds=30)
BULK_LEASE = timedelta(seconds=600)


def record_one_by_one(bench, clock, count):
    for number in range(count):
        bench.record(obligation(number))
        clock.advance(timedelta(seconds=1))
    return [delivery.id for delivery in bench.deliveries()]


def start(bench, ids):
    """What is left of a worker that was killed while it handled."""
    with bench.database(LANE).begin() as tx:
        return store.mark_started(tx, ids=ids, now=tx.now, lease=LEASE)


def test_the_oldest_are_rung_first_and_no_more_than_the_window_holds(bench, clock):
    ids = record_one_by_one(bench, clock, 5)
    assert bench.ring(window=3) == ids[:3]
    assert bench.ring(window=3) == []
    bench.handling().handle(ids[:2])
    assert bench.ring(window=3) == ids[3:]


def test_a_message_carries_so_many_ids_of_one_event(bench):
    bench.record(*(obligation(number) for number in range(5)))
    bench.record(submission(), submission(), by="entry")
    bench.ring(ring_batch=2)
    assert [(lane, event, len(ids)) for lane, event, ids in bench.rings.messages] == [
        (LANE, "obligation.set.v1", 2),
        (LANE, "obligation.set.v1", 2),
        (LANE, "obligation.set.v1", 1),
        (LANE, "submission.received.v1", 2),
    ]


def test_in_a_bulk_lane_each_travels_alone_and_fewer_are_in_flight(bench):
    bench.record(*(submission(records=100_000) for _ in range(5)), by="entry")
    bench.ring(ring_batch=40, window=400, bulk_window=3)
    assert [(lane, len(ids)) for lane, _, ids in bench.rings.messages] == [("reporting.bulk", 1)] * 3


def test_a_message_carries_each_delivery_with_its_trace(bench):
    bench.record(obligation(1))
    (delivery,) = bench.deliveries()
    carried = []
    bench.relay(lambda _lane, _event, deliveries: carried.extend(deliveries)).ring_due()
    assert carried == [(delivery.id, delivery.trace)]


def test_two_relays_at_once_never_ring_one_delivery_twice(bench):
    bench.record(*(obligation(number) for number in range(400)))
    together = threading.Barrier(4)
    rung = Counter()
    lock = threading.Lock()

    def ring(_lane, _event, deliveries):
        with lock:
            rung.update(delivery for delivery, _ in deliveries)

    def relay():
        mine = bench.relay(ring, ring_batch=10, window=400)
        together.wait()
        for _ in range(5):
            mine.ring_due()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rung == Counter({delivery.id: 1 for delivery in bench.deliveries()})


def test_when_the_broker_is_away_the_claim_goes_back_at_once_and_nothing_is_lost(bench, clock):
    bench.record(*(obligation(number) for number in range(3)))
    bench.rings.is_away = True
    with pytest.raises(ConnectionError):
        bench.ring()
    assert [(row.state, row.due_at, row.attempts) for row in bench.deliveries()] == [
        ("waiting", clock.now(), 0)
    ] * 3
    bench.rings.is_away = False
    assert len(bench.ring()) == 3


def test_when_the_broker_goes_in_the_middle_what_was_sent_stays_rung(bench):
    bench.record(*(obligation(number) for number in range(5)))
    sent = []

    def ring(_lane, _event, deliveries):
        if sent:
            raise ConnectionError("no broker")
        sent.extend(delivery for delivery, _ in deliveries)

    with pytest.raises(ConnectionError):
        bench.relay(ring, ring_batch=2).ring_due()
    assert bench.states() == ["rung"] * 2 + ["waiting"] * 3
    assert set(bench.ring()).isdisjoint(sent)


def test_a_relay_outlives_a_broker_that_is_away(bench, monkeypatch):
    monkeypatch.setattr("shared.bus.relay.BROKER_WAIT_SECONDS", 0.01)
    bench.record(obligation(1))
    stopping = threading.Event()
    tries = []

    def ring(_lane, _event, deliveries):
        tries.append(deliveries)
        if len(tries) < 4:
            raise ConnectionError("no broker")
        stopping.set()

    thread = threading.Thread(target=Relay.run, args=(bench.relay(ring), stopping))
    thread.start()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert len(tries) == 4
    assert bench.states() == ["rung"]


def test_a_lease_that_ran_out_is_rung_again_and_no_sooner(bench, clock):
    (delivery,) = record_one_by_one(bench, clock, 1)
    assert bench.ring() == [delivery]
    clock.advance(LEASE - timedelta(milliseconds=1))
    assert bench.ring() == []
    clock.advance(timedelta(milliseconds=1))
    assert bench.ring() == [delivery]


def test_a_lease_that_ran_out_has_left_the_window(bench, clock):
    ids = record_one_by_one(bench, clock, 3)
    assert bench.ring(window=2) == ids[:2]
    clock.advance(LEASE)
    rung = bench.ring(window=2)
    assert (len(rung), ids[2] in rung) == (2, True)


def test_large_work_has_a_window_and_a_longer_lease_of_its_own(bench, clock):
    bench.record(submission(records=5000), submission(), by="entry")

    def lanes_rung():
        bench.rings.messages.clear()
        bench.ring(window=1)
        return [lane for lane, _, _ in bench.rings.messages]

    assert lanes_rung() == [LANE, f"{LANE}.bulk"]
    clock.advance(LEASE)
    assert lanes_rung() == [LANE]
    clock.advance(BULK_LEASE - LEASE)
    assert lanes_rung() == [LANE, f"{LANE}.bulk"]


def test_what_was_started_and_never_ended_is_rung_alone(bench, clock):
    bench.record(*(obligation(number) for number in range(3)))
    started = bench.ring()
    start(bench, started)
    clock.advance(LEASE)
    bench.record(obligation(3), obligation(4))
    bench.rings.messages.clear()
    bench.ring()
    messages = [set(ids) for _, _, ids in bench.rings.messages]
    assert sorted(map(len, messages)) == [1, 1, 1, 2]
    assert set(started).isdisjoint(next(ids for ids in messages if len(ids) == 2))


def test_rings_are_not_attempts(bench, clock):
    bench.record(obligation(1))
    for _ in range(100):
        assert len(bench.ring()) == 1
        clock.advance(LEASE * MAX_LEASE_FACTOR)
    (delivery,) = bench.deliveries()
    assert (delivery.state, delivery.attempts) == ("rung", 0)
    bench.handling().handle(bench.ring())
    assert bench.effects() == [1]


def test_a_lease_doubles_with_each_ring_that_was_not_heard_so_that_a_backlog_is_not_rung_over_and_over(
    bench, clock
):
    bench.record(obligation(1))
    waits = []
    for _ in range(7):
        assert len(bench.ring()) == 1
        (delivery,) = bench.deliveries()
        waits.append((delivery.due_at - clock.now()) / LEASE)
        clock.advance(delivery.due_at - clock.now())
    assert waits == [1, 2, 4, 8, 16, 16, 16]
    start(bench, bench.ring())
    clock.advance(LEASE)
    assert len(bench.ring()) == 1, "who was heard and did not end is rung again after one lease"
    (delivery,) = bench.deliveries()
    assert (delivery.due_at - clock.now()) / LEASE == 1


def test_a_ring_that_the_broker_did_not_take_makes_no_lease_longer(bench, clock):
    bench.record(obligation(1))
    bench.rings.is_away = True
    for _ in range(5):
        with pytest.raises(ConnectionError):
            bench.ring()
    bench.rings.is_away = False
    bench.ring()
    (delivery,) = bench.deliveries()
    assert delivery.due_at - clock.now() == LEASE


def test_what_was_started_eight_times_and_never_ended_is_dead(bench, clock):
    bench.record(obligation(1), obligation(2))
    poison, other = bench.ring()
    for attempt in range(8):
        assert [row.attempts for row in start(bench, [poison])] == [attempt + 1]
        clock.advance(LEASE)
        bench.ring()
    dead, alive = bench.deliveries()
    assert (dead.id, dead.state, dead.reason) == (
        poison,
        "dead",
        "the handler was started but never finished",
    )
    assert (alive.id, alive.state, alive.attempts) == (other, "rung", 0)


def test_what_is_done_dead_or_not_yet_due_is_not_rung(bench, clock):
    bench.record(obligation(1), obligation(2), obligation(3))
    done, dead, later = bench.ring()
    bench.handling().handle([done])
    with bench.database(LANE).begin() as tx:
        store.dead_letter(tx, delivery=dead, reason="tired", now=tx.now)
        store.mark_failed(
            tx, delivery=later, reason="tired", due_at=clock.now() + LEASE + timedelta(seconds=1)
        )
    clock.advance(LEASE)
    assert bench.ring() == []
    clock.advance(timedelta(seconds=1))
    assert bench.ring() == [later]
