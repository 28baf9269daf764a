from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from shared.bus import store
from shared.clock import SystemClock
from tests.shared.bus.conftest import Bench, note, obligation
from tests.shared.bus.test_handling import failing_on


@pytest.fixture
def iisgd(settings) -> Callable[..., Result]:
    """The operator's command, on the bench's database."""

    def run(*arguments: str) -> Result:
        given = {"IISGD_DATABASE_URL": settings.database, "IISGD_HOME": str(settings.home)}
        return CliRunner().invoke(main, arguments, env=given)

    return run


@pytest.fixture
def present(settings, bench_on) -> Bench:
    """A bench on the machine's own clock, which the operator's command reads too."""
    return bench_on(settings, SystemClock())


def exhaust(bench: Bench, *poison: int) -> None:
    """Have the handler fail for these obligations until nothing is rung any more."""
    handling = bench.handling(failing_on(*poison), retry_seconds=0)
    for _ in range(8):
        handling.handle(bench.ring())


def test_what_always_fails_is_dead_after_eight_attempts_and_its_neighbours_are_done(bench, clock, logged):
    bench.record(obligation(1), obligation(2), obligation(3))
    handling = bench.handling(failing_on(2))
    attempts = []
    for _ in range(12):
        handling.handle(bench.ring())
        attempts.append(bench.deliveries()[1].attempts)
        clock.advance(timedelta(seconds=300))
    assert attempts == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8]
    first, dead, last = bench.deliveries()
    assert (first.state, last.state, bench.effects()) == ("done", "done", [1, 3])
    assert (dead.state, dead.reason) == ("dead", "ValueError: no such obligation")
    assert len([line for line in logged if line["event"] == "handler raised"]) == 8


def test_a_dead_delivery_is_replayed_once_its_handler_is_mended(bench):
    bench.record(obligation(1), obligation(2))
    exhaust(bench, 2)
    with bench.database("operator").begin() as tx:
        store.replay_dead(tx, ids=None, now=tx.now)
    bench.handling(note).handle(bench.ring())
    assert (bench.effects(), bench.states()) == ([1, 2], ["done", "done"])


def test_the_operator_sees_what_is_dead_and_why(present, iisgd):
    present.record(obligation(1), obligation(2), obligation(3))
    exhaust(present, 2)
    dead = present.deliveries()[1]
    shown = iisgd("bus", "dead")
    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        f"{dead.id}  obligation.set.v1 -> reporting  after 8 attempts",
        "    ValueError: no such obligation",
        f"    trace {dead.trace}, dead-lettered at {dead.finished_at:%Y-%m-%d %H:%M:%S}",
    ]


def test_the_operator_sees_how_each_queue_stands(present, iisgd):
    present.record(obligation(1))
    exhaust(present, 1)
    present.record(obligation(2))
    present.ring()
    present.record(obligation(3), obligation(4))
    lines = [line.split() for line in iisgd("bus", "status").output.splitlines()]
    assert lines[0] == ["queue", "waiting", "in", "flight", "dead", "oldest"]
    (reporting,) = (line for line in lines if line[0] == "reporting")
    assert reporting[:4] == ["reporting", "2", "1", "1"]
    assert float(reporting[4]) < 60
    assert ["entry", "0", "0", "0", "-"] in lines
    assert len(lines) == 9


def test_the_operator_replays_the_delivery_that_is_named_and_no_other(present, iisgd):
    present.record(obligation(1), obligation(2))
    exhaust(present, 1, 2)
    first, _ = present.deliveries()
    assert iisgd("bus", "replay", first.id).output == "1 delivery will be rung again\n"
    assert present.states() == ["waiting", "dead"]
    assert present.deliveries()[0].attempts == 0
    present.handling().handle(present.ring())
    assert present.effects() == [1]
    again = iisgd("bus", "replay", first.id)
    assert again.exit_code == 1
    assert first.id in again.output


def test_the_operator_replays_everything_only_when_told_so(present, iisgd):
    present.record(obligation(1), obligation(2))
    exhaust(present, 1, 2)
    refused = iisgd("bus", "replay")
    assert (refused.exit_code, present.states()) == (2, ["dead", "dead"])
    assert "Name the deliveries, or use --all." in refused.output
    assert iisgd("bus", "replay", "--all").output == "2 deliveries will be rung again\n"
    assert present.states() == ["waiting", "waiting"]
