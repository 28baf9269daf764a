"""What every test can ask for."""

import json
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
from shared.identity.callers import Caller
from shared.identity.keys import ensure_keys
from shared.identity.tokens import issue_token
from shared.ids import new_id
from shared.reference import reporter
from shared.resources import Runtime
from shared.runtime.declarations import Service
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.databases import PostgresServer, SqliteFiles

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

NO_LIMITS = {
    "limit_requests_per_minute": 10**9,
    "limit_megabytes_per_hour": 10**6,
    "limit_records_per_hour": 10**9,
}
"""Where a clock stands still, whoever asks often would never be free again; and a load is measured as it is."""


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that sets up logging does it for its own process, which here is that of all tests."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        vars(logs._LOGGER).pop("bind", None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder, name="test")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_files").fresh(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.fresh()
    yield url
    postgres.drop(url)


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
        app = build_flask([service_named(name) for name in services], settings, clock)
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
