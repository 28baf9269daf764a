"""100,000 records of one partner while another submits three at a time; those must be judged as fast as usual."""

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from shared.ids import new_id
from tests.bench.rules.records import make_records
from tests.drill.kills import rows
from tests.figures import Figure
from tests.systems import System, systems

RECORDS = 100_000
RECORDS_OF_POST = 5_000
"""The maximum number of records that entry accepts at once."""

BODY_BYTES = 32 * 1024 * 1024
FILE_BYTES = 512 * 1024 * 1024
"""Limits for a part and for all records, which are longer than most records."""

RECORDS_OF_SMALL = 3
SMALL_EVERY_SECONDS = 0.2
IDLE_SECONDS = 15.0
DRAIN_SECONDS = 900.0

SMALL, LARGE, LARGE_IN_PARTS = "XK-WBBSi", "AL-WBBSi", "BA-WBBSi"
"""Reporters of one pillar, so that small submissions are compared with the large ones."""

ENVELOPE = {"pillar": "WBBSi", "kind": "support", "period": "2026", "tlp": "TLP:AMBER"}

PATH = "/entry/v1/submissions"


@dataclass
class Small:
    """Submissions of three records, each awaited."""

    system: System
    handed: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.system.url, timeout=120)
        self._headers = {"Authorization": f"Bearer {self.system.token(SMALL)}", "Prefer": "wait=30"}

    def post_while(self, goes_on: Callable[[], bool]) -> list[float]:
        """Return the seconds from POST to verdict, one submission after the other."""
        taken = []
        while goes_on():
            began = time.monotonic()
            self._post(next(self._numbers))
            taken.append(time.monotonic() - began)
            time.sleep(max(0.0, SMALL_EVERY_SECONDS - taken[-1]))
        return taken

    def post_for(self, seconds: float) -> list[float]:
        """Return the seconds from POST to verdict of submissions over a time span."""
        until = time.monotonic() + seconds
        return self.post_while(lambda: time.monotonic() < until)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _post(self, number: int) -> None:
        records = [
            record | {"ref": f"S-{number}-{at}"}
            for at, record in enumerate(make_records(RECORDS_OF_SMALL, seed=number, faulty=0))
        ]
        headers = self._headers | {"Idempotency-Key": new_id()}
        answer = self._http.post(PATH, json=ENVELOPE | {"records": records}, headers=headers)
        if (answer.status_code, answer.json().get("state")) != (200, "accepted"):
            raise RuntimeError(f"{answer.status_code} {answer.text[:1000]}")
        self.handed.append(answer.json()["id"])


@dataclass
class Large:
    """Large submissions at the same time: submission -> its expected state."""

    system: System
    expected: dict[str, str] = field(default_factory=dict)
    _posting: threading.Thread | None = None

    def hand_in_one(self) -> None:
        """Submit all records as one file."""
        lines = b"".join(json.dumps(record).encode() + b"\n" for record in make_records(RECORDS, faulty=0))
        headers = self.system.headers(LARGE) | {"Content-Type": "application/x-ndjson"}
        path = f"{self.system.url}/entry/v1/files"
        answer = httpx.post(path, params=ENVELOPE, content=lines, headers=headers, timeout=300)
        self.expected[answer.json()["id"]] = "accepted"

    def post_in_parts(self) -> None:
        """Post the same number of records in parts, one after the other; the last part has errors."""
        *sound, last = range(0, RECORDS, RECORDS_OF_POST)
        # Make the bodies before the measurement.
        bodies = [(_body(first, faulty=0), "accepted") for first in sound]
        bodies.append((_body(last, faulty=0.05), "returned"))
        self._posting = threading.Thread(target=self._post, args=(bodies,))
        self._posting.start()

    def is_judged(self) -> bool:
        """Return whether all large submissions have verdicts."""
        if self._posting is not None and self._posting.is_alive():
            return False
        return all(
            not self.system.get(f"{PATH}?state=received&limit=1", code).json()["items"]
            for code in (LARGE, LARGE_IN_PARTS)
        )

    def _post(self, bodies: Sequence[tuple[bytes, str]]) -> None:
        headers = {
            "Authorization": f"Bearer {self.system.token(LARGE_IN_PARTS)}",
            "Content-Type": "application/json",
        }
        with httpx.Client(base_url=self.system.url, timeout=300) as http:
            for body, expected in bodies:
                answer = http.post(PATH, content=body, headers=headers | {"Idempotency-Key": new_id()})
                self.expected[answer.json()["id"]] = expected


