"""A reporter that asks for too much is told so, cheaply; the others do not notice, and neither does it need Redis."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy import broker
from services.entry.app import SERVICE
from shared.http import limits
from shared.http.limits import LimitIsReached, RateLimiter, RedisCounters, rate_limits_of
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.conftest import NOW, Client
from tests.entry.conftest import need, window

PATH = "/entry/v1/submissions"

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# --- At the edge ------------------------------------------------------------------------------------------------------


@pytest.fixture
def entry(settings, clock, runtime_of, deliver) -> Iterator[Callable[..., Client]]:
    """Makes a client of entry that is held to some limits."""
    deliver(runtime_of("entry"), SERVICE, window())
    opened = []

    def make(**held: int) -> Client:
        app = build_flask([SERVICE], replace(settings, **held), clock)
        opened.extend(app.extensions["iisgd"])
        return Client(app.test_client(), settings, clock)

    yield make
    for runtime in opened:
        runtime.database.dispose()


def left(answer) -> dict[str, tuple[int, int]]:
    """What is left of each limit, and the seconds until all is free again."""
    found = re.findall(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    return {name: (int(remaining), int(seconds)) for name, remaining, seconds in found}


@on_one_database
def test_every_answer_says_what_the_limits_are_and_what_is_left_of_them(entry, clock):
    client = entry(limit_requests_per_minute=10, limit_megabytes_per_hour=1, limit_records_per_hour=100)
    clock.advance(timedelta(seconds=15))
    posted = client.post(PATH, json=need(), as_="AL-WBCTi")
    assert posted.headers["RateLimit-Policy"] == (
        '"requests";q=10;w=60;qu="requests", "bytes";q=1000000;w=3600;qu="content-bytes", '
        '"records";q=100;w=3600;qu="records"'
    )
    size = int(posted.request.headers["Content-Length"])
    assert left(posted) == {
        "requests": (9, 45),
        "bytes": (1_000_000 - size, 3585),
        "records": (99, 3585),
    }
    assert left(client.get(PATH, as_="AL-WBCTi"))["requests"] == (8, 45)
    assert left(client.get(f"{PATH}/nothing", as_="AL-WBCTi"))["requests"] == (7, 45)
    assert left(client.get("/entry/v1/journal", as_="AL-WBCTi"))["requests"] == (6, 45)
    assert "RateLimit" not in client.get(PATH, as_=None).headers


@on_one_database
def test_who_asks_too_often_is_told_how_long_to_wait_and_nobody_else_is_held_up(entry, clock):
    client = entry(limit_requests_per_minute=3)
    clock.advance(timedelta(seconds=15))
    for _ in range(3):
        assert client.get(PATH, as_="AL-WBCTi").status_code == 200
    refused = client.get(PATH, as_="AL-WBCTi")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "45"
    assert left(refused)["requests"] == (0, 45)
    told = {name: refused.json[name] for name in ("type", "limit", "quota", "used", "free_at", "detail")}
    assert told == {
        "type": "urn:iisgd:problem:limit-is-reached",
        "limit": "requests",
        "quota": 3,
        "used": 3,
        "free_at": "2026-11-23T09:01:00.000Z",
        "detail": "The quota is 3 requests a minute; 3 are used, and this request needs 1. "
        "The quota is free again in 45 seconds, at 2026-11-23T09:01:00.000Z.",
    }
    assert client.get(PATH, as_="RS-WBCTi").status_code == 200
    clock.advance(timedelta(seconds=45))
    assert client.get(PATH, as_="AL-WBCTi").status_code == 200


@on_one_database
def test_a_refused_body_is_not_read(entry):
    class Unread:
        def read(self, *_: int) -> bytes:
            raise AssertionError("a body that is refused was read")

    client = entry(limit_megabytes_per_hour=1)
    headers = {"Authorization": f"Bearer {client.token('AL-WBCTi')}", "Idempotency-Key": "k"}
    refused = client.http.post(
        PATH,
        headers=headers,
        environ_overrides={
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "1000001",
            "wsgi.input": Unread(),
        },
    )
    assert (refused.status_code, refused.json["limit"]) == (429, "bytes")
    assert refused.json["used"] == 0


@on_one_database
def test_a_body_that_does_not_say_how_long_it_is_is_counted_when_it_is_there(entry):
    client = entry(limit_megabytes_per_hour=1)
    headers = {"Authorization": f"Bearer {client.token('AL-WBCTi')}", "Idempotency-Key": "k"}
    body = b'{"pad": "' + b"x" * 600_000 + b'"}'
    answers = [
        client.http.post(
            PATH,
            input_stream=BytesIO(body),
            headers=headers,
            content_type="application/json",
            environ_overrides={"wsgi.input_terminated": True},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [422, 429]
    assert left(answers[0])["bytes"][0] == 1_000_000 - len(body)


@on_one_database
def test_records_are_counted_and_a_repeated_request_still_gets_its_first_answer(entry):
    client = entry(limit_records_per_hour=2)
    two = need(records=[{"ref": "1"}, {"ref": "2"}])
    first = client.post(PATH, json=two, as_="AL-WBCTi", key="a")
    assert (first.status_code, left(first)["records"][0]) == (202, 0)
    refused = client.post(PATH, json=need(records=[{"ref": "3"}]), as_="AL-WBCTi", key="b")
    assert (refused.status_code, refused.json["limit"]) == (429, "records")
    again = client.post(PATH, json=two, as_="AL-WBCTi", key="a")
    assert (again.status_code, again.json) == (202, first.json)
    assert client.post(PATH, json=need(), as_="RS-WBCTi").status_code == 202


@on_one_database
def test_what_was_refused_does_not_count(entry, clock):
    client = entry(limit_requests_per_minute=5, limit_records_per_hour=2)
    three = need(records=[{"ref": str(number)} for number in range(3)])
    for _ in range(4):
        assert client.post(PATH, json=three, as_="AL-WBCTi").status_code == 429
    assert left(client.post(PATH, json=need(), as_="AL-WBCTi"))["records"][0] == 1
    for _ in range(10):
        client.get(PATH, as_="AL-WBCTi")
    clock.advance(timedelta(minutes=1))
    assert left(client.get(PATH, as_="AL-WBCTi"))["requests"][0] == 4


# --- Between processes ------------------------------------------------------------------------------------------------


@dataclass
class Redis:
    """A server that can be stopped and started again."""

    folder: Path
    socket: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="iisgd-")) / "broker.sock")
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(broker.command(self.socket, self.folder), stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def server(tmp_path) -> Iterator[Redis]:
    made = Redis(tmp_path)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(made.socket.parent)


@pytest.fixture
def process(server, monkeypatch) -> Callable[[], RateLimiter]:
    """Makes what each web process counts with: ten requests a minute, shared at once."""
    monkeypatch.setattr(limits, "SHARE_SECONDS", 0.01)
    settings = Settings(broker_url=broker.url(server.socket), limit_requests_per_minute=10)
    return lambda: RateLimiter(rate_limits_of(settings), RedisCounters.of(settings))


def ask(counted: RateLimiter, times: int, *, reporter: str = "AL-WBCTi") -> int:
    """How many of so many requests are let through."""
    allowed = 0
    for _ in range(times):
        try:
            counted.consume(reporter, "requests", 1, now=NOW)
        except LimitIsReached:
            break
        allowed += 1
    return allowed


def requests_left(counted: RateLimiter, reporter: str = "AL-WBCTi") -> int:
    return int(re.search(r'"requests";r=(\d+)', dict(counted.fields(reporter, now=NOW))["RateLimit"])[1])


def total(server: Redis) -> int:
    """What all processes have counted together of AL-WBCTi's requests."""
    key = f"requests:{int(NOW.timestamp() // 60)}:AL-WBCTi"
    found = RedisCounters.of(Settings(broker_url=broker.url(server.socket))).add({key: (0, 60)})
    return found[key] if found else 0


