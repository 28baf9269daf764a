"""What every test can ask for."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deploy.installation import service_named
from shared import logs
from shared.clock import FixedClock
from shared.events import Event
from shared.http.auth import Caller, issue_token, make_keys
from shared.ids import new_id
from shared.reference import reporter
from shared.service import Runtime, Service
from shared.service.web import build_web
from shared.settings import Settings
from tests.databases import PostgresServer, SqliteFiles, memory_folder
from tests.open_connections import is_open, recorded

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

NO_LIMITS = {
    "limit_requests_per_minute": 10**9,
    "limit_megabytes_per_hour": 10**6,
    "limit_records_per_hour": 10**9,
}
"""Where a clock stands still, whoever asks often would never be free again; and a load is measured as it is."""


BOTH = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory: most of a test's time would be waiting for the disk."""
    folder = memory_folder()
    if folder is not None and config.option.basetemp is None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))  # noqa: TID251 - pytest reads it there


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, or on those that it names itself."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_url" in metafunc.fixturenames and "database_url" not in named:
        metafunc.parametrize("database_url", BOTH, indirect=True)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that sets up logging does it for its own process, which here is that of all tests."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        vars(logs._LOGGER).pop("bind", None)


@pytest.fixture(scope="session", autouse=True)
def connections() -> Iterator[list[tuple[sqlite3.Connection, str]]]:
    """Every SQLite connection that is open; at the end, none is."""
    with recorded() as opened:
        yield opened
    assert sorted({test for connection, test in opened if is_open(connection)}) == []


@pytest.fixture(autouse=True)
def _closed_connections_are_forgotten(connections: list[tuple[sqlite3.Connection, str]]) -> Iterator[None]:
    yield
    connections[:] = [each for each in connections if is_open(each[0])]


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if hasattr(request.config, "workerinput") else folder


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """The server of a test run, shared by its processes."""
    folder = memory_folder() or Path(tempfile.gettempdir())
    server = PostgresServer(folder / f"iisgd-pg-{testrun_uid}", is_durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_files(run_folder: Path) -> SqliteFiles:
    return SqliteFiles(run_folder)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder, name="test")
    return folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database without rows; `pytest_generate_tests` says on which databases a test runs."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_files").fresh(tmp_path)
    else:
        yield request.getfixturevalue("postgresql_url")


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.lend()
    yield url
    postgres.take_back(url)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, keys: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url=database_url,
        key_folder=keys,
        broker_url="amqp://127.0.0.1:1//",
        **NO_LIMITS,
        log_level="WARNING",
    )


@pytest.fixture
def runtime_of(settings: Settings, clock: FixedClock) -> Iterator[Callable[[str], Runtime]]:
    """Makes a service's runtime on the test's database and clock."""
    made: dict[str, Runtime] = {}

    def make(service: str) -> Runtime:
        if service not in made:
            made[service] = Runtime.of(service, settings, clock)
        return made[service]

    yield make
    for runtime in made.values():
        runtime.database.dispose()


@dataclass
class Client:
    """A client of one service's routes; `as_` is a reporter's code, None sends no token."""

    http: FlaskClient
    settings: Settings
    clock: FixedClock

    def token(self, code: str, *, audience: str = "iisgd", lifetime: timedelta = timedelta(hours=1)) -> str:
        known = reporter(code)
        caller = Caller(known.code, known.role, known.partner, tuple(known.pillars))
        return issue_token(
            self.settings.keys, caller, audience=audience, now=self.clock.now(), lifetime=lifetime
        )

    def get(self, path: str, *, as_: str | None, headers: dict[str, str] | None = None) -> TestResponse:
        return self.http.get(path, headers=self._headers(as_) | (headers or {}))

    def post(
        self,
        path: str,
        *,
        json: Any,
        as_: str | None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        given = self._headers(as_) | {"Idempotency-Key": key or new_id()} | (headers or {})
        return self.http.post(path, data=dumped(json), headers=given, content_type="application/json")

    def put(
        self,
        path: str,
        *,
        json: Any,
        as_: str | None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        given = self._headers(as_) | (headers or {})
        return self.http.put(path, data=dumped(json), headers=given, content_type="application/json")

    def _headers(self, as_: str | None) -> dict[str, str]:
        return {} if as_ is None else {"Authorization": f"Bearer {self.token(as_)}"}


def dumped(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def client_of(settings: Settings, clock: FixedClock) -> Iterator[Callable[[str], Client]]:
    """Makes a client of one service's Flask app on the test's database and clock."""
    runtimes: list[Runtime] = []

    def make(*services: str) -> Client:
        app = build_web([service_named(name) for name in services], settings, clock)
        runtimes.extend(app.extensions["iisgd"])
        return Client(app.test_client(), settings, clock)

    yield make
    for runtime in runtimes:
        runtime.database.dispose()


@pytest.fixture
def deliver() -> Callable[[Runtime, Service, Event], None]:
    """Has a service handle an event as a worker would: compute, then write in one transaction."""

    def handle(runtime: Runtime, service: Service, event: Event) -> None:
        handler = next(handler for handler in service.handlers if handler.event is type(event))
        effect = handler.handle(runtime, event)
        with runtime.database.begin() as tx:
            effect(tx)

    return handle
