import pytest
from sqlalchemy import func, select

from shared.bus import record, store
from shared.database import RowExists
from shared.logs import tracing
from tests.shared.bus.conftest import obligation, submission, write


def events_in(bench):
    columns = [store.events.c[name] for name in ("id", "name", "producer", "trace", "occurred_at")]
    with bench.database("operator").read() as tx:
        return list(tx.execute(select(*columns).order_by(store.events.c.id)))


def test_an_event_is_kept_with_one_delivery_for_each_that_is_told(bench, clock):
    bench.record(submission(), by="entry")
    (event,) = events_in(bench)
    assert (event.name, event.producer, event.occurred_at) == (
        "submission.received.v1",
        "entry",
        clock.now(),
    )
    deliveries = bench.deliveries()
    assert {delivery.subscriber for delivery in deliveries} == {"validation", "reporting", "notify"}
    for delivery in deliveries:
        assert (delivery.event_id, delivery.event) == (event.id, event.name)
        assert (delivery.state, delivery.attempts, delivery.due_at) == ("waiting", 0, clock.now())
        assert delivery.lane == delivery.subscriber


def test_effect_event_and_deliveries_are_there_together(bench):
    with bench.database("reporting").begin() as tx:
        write(tx, obligation(1))
        record(tx, obligation(1))
    assert bench.effects() == [1]
    assert len(events_in(bench)) == len(bench.deliveries()) == 1


def test_what_is_rolled_back_never_happened(bench):
    def attempt():
        with bench.database("reporting").begin() as tx:
            write(tx, obligation(1))
            record(tx, obligation(1))
            raise LookupError

    with pytest.raises(LookupError):
        attempt()
    assert (bench.effects(), events_in(bench), bench.deliveries()) == ([], [], [])


def test_an_effect_that_meets_its_key_takes_the_event_with_it(bench):
    def attempt(number):
        with bench.database("reporting").begin() as tx:
            record(tx, obligation(number))
            tx.add(store.blobs, {"sha256": "a" * 64, "size": 1, "body": b"a"})

    attempt(1)
    with pytest.raises(RowExists):
        attempt(2)
    assert len(events_in(bench)) == len(bench.deliveries()) == 1


def test_ids_are_unique_and_keep_the_order_in_which_events_were_recorded(bench):
    bench.record(*(obligation(number) for number in range(100)))
    bench.record(*(obligation(number) for number in range(100, 140)))
    with bench.database("reporting").read() as tx:
        payloads = list(tx.execute(select(store.events.c.payload).order_by(store.events.c.id)).scalars())
    assert [payload["sequence"] for payload in payloads] == list(range(140))
    ids = [event.id for event in events_in(bench)] + [delivery.id for delivery in bench.deliveries()]
    assert len(set(ids)) == 280


def test_events_bear_the_trace_of_the_work_that_they_tell_of(bench):
    with tracing("4bf92f3577b34da6a3ce929d0e0e4736"):
        bench.record(submission(), by="entry")
    assert [event.trace for event in events_in(bench)] == ["4bf92f3577b34da6a3ce929d0e0e4736"]
    assert {delivery.trace for delivery in bench.deliveries()} == {"4bf92f3577b34da6a3ce929d0e0e4736"}


def test_work_without_a_trace_begins_one(bench):
    bench.record(obligation(1), obligation(2))
    bench.record(obligation(3))
    first, second, other = (event.trace for event in events_in(bench))
    assert first == second != other


@pytest.mark.parametrize(("records", "lanes"), [(2000, ""), (2001, ".bulk")])
def test_a_large_submission_travels_in_lanes_of_its_own(bench, records, lanes):
    bench.record(submission(records=records), by="entry")
    assert {delivery.lane for delivery in bench.deliveries()} == {
        f"{name}{lanes}" for name in ("validation", "reporting", "notify")
    }


def test_recording_nothing_writes_nothing(bench):
    bench.record()
    with bench.database("operator").read() as tx:
        assert tx.execute(select(func.count(store.events.c.id))).scalar() == 0
