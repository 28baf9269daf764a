"""POST while the broker is down: the rate stays the same, and the backlog drains once the broker is back."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from tests.bench.posts import load
from tests.drill.kills import rows
from tests.figures import Figure
from tests.systems import System, systems

ROUNDS = 3
SECONDS = 1.0
DRAIN_SECONDS = 600.0


def broker_down() -> Iterable[Figure]:
    """Measure rates in turn with and without a broker, so that a slow moment affects both; then drain the backlog."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", web_workers=2)
        rounds = [(_rate(system), _rate_without_broker(system)) for _ in range(ROUNDS)]
        system.launcher.release("worker")
        seconds = system.wait_until_drained(seconds=DRAIN_SECONDS)
        posted = rows(system, "SELECT count(*) FROM {entry}submissions")[0][0]
        judged = rows(system, "SELECT count(*) FROM {validation}verdicts")[0][0]
        dead = rows(system, "SELECT count(*) FROM {bus}deliveries WHERE state = 'dead'")[0][0]
    how = f"{median(down for _, down in rounds):.0f}/s without a broker, {median(up for up, _ in rounds):.0f}/s with"
    yield Figure("broker_down.rate", median(down / up for up, down in rounds), "x", how, bar=0.9)
    how = f"{posted} submissions judged {seconds:.0f} s after the broker was back"
    yield Figure("broker_down.judged", judged / posted, "", how, bar=1.0)
    yield Figure("broker_down.dead", dead, "", how, bar=0, less_is_better=True)


def _rate(system: System) -> float:
    """Return the rate of POSTs. Workers stop meanwhile, because they would use the processor in the first rate only."""
    system.launcher.keep_down("worker")
    result = load(system.launcher.port, "/entry/v1/submissions", _headers(system), seconds=SECONDS)
    if bad := set(result.statuses) - {202}:
        raise RuntimeError(f"responses to POST were {bad}")
    return result.rate


def _rate_without_broker(system: System) -> float:
    system.launcher.keep_down("broker")
    rate = _rate(system)
    system.launcher.release("broker")
    return rate


def _headers(system: System) -> dict[str, str]:
    return {"Authorization": f"Bearer {system.token('AL-WBCTi')}"}
