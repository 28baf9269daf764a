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
from redis import Redis, RedisError
from sqlalchemy import create_engine, text

from tests.bench.posts import BODY
from tests.figures import Figure
from tests.systems import System, systems

CLIENTS = 8
BLOW_EVERY_SECONDS = 1.5
DRAIN_SECONDS = 600.0
LEASE_SECONDS = 8.0


@dataclass(frozen=True)
class Plan:
    """The number of submissions, and of each kind of fault."""

    database: str
    submissions: int
    worker_kills: int = 20
    relay_kills: int = 5
    flushes: int = 5
    broker_kills: int = 3

    @property
    def faults(self) -> int:
        """The total number of faults."""
        return self.worker_kills + self.relay_kills + self.flushes + self.broker_kills


class NothingToStrike(Exception):
    """The target of a fault is missing, or has done no work since the last fault."""


@dataclass
class Chaos:
    """Causes the plan's faults in random order, evenly over the time of the work."""

    system: System
    plan: Plan
    done: Counter[str] = field(default_factory=Counter)
    _handled: int = 0

    def run(self) -> None:
        """Cause one fault after the other; count each once it took effect."""
        faults = (
            [("worker kills", self._kill_workers)] * self.plan.worker_kills
            + [("relay kills", lambda: self._kill("relay"))] * self.plan.relay_kills
            + [("flushes", self._flush)] * self.plan.flushes
            + [("broker kills", self._kill_broker)] * self.plan.broker_kills
        )
        # A fixed seed gives the same order in every run.
        random.Random(7).shuffle(faults)
        for name, blow in faults:
            time.sleep(BLOW_EVERY_SECONDS)
            self._strike(blow)
            self.done[name] += 1

    def _strike(self, blow: Callable[[], None]) -> None:
        for _ in range(600):
            try:
                return blow()
            except (NothingToStrike, RedisError):
                time.sleep(0.1)
        raise TimeoutError("a fault had no target for a minute")

    def _kill_workers(self) -> None:
        """Kill workers only during work: if nothing was handled since the last fault, raise NothingToStrike."""
        handled = rows(self.system, "SELECT count(*) FROM {bus}deliveries WHERE state = 'done'")[0][0]
        if handled <= self._handled:
            raise NothingToStrike
        self._kill("worker")
        self._kill("bulk-worker")
        self._handled = handled

    def _kill(self, name: str) -> None:
        if self.system.launcher.pid(name) is None:
            raise NothingToStrike
        self.system.launcher.kill(name)

    def _flush(self) -> None:
        path = self.system.settings.broker_url.removeprefix("redis+socket://")
        with Redis(unix_socket_path=path) as broker:
            broker.flushall()

    def _kill_broker(self) -> None:
        """Kill the broker, which has no persistence: its data is lost."""
        launcher = self.system.launcher
        launcher.keep_down("broker")
        time.sleep(0.3)
        for file in (self.system.settings.home / "appendonlydir").glob("*"):
            file.unlink()
        launcher.release("broker")


def kills_on_postgresql() -> Iterable[Figure]:
    """Run 5,000 submissions on PostgreSQL."""
    return _drill(Plan("postgresql", 5000))


def kills_on_sqlite() -> Iterable[Figure]:
    """Run 1,000 submissions on SQLite."""
    return _drill(Plan("sqlite", 1000))


def _drill(plan: Plan) -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database=plan.database, lease_seconds=LEASE_SECONDS, retry_seconds=0.2)
        chaos = Chaos(system, plan)
        faults = threading.Thread(target=chaos.run)
        faults.start()
        began = time.monotonic()
        posted = post_many(
            system, plan.submissions, every=BLOW_EVERY_SECONDS * plan.faults / plan.submissions
        )
        faults.join()
        system.wait_until_drained(seconds=DRAIN_SECONDS)
        seconds = time.monotonic() - began
        for name, value, wanted in verify(system, posted):
            how = f"{plan.submissions} submissions in {seconds:.0f} s under {dict(chaos.done)}"
            yield Figure(
                f"kills.{plan.database}.{name}", value, "", how, bar=wanted, less_is_better=wanted == 0
            )


def post_many(system: System, count: int, *, every: float = 0.0) -> dict[str, str]:
    """Post different submissions, one per `every` seconds; return id -> content hash from the 202."""
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {system.token('AL-WBCTi')}", "Content-Type": "application/json"}
    local = threading.local()

    def post(number: int) -> tuple[str, str]:
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        if not hasattr(local, "http"):
            local.http = httpx.Client(timeout=60)
        body = json.loads(BODY)
        body["records"][0]["ref"] = f"AL-CT-K{number}"
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
    """Yield (name, observed share or count, required value), compared by sets of ids and content hashes."""
    shown = rows(system, "SELECT submission, body FROM {entry}submission_versions WHERE state = 'accepted'")
    told = rows(system, "SELECT payload FROM {bus}events WHERE name = 'submission.accepted.v2'")
    judged = [(event["submission"], event["body"]) for event in (json.loads(row[0]) for row in told)]
    logged = rows(system, "SELECT submission, payload FROM {reporting}accepted_log")
    reported = [(row[0], json.loads(row[1])["body"]) for row in logged]
    total = len(posted)
    yield "accepted", _exactly_once(posted, shown) / total, 1.0
    yield "judged", _exactly_once(posted, judged) / total, 1.0
    yield "reported", _exactly_once(posted, reported) / total, 1.0
    figures = system.get("/reporting/v1/aggregates?kind=support", "RCC-ANALYST").json()["total"]["records"]
    yield "counted", figures / total if figures <= total else 0.0, 1.0
    for state, states in (("dead", "'dead'"), ("stuck", "'waiting', 'rung'")):
        yield (
            state,
            rows(system, f"SELECT count(*) FROM {{bus}}deliveries WHERE state IN ({states})")[0][0],
            0,
        )


def _exactly_once(expected: dict[str, str], seen: list[tuple[str, str]]) -> int:
    """Return the number that occur as expected; 0 if any is duplicated or unexpected."""
    if len(seen) != len(dict(seen)) or dict(seen).keys() - expected.keys():
        return 0
    return len(expected.items() & set(seen))


def rows(system: System, statement: str) -> list[Any]:
    """Return rows of the database itself; `{service}` is replaced by the schema's prefix."""
    engine = create_engine(system.settings.database)
    schemas = ("bus", "entry", "validation", "reporting", "notify")
    prefix = {name: f"{name}." if engine.dialect.name == "postgresql" else "" for name in schemas}
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement.format(**prefix)))]
    finally:
        engine.dispose()
