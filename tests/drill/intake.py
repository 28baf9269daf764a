"""Intake under faults: a key has one submission, every 2xx is stored once, and a cut body is not stored."""

import json
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx

from tests.bench.posts import BODY
from tests.drill.kills import rows
from tests.figures import Figure
from tests.systems import System, systems

THREADS = 50
KEYS = 200
POSTS = 10_000
CLIENTS = 16
KILLS = 30
KILL_EVERY_SECONDS = 1.0
SECONDS_OF_KILL = 3.0
"""The time until the web process runs again and has sent a response."""
CUTS = 200
SUBMISSIONS = "/entry/v1/submissions"
FILES = "/entry/v1/files?pillar=WBCTi&kind=support&period=2026&tlp=TLP:AMBER"


def intake() -> Iterable[Figure]:
    """Run on PostgreSQL with two web processes; validation does not run meanwhile."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", web_workers=2, start=("web", "broker"))
        yield _same_keys(system)
        yield from _killed(system)
        yield from _cut(system)


def _same_keys(system: System) -> Figure:
    """Post the same body from many threads under each of many keys."""
    before = _submissions(system)
    ids: dict[int, set[str]] = {number: set() for number in range(KEYS)}

    def post(_thread: int) -> None:
        with httpx.Client(base_url=system.url, timeout=120, headers=_headers(system)) as http:
            for number in range(KEYS):
                ids[number].add(_posted(http, f"same-{number}", _body(f"AL-CT-S{number}")).json()["id"])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, range(THREADS)))
    found = _submissions(system) - before
    answers = {len(seen) for seen in ids.values()}
    how = f"{THREADS} threads x {KEYS} keys: {found} submissions, {answers} ids per key"
    return Figure("intake.same_keys", found if answers == {1} else 0, "", how, bar=KEYS)


def _killed(system: System) -> Iterable[Figure]:
    """Kill the web process repeatedly while clients post and retry with the same key."""
    before = _submissions(system)
    answered: dict[str, str] = {}
    is_over = threading.Event()
    kills = 0

    def kill() -> None:
        nonlocal kills
        seen = 0
        while kills < KILLS and not is_over.is_set():
            time.sleep(KILL_EVERY_SECONDS)
            # Kill only during work, and restart at once: the launcher's back-off is not under test.
            if len(answered) > seen:
                system.launcher.components["web"].wait = 0.0
                system.launcher.kill("web")
                kills, seen = kills + 1, len(answered)

    def post(number: int) -> None:
        with httpx.Client(base_url=system.url, timeout=30, headers=_headers(system)) as http:
            for at in range(number, POSTS, CLIENTS):
                # Spread the posts over the time of the kills.
                time.sleep(max(0.0, began + KILLS * SECONDS_OF_KILL * at / POSTS - time.monotonic()))
                answered[f"kill-{at}"] = _posted(http, f"kill-{at}", _body(f"AL-CT-K{at}")).json()["id"]

    began = time.monotonic()
    faults = threading.Thread(target=kill)
    faults.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(post, range(CLIENTS)))
    is_over.set()
    faults.join()
    stored = {row[0] for row in rows(system, "SELECT id FROM {entry}submissions")}
    how = f"{POSTS} POSTs, {kills} kill -9 of the web process, in {time.monotonic() - began:.0f} s"
    yield Figure("intake.answered_and_there", len(set(answered.values()) & stored), "", how, bar=POSTS)
    yield Figure("intake.rows", _submissions(system) - before, "", how, bar=POSTS)
    too_many = _submissions(system) - before - len(set(answered.values()))
    yield Figure("intake.twice", too_many, "", how, bar=0, less_is_better=True)


def _cut(system: System) -> Iterable[Figure]:
    """Cut bodies and their connections at random places, then send the whole bodies under the same keys."""
    random.seed(7)
    before, blobs = _submissions(system), _blobs(system)
    for number in range(CUTS):
        _send_part(system, number)
    time.sleep(2.0)
    how = f"{CUTS} bodies cut, half of them files"
    yield Figure("intake.cut_and_kept", _submissions(system) - before, "", how, bar=0, less_is_better=True)
    yield Figure("intake.cut_and_stray", _blobs(system) - blobs, "", how, bar=0, less_is_better=True)
    with httpx.Client(base_url=system.url, timeout=30, headers=_headers(system)) as http:
        for number in range(CUTS):
            path, media_type, body = _part_of(number)
            _posted(http, f"cut-{number}", body, path=path, media_type=media_type)
    yield Figure("intake.sent_again", _submissions(system) - before, "", how, bar=CUTS)


def _part_of(number: int) -> tuple[str, str, bytes]:
    """Return path, media type and body: alternately of a submission and of a file."""
    body = _body(f"AL-CT-C{number}")
    if number % 2:
        return SUBMISSIONS, "application/json", body
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in json.loads(body)["records"] * 50)
    return FILES, "application/x-ndjson", lines


def _send_part(system: System, number: int) -> None:
    path, media_type, body = _part_of(number)
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {media_type}"]
    head += [f"{name}: {value}" for name, value in _headers(system).items()]
    head += [f"Idempotency-Key: cut-{number}", f"Content-Length: {len(body)}"]
    sent = body[: random.randrange(len(body))]
    with socket.create_connection(("127.0.0.1", system.launcher.port), timeout=10) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sent)
        connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            connection.recv(65536)


def _posted(
    http: httpx.Client,
    key: str,
    body: bytes,
    *,
    path: str = SUBMISSIONS,
    media_type: str = "application/json",
) -> httpx.Response:
    """Post with the same key until the response is 2xx."""
    headers = {"Idempotency-Key": key, "Content-Type": media_type}
    for _ in range(1200):
        with suppress(httpx.TransportError):
            answer = http.post(path, content=body, headers=headers)
            if answer.is_success:
                return answer
            if answer.status_code < 500:
                raise RuntimeError(f"{answer.status_code} {answer.text}")
        time.sleep(0.1)
    raise TimeoutError(f"no response for key {key}")


def _body(ref: str) -> bytes:
    body = json.loads(BODY)
    body["records"][0]["ref"] = ref
    return json.dumps(body).encode()


def _headers(system: System) -> dict[str, str]:
    return {"Authorization": f"Bearer {system.token('AL-WBCTi')}"}


def _submissions(system: System) -> int:
    return int(rows(system, "SELECT count(*) FROM {entry}submissions")[0][0])


def _blobs(system: System) -> int:
    """Return the number of files in the blob folder, complete or not."""
    return sum(path.is_file() for path in system.settings.blobs.rglob("*"))
