"""Tests of a delivery that a real worker can never handle: it is dead-lettered alone, and replayed after the repair."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from deploy.cli import main
from deploy.launcher import Launcher, iisgd
from services.reporting.completeness.store import known_obligations
from shared.bus import record, store
from shared.clock import SystemClock
from shared.database import Database
from shared.settings import Settings
from tests.journeys.failing_worker import DEADLY, POISON
from tests.shared.bus.conftest import obligation


class Installation:
    """A broker, a relay, and a faulty worker of reporting."""

    def __init__(self, settings: Settings) -> None:
        self.launcher = Launcher.embedded(settings)
        self.launcher.add("worker", [sys.executable, "-m", "tests.journeys.failing_worker"])
        self._databases = {
            role: Database(settings.database, role, clock=SystemClock())
            for role in ("notify", "operator", "reporting")
        }

    def tell(self, *names: str) -> None:
        with self._databases["notify"].begin() as tx:
            record(tx, *(replace(obligation(1), obligation=name) for name in names))

    def mend(self) -> None:
        self.launcher.keep_down("worker")
        self.launcher.components["worker"].command = iisgd("worker", "reporting")
        self.launcher.release("worker")

    def deliveries(self) -> list[Any]:
        c = store.deliveries.c
        with self._databases["operator"].read() as tx:
            return list(tx.execute(select(c.id, c.state, c.attempts, c.reason).order_by(c.id)))

    def wait_for(self, *states: str) -> None:
        until = time.monotonic() + 120
        while [row.state for row in self.deliveries()] != list(states):
            assert time.monotonic() < until, self.deliveries()
            time.sleep(0.05)

    def noted(self) -> set[str]:
        with self._databases["reporting"].read() as tx:
            return set(tx.execute(select(known_obligations.c.obligation)).scalars())

    def bus(self, *arguments: str) -> str:
        return CliRunner().invoke(main, ["bus", *arguments], env=self.launcher.settings.as_environ()).output

    def stop(self) -> None:
        self.launcher.stop()
        for database in self._databases.values():
            database.dispose()


@pytest.fixture
def installed(settings: Settings) -> Iterator[Callable[..., Installation]]:
    made = []

    def install(**changes: Any) -> Installation:
        quick = replace(
            settings, retry_seconds=0.01, retry_cap_seconds=0.02, lease_seconds=4.0, poll_seconds=0.05
        )
        made.append(Installation(replace(quick, **changes)))
        made[-1].launcher.start("broker", "relay", "worker")
        return made[-1]

    yield install
    for installation in made:
        installation.stop()


def test_what_always_fails_is_dead_after_eight_attempts_its_neighbours_done_and_replayed_once_mended(
    installed,
):
    reporting = installed()
    reporting.tell("d-1", POISON, "d-2")
    reporting.wait_for("done", "dead", "done")
    _, poison, _ = reporting.deliveries()
    assert (poison.attempts, poison.reason) == (8, "ValueError: this obligation cannot be recorded")
    assert reporting.noted() == {"d-1", "d-2"}
    assert f"{poison.id}  obligation.set.v1 -> reporting  after 8 attempts" in reporting.bus("dead")
    (status,) = (
        line.split() for line in reporting.bus("status").splitlines() if line.startswith("reporting ")
    )
    assert status == ["reporting", "0", "0", "1", "-"]
    reporting.mend()
    assert reporting.bus("replay", poison.id) == "1 delivery will be rung again\n"
    reporting.wait_for("done", "done", "done")
    assert reporting.noted() == {"d-1", POISON, "d-2"}
    assert reporting.bus("dead") == "No delivery is dead.\n"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_ends_its_worker_each_time_dies_alone(installed):
    reporting = installed(max_attempts=3)
    reporting.tell("d-1", DEADLY, "d-2")
    reporting.wait_for("done", "dead", "done")
    assert reporting.deliveries()[1].reason == "the handler was started but never finished"
    assert reporting.noted() == {"d-1", "d-2"}
    reporting.mend()
    reporting.bus("replay", "--all")
    reporting.wait_for("done", "done", "done")
