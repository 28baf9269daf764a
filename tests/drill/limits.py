"""One reporter sends fifty times its permitted requests; the other reporters must not be affected."""

import asyncio
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tests.bench.posts import BODY, load
from tests.figures import Figure
from tests.load import Result, posted
from tests.systems import System, systems

LIMIT = 600
TIMES = 50
FLOODING = "AL-WBCTi"
OTHERS = ("BA-WBCTi", "XK-WBCTi", "ME-WBCTi", "MK-WBCTi", "RS-WBCTi", "UNODC", "EC")
CLIENTS = 20
ROUNDS = 3
SECONDS = 10.0
EVERY = 0.15
"""The seconds between posts of each other reporter: fast, but under the limit."""

PATH = "/entry/v1/submissions"


def limits() -> Iterable[Figure]:
    """Run rounds in turn, with and without the flood, so that a slow moment of the machine affects both."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        # Workers stay down, because they would take processor time from all rounds alike.
        system = make(
            database="postgresql",
            web_workers=2,
            start=("web", "broker"),
            limit_requests_per_minute=LIMIT,
        )
        rounds = [(_others(system), _others_in_a_flood(system)) for _ in range(ROUNDS)]
    ratio = median(flooded.quantile(0.95) / idle.quantile(0.95) for idle, (flooded, _) in rounds)
    floods = [flood for _, (_, flood) in rounds]
    asked = sum(sum(flood.statuses.values()) for flood in floods) / sum(flood.seconds for flood in floods)
    idle_ms, flooded_ms = (
        1000 * median(result.quantile(0.95) for result in results)
        for results in ([idle for idle, _ in rounds], [flooded for _, (flooded, _) in rounds])
    )
    how = f"p95 {flooded_ms:.1f} ms in a flood of {asked:.0f} requests/s, {idle_ms:.1f} ms without"
    yield Figure("limits.others", ratio, "x", how, bar=1.5, less_is_better=True)
    refused = [flood.statuses.get(429, 0) / sum(flood.statuses.values()) for flood in floods]
    how = f"of the flood's {sum(sum(flood.statuses.values()) for flood in floods):,} requests were refused"
    yield Figure("limits.refused", median(refused), "", how, bar=0.8)
    yield Figure(
        "limits.asked",
        asked * 60 / LIMIT,
        "x",
        "the flood's requests, compared with the limit",
        bar=0.9 * TIMES,
    )


def _others(system: System) -> Result:
    """Return the combined result of the other reporters. None of their requests may be refused."""

    async def together() -> list[Result]:
        return await asyncio.gather(*(_one(system, code) for code in OTHERS))

    results = asyncio.run(together())
    if bad := {status for result in results for status in result.statuses if status != 202}:
        raise RuntimeError(f"responses to other reporters were {bad}")
    latencies = sorted(latency for result in results for latency in result.latencies)
    return Result(SECONDS, {202: len(latencies)}, latencies)


async def _one(system: System, code: str) -> Result:
    return await posted(
        port=system.launcher.port,
        path=PATH,
        body=BODY.encode(),
        headers={"Authorization": f"Bearer {system.token(code)}"},
        clients=1,
        seconds=SECONDS,
        every=EVERY,
    )


def _others_in_a_flood(system: System) -> tuple[Result, Result]:
    """Return the other reporters' result during a flood, and the flood's result, from a separate process."""
    headers = {"Authorization": f"Bearer {system.token(FLOODING)}"}
    every = CLIENTS * 60 / (TIMES * LIMIT)
    with ThreadPoolExecutor(1) as pool:
        flood = pool.submit(
            load, system.launcher.port, PATH, headers, clients=CLIENTS, seconds=SECONDS + 2, every=every
        )
        return _others(system), flood.result()