@dataclass(frozen=True)
class Seen:
    """Seconds from POST to verdict of small submissions: on an idle system, and during the large submissions."""

    idle: list[float]
    judging: list[float]
    folding: list[float]
    seconds: float
    """The time to judge the large submission."""
    folding_seconds: float
    """The time after that until reporting and the other services had recorded it."""


def bulk() -> Iterable[Figure]:
    """Submit the records once as one submission, once in posts of the maximum size."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", max_body_bytes=BODY_BYTES, max_file_bytes=FILE_BYTES)
        small, large = Small(system), Large(system)
        small.post_for(IDLE_SECONDS)
        for name, hand_in, what in (
            ("one", large.hand_in_one, f"one submission of {RECORDS} records"),
            ("parts", large.post_in_parts, f"{RECORDS} records in posts of {RECORDS_OF_POST}"),
        ):
            yield from _figures(name, what, _watch(system, small, large, hand_in))
        small.close()
        yield from _outcomes(system, large.expected | dict.fromkeys(small.handed, "accepted"))


def _watch(system: System, small: Small, large: Large, hand_in: Callable[[], None]) -> Seen:
    before = small.post_for(IDLE_SECONDS)
    hand_in()
    began = time.monotonic()
    judging = small.post_while(lambda: not large.is_judged())
    seconds = time.monotonic() - began
    folding = small.post_while(lambda: _in_bulk_lanes(system) > 0)
    folding_seconds = time.monotonic() - began - seconds
    system.wait_until_drained(seconds=DRAIN_SECONDS)
    after = small.post_for(IDLE_SECONDS)
    return Seen(before + after, judging, folding, seconds, folding_seconds)


def _in_bulk_lanes(system: System) -> int:
    waiting = "SELECT count(*) FROM {bus}deliveries WHERE state IN ('waiting', 'rung') AND lane LIKE '%.bulk'"
    number: int = rows(system, waiting)[0][0]
    return number


def _figures(name: str, what: str, seen: Seen) -> Iterator[Figure]:
    idle = _p95(seen.idle)
    for stage, taken, doing in (
        ("judging", seen.judging, f"is judged, {seen.seconds:.0f} s"),
        ("folding", seen.folding, f"is then recorded by the other services, {seen.folding_seconds:.0f} s"),
    ):
        if not taken:
            continue
        how = (
            f"from POST to verdict {1000 * _p95(taken):.0f} ms ({len(taken)} submissions) while {what} {doing}; "
            f"{1000 * idle:.0f} ms ({len(seen.idle)}) idle"
        )
        yield Figure(f"bulk.{name}.{stage}.p95", _p95(taken) / idle, "x", how, bar=2.0, less_is_better=True)


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))]


def _outcomes(system: System, expected: dict[str, str]) -> Iterator[Figure]:
    shown = dict(rows(system, "SELECT id, state FROM {entry}submissions"))
    right = sum(shown.get(submission) == state for submission, state in expected.items())
    how = f"of {len(expected)} submissions are accepted or returned as expected"
    yield Figure("bulk.judged", right / len(expected), "", how, bar=1.0)
    accepted = rows(
        system,
        "SELECT sum(records) FROM {entry}submission_versions WHERE state = 'accepted'",
    )[0][0]
    counted = system.get("/reporting/v1/aggregates?kind=support", "RCC-ANALYST").json()["total"]["records"]
    how = f"{counted} records of support are counted, {accepted} accepted"
    yield Figure("bulk.counted", counted / accepted, "", how, bar=1.0)
    dead = rows(system, "SELECT count(*) FROM {bus}deliveries WHERE state = 'dead'")[0][0]
    yield Figure("bulk.dead", dead, "", "dead-lettered deliveries", bar=0, less_is_better=True)


def _body(first: int, *, faulty: float) -> bytes:
    records: list[dict[str, Any]] = [
        record | {"ref": f"P-{first + at:06}"}
        for at, record in enumerate(make_records(RECORDS_OF_POST, seed=first, faulty=faulty))
    ]
    return json.dumps(ENVELOPE | {"records": records}).encode()
