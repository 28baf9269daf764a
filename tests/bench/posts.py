"""The rate of storing submissions: credential, schema, durable rows, 202."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from deploy.launcher import free_port
from tests.bench import yardsticks
from tests.figures import Figure
from tests.load import KEY, Result
from tests.systems import systems

CLIENTS = 16
SECONDS = 4.0
ROUNDS = 3
FEW_THREADS = 4
"""A view without much work is fastest with few threads, so the yardstick is measured both ways."""

BODY = json.dumps(
    {
        "pillar": "WBCTi",
        "kind": "support",
        "period": "2026",
        "tlp": "TLP:AMBER",
        "records": [
            {
                "ref": KEY,
                "title": "Mentoring of first-line practitioners",
                "description": "Six mentoring visits to local prevention councils.",
                "support_type": "training",
                "activity_status": "2",
                "beneficiaries": [{"code": "AL", "percentage": 100}],
                "organisations": [{"name": "Ministry of Interior", "role": "1", "type": "10"}],
                "planned_start": "2026-02-01",
                "planned_end": "2026-11-30",
            }
        ],
    }
)


def load(
    port: int,
    path: str,
    headers: dict[str, str],
    *,
    clients: int = CLIENTS,
    seconds: float = SECONDS,
    every: float = 0.0,
) -> Result:
    """Post from a separate process; each client posts at an interval or without a pause."""
    task: dict[str, Any] = {
        "port": port,
        "path": path,
        "body": BODY,
        "headers": headers,
        "clients": clients,
        "seconds": seconds,
        "every": every,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.load"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
    )
    took, statuses, latencies = json.loads(done.stdout)
    return Result(took, {int(status): count for status, count in statuses.items()}, latencies)


@contextmanager
def granian(target: str, environ: dict[str, str], *, threads: int) -> Iterator[int]:
    """Serve a yardstick with the product's server and number of workers."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"]
    command += [
        "--port",
        str(port),
        "--workers",
        "2",
        "--blocking-threads",
        str(threads),
        "--no-access-log",
        target,
    ]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


def measure_posts() -> Iterable[Figure]:
    """Measure the rates in turn, round by round, so that a slow moment of the machine affects all of them."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        # Workers stay down, because they would take processor time from all measures alike.
        system = make(database="postgresql", web_workers=2, start=("web", "broker"))
        yardsticks.prepare(system.settings.database)
        environ = system.settings.as_environ() | {
            yardsticks.URL: system.settings.database,
            yardsticks.BROKER: system.settings.broker_url,
        }
        headers = {"Authorization": f"Bearer {system.token('AL-WBCTi')}"}
        threads = system.settings.web_threads
        with (
            granian("tests.bench.yardsticks:one_row", environ, threads=threads) as one_row,
            granian("tests.bench.yardsticks:one_row", environ, threads=FEW_THREADS) as one_row_few,
            granian("tests.bench.yardsticks:naive", environ, threads=threads) as naive,
        ):
            time.sleep(1)
            rounds = [
                (
                    load(system.launcher.port, "/entry/v1/submissions", headers),
                    load(one_row, "/post", {}),
                    load(one_row_few, "/post", {}),
                    load(naive, "/post", {}),
                )
                for _ in range(ROUNDS)
            ]
    ours = [result for result, *_ in rounds]
    if bad := {status for result in ours for status in result.statuses if status != 202}:
        raise RuntimeError(f"responses to POST were {bad}")
    rate = median(result.rate for result in ours)
    against = f"{rate:.0f}/s, compared with a view with one one-row INSERT"
    server = f"granian with 2 workers, PostgreSQL, {CLIENTS} clients"
    for at, name, bar, aim, how in (
        (1, "post.one_row", 0.8, 1.2, f"{against}; both {server} and {threads} threads"),
        (2, "post.one_row_few_threads", 0.8, 1.2, f"{against} on {FEW_THREADS} threads, its fastest setting"),
        (
            3,
            "post.naive",
            3.0,
            None,
            f"{rate:.0f}/s, compared with ORM INSERT, then send_task in the request",
        ),
    ):
        ratio = median(results[0].rate / results[at].rate for results in rounds)
        yield Figure(name, ratio, "x", how, bar=bar, aim=aim)
    yield Figure(
        "post.p99",
        1000 * median(result.quantile(0.99) for result in ours),
        "ms",
        f"at {CLIENTS} clients",
        bar=25.0,
        less_is_better=True,
    )
