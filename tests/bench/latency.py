"""The time from the 202 to the verdict, and to the figure that RCC reads, on an idle system."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx

from shared.ids import new_id
from tests.bench.posts import BODY
from tests.figures import Figure
from tests.systems import System, systems

SUBMISSIONS = 100
PAUSE_SECONDS = 0.1
LOOK_EVERY_SECONDS = 0.004
PATIENCE_SECONDS = 30.0
FIGURE = "/reporting/v1/aggregates?kind=support&partner=AL"


def measure_latency() -> Iterable[Figure]:
    """Measure submissions one after the other. The client polls as often as possible without loading the system."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", web_workers=2)
        client = Client(system)
        system.wait_until_drained(seconds=60)
        for name, wait, bar in (("verdict", client.see_verdict, 150), ("figure", client.see_figure, 250)):
            client.time(wait)
            seen = sorted(client.time(wait) for _ in range(SUBMISSIONS))
            how = f"202 to {name}, {SUBMISSIONS} submissions, idle, PostgreSQL, two web workers"
            p50, p99 = seen[len(seen) // 2], seen[int(len(seen) * 0.99)]
            yield Figure(f"latency.{name}.p50", 1000 * p50, "ms", how, bar=bar, less_is_better=True)
            yield Figure(f"latency.{name}.p99", 1000 * p99, "ms", how)


class Client:
    """A client that submits as a partner's portal and reads as RCC."""

    def __init__(self, system: System) -> None:
        self._http = httpx.Client(base_url=system.url, timeout=30)
        self._reporter = {"Authorization": f"Bearer {system.token('AL-WBCTi')}"}
        self._analyst = {"Authorization": f"Bearer {system.token('RCC-ANALYST')}"}

    def time(self, wait: Callable[[str, int], bool]) -> float:
        """Return the seconds from the 202 until `wait` is true."""
        time.sleep(PAUSE_SECONDS)
        before = self._records()
        body: dict[str, Any] = json.loads(BODY)
        body["records"][0]["ref"] = new_id()
        answer = self._http.post(
            "/entry/v1/submissions", json=body, headers=self._reporter | {"Idempotency-Key": new_id()}
        )
        began = time.perf_counter()
        if answer.status_code != 202:
            raise RuntimeError(f"the response to POST was {answer.status_code}: {answer.text}")
        while not wait(answer.json()["id"], before):
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise TimeoutError("the expected change was not visible in time")
            time.sleep(LOOK_EVERY_SECONDS)
        return time.perf_counter() - began

    def see_verdict(self, submission: str, _before: int) -> bool:
        """Return whether the submission has a verdict."""
        answer = self._http.get(f"/entry/v1/submissions/{submission}", headers=self._reporter)
        return answer.json()["state"] == "accepted"

    def see_figure(self, _submission: str, before: int) -> bool:
        """Return whether the figure has changed."""
        return self._records() > before

    def _records(self) -> int:
        records: int = self._http.get(FIGURE, headers=self._analyst).json()["total"]["records"]
        return records
