"""Submissions while workers, relay and broker are killed: each is accepted, judged and reported exactly once."""

import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from sqlalchemy import create_engine, text

from tests.bench.posts import BODY
from tests.figures import Figure
from tests.systems import System, systems

CLIENTS = 8
DRAIN_SECONDS = 600.0
LEASE_SECONDS = 8.0


@dataclass(frozen=True)
class Plan:
    """How much is posted, and what is done to it meanwhile."""

    database: str
    submissions: int
    worker_kills: int = 20
    relay_kills: int = 5
    flushes: int = 5
    broker_kills: int = 3


@dataclass
class Chaos:
    """Does what the plan says, in a random order, evenly over the time that the work takes."""

    system: System
    plan: Plan
    is_over: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Blow after blow; each is counted once it struck."""
        blows = (
            [("worker kill", self._kill_worker)] * self.plan.worker_kills
            + [("relay kill", lambda: self._kill("relay"))] * self.plan.relay_kills
            + [("flush", self._flush)] * self.plan.flushes
            + [("broker kill", self._kill_broker)] * self.plan.broker_kills
        )
        random.Random(7).shuffle(blows)  # noqa: S311 - the same order in every run
        for name, blow in blows:
            time.sleep(1.2)
            self._strike(blow)
            self.done[name] += 1
        self.is_over.set()

    def _strike(self, blow: Callable[[], None]) -> None:
        for _ in range(100):
            try:
                return blow()
            except (LookupError, OSError):
                time.sleep(0.1)
        raise TimeoutError("there was nothing to strike for ten seconds")

    def _kill_worker(self) -> None:
        self._kill("worker")

    def _kill(self, name: str) -> None:
        if self.system.launcher.pid(name) is None:
            raise LookupError(name)
        self.system.launcher.kill(name)

    def _flush(self) -> None:
        path = self.system.settings.broker_url.removeprefix("redis+socket://")
        with Redis(unix_socket_path=path) as broker:
            broker.flushall()

    def _kill_broker(self) -> None:
        """Without persistence: what it had written is gone when it comes back."""
        launcher = self.system.launcher
        launcher.hold("broker")
        time.sleep(0.3)
        for file in (self.system.settings.home / "appendonlydir").glob("*"):
            file.unlink()
        launcher.release("broker")


def kills_on_postgresql() -> Iterable[Figure]:
    """5,000 submissions on PostgreSQL."""
    return _drill(Plan("postgresql", 5000))


def kills_on_sqlite() -> Iterable[Figure]:
    """1,000 submissions on SQLite."""
    return _drill(Plan("sqlite", 1000))


def _drill(plan: Plan) -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database=plan.database, lease_seconds=LEASE_SECONDS, retry_seconds=0.2)
        chaos = Chaos(system, plan)
        blows = threading.Thread(target=chaos.run)
        blows.start()
        began = time.monotonic()
        posted = post_many(system, plan.submissions)
        blows.join()
        system.wait_until_drained(seconds=DRAIN_SECONDS)
        seconds = time.monotonic() - began
        for name, value, wanted in verify(system, posted):
            how = f"{plan.submissions} submissions in {seconds:.0f} s under {dict(chaos.done)}"
            yield Figure(
                f"kills.{plan.database}.{name}", value, "", how, bar=wanted, less_is_better=wanted == 0
            )


def post_many(system: System, count: int) -> dict[str, str]:
    """Post submissions that differ; id -> content hash, as the 202 said."""
    headers = {"Authorization": f"Bearer {system.token('AL-WBCTi')}", "Content-Type": "application/json"}
    local = threading.local()

    def post(number: int) -> tuple[str, str]:
        if not hasattr(local, "http"):
            local.http = httpx.Client(timeout=60)
        body = json.loads(BODY)
        body["records"][0]["ref"] = f"AL-CT-K{number}"
        body["records"][0]["organisations"] = [{"name": "Ministry of Interior", "role": "1", "type": "10"}]
        answer = local.http.post(
            f"{system.url}/entry/v1/submissions",
            json=body,
            headers=headers | {"Idempotency-Key": f"kill-{number}"},
        )
        if answer.status_code != 202:
            raise RuntimeError(f"{answer.status_code} {answer.text}")
        return answer.json()["id"], answer.json()["content_hash"]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return dict(pool.map(post, range(count)))


def verify(system: System, posted: dict[str, str]) -> Iterable[tuple[str, float, float]]:
    """(what, share or count seen, what it must be): every comparison is of sets of ids and content hashes."""
    shown = _rows(system, "SELECT submission, body FROM {entry}submission_versions WHERE state = 'accepted'")
    judged = _rows(system, "SELECT submission, outcome FROM {validation}verdicts")
    logged = _rows(system, "SELECT submission, event FROM {reporting}accepted_log")
    reported = [(row[0], json.loads(row[1])["body"]) for row in logged]
    facts = _rows(system, "SELECT DISTINCT submission, identity FROM {reporting}facts")
    total = len(posted)
    yield "accepted", _exactly_once(posted, dict(shown), len(shown)) / total, 1.0
    yield "judged", _exactly_once(dict.fromkeys(posted, "accepted"), dict(judged), len(judged)) / total, 1.0
    yield "reported", _exactly_once(posted, dict(reported), len(reported)) / total, 1.0
    yield "counted", len({row[0] for row in facts} & posted.keys()) / total, 1.0
    yield "dead", _rows(system, "SELECT count(*) FROM {bus}deliveries WHERE state = 'dead'")[0][0], 0
    yield (
        "stuck",
        _rows(system, "SELECT count(*) FROM {bus}deliveries WHERE state IN ('waiting', 'rung')")[0][0],
        0,
    )


def _exactly_once(expected: dict[str, str], seen: dict[str, str], rows: int) -> int:
    """How many are there as expected; nothing at all if any is there twice or too much."""
    if rows != len(seen) or seen.keys() - expected.keys():
        return 0
    return sum(1 for key, value in expected.items() if seen.get(key) == value)


def _rows(system: System, statement: str) -> list[Any]:
    engine = create_engine(system.settings.database)
    schemas = ("bus", "entry", "validation", "reporting", "notify")
    prefix = {name: f"{name}." if engine.dialect.name == "postgresql" else "" for name in schemas}
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement.format(**prefix)))]
    finally:
        engine.dispose()