def becomes(wanted: int, look: Callable[[], int]) -> bool:
    until = time.monotonic() + 60
    while look() != wanted and time.monotonic() < until:
        time.sleep(0.005)
    return look() == wanted


def test_processes_hold_a_reporter_to_one_limit_together(process, server):
    first, second = process(), process()
    assert ask(first, 6) == 6
    assert becomes(6, lambda: total(server))
    ask(second, 1)
    assert becomes(3, lambda: requests_left(second))
    assert ask(second, 10) == 3
    assert ask(second, 10, reporter="RS-WBCTi") == 10


def test_limits_hold_without_redis_and_what_was_counted_meanwhile_is_added_when_it_is_back(process, server):
    first, second = process(), process()
    server.stop()
    with capture_logs() as logs:
        assert ask(first, 4) == 4
        assert becomes(1, lambda: len(logs))
        assert ask(first, 20) == 6
        assert ask(first, 1) == 0
        assert ask(second, 2) == 2
        server.start()
        ask(first, 1, reporter="RS-WBCTi")
        assert becomes(10, lambda: total(server))
        ask(second, 1)
        assert becomes(0, lambda: requests_left(second))
    assert {line["event"] for line in logs} == {"limits are not shared between processes"}


def test_no_request_waits_for_a_redis_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(limits, "SHARE_SECONDS", 0.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = Settings(broker_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        counted = RateLimiter(rate_limits_of(settings), RedisCounters.of(settings))
        began = time.perf_counter()
        assert ask(counted, 500) == 500
        assert time.perf_counter() - began < 0.5


class SlowCounters:
    """Counters at which more requests are counted while they are asked."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    def add(self, counted: Mapping[str, tuple[int, int]]) -> Mapping[str, int]:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        for key, (amount, _) in counted.items():
            self.totals[key] = self.totals.get(key, 0) + amount
        return {key: self.totals[key] for key in counted}


def test_requests_that_come_while_redis_is_asked_are_counted_too(monkeypatch):
    monkeypatch.setattr(limits, "SHARE_SECONDS", 0.01)
    counters = SlowCounters()
    counted = RateLimiter(rate_limits_of(Settings(limit_requests_per_minute=10)), counters)
    counters.meanwhile = lambda: ask(counted, 2)
    ask(counted, 3)
    assert becomes(5, lambda: sum(counters.totals.values()))
    assert becomes(5, lambda: requests_left(counted))
    assert ask(counted, 10) == 5


def test_a_broker_that_is_no_redis_leaves_each_process_to_itself():
    assert RedisCounters.of(Settings(broker_url="amqp://guest@127.0.0.1//")) is None
