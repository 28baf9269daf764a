"""Fixtures and hooks for all tests."""

import gc
import json
import os
import re
import select
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, make_url
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from deploy.installation import service_named
from shared import logs
from shared.clock import FixedClock
from shared.database import connections
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
from tests.databases import PostgresServer, SqliteFiles, memory_folder
from tests.open_connections import file_of, is_open, recorded

if TYPE_CHECKING:
    from tests.systems import System

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

NO_LIMITS = {
    "limit_requests_per_minute": 10**9,
    "limit_megabytes_per_hour": 10**6,
    "limit_records_per_hour": 10**9,
}
"""Settings without effective limits: on a fixed clock a limit would never reset, and loads are measured unlimited."""


# A slow machine must not fail a test: pytest-timeout stops tests that never end.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("suite")

PROCESSORS = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]

BOTH = ("sqlite", "postgresql")
ONE = ("postgresql",)
"""The database of production, with row-level security."""

ON_ONE = re.compile(
    r"tests/(entry|validation|reporting|notify)/.*test_(api|pages|operations|tasks)\w*(/.*)?\.py"
    r"|tests/entry/workbooks/test_corrections\.py"
    r"|tests/shared/http/test_(edge|requests)\.py"
    r"|tests/test_(access|openapi|precedence|submission_feedback)\.py"
)
"""Tests of edges and use cases, which run on one database, unless they are marked with `both_databases`.

The stores are tested on both: by their own tests, by tests of use cases with queries that others do not have, and by
test_tenant_isolation, which calls every route.
"""

LAUNCHED = ("tests/journeys/test_main_job.py", "tests/deploy/test_doctor.py")
"""Modules that share the launched system. They run one after the other, since it stops when others follow."""

SPREAD = (
    "tests/deploy/test_launcher.py",
    "tests/deploy/test_processes.py",
    "tests/notify/reminders/test_tasks_history.py",
)
"""Modules of few long tests that share nothing."""

FIRST = (*LAUNCHED, "tests/journeys", *SPREAD, "tests/deploy", "tests/test_")
"""The longest modules, which start first: started last, one of them would keep a single process busy at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory, because disk writes would take most of a test's time.

    While tests are collected, there is nothing to collect as garbage.
    """
    gc.disable()
    folder = memory_folder()
    if folder is not None and config.option.basetemp is None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))  # noqa: TID251 - pytest reads it there


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, on one, or on those that the test names."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_url" in metafunc.fixturenames and "database_url" not in named:
        wants_both = metafunc.definition.get_closest_marker("both_databases")
        is_on_one = ON_ONE.fullmatch(_path_of(metafunc.definition)) and not wants_both
        metafunc.parametrize("database_url", ONE if is_on_one else BOTH, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first."""
    paths = {path: str(path.relative_to(items[0].config.rootpath)) for path in {item.path for item in items}}
    places = {
        path: next((place for place, each in enumerate(FIRST) if named.startswith(each)), len(FIRST))
        for path, named in paths.items()
    }
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """Exempt objects that exist before the first test from garbage collection, and collect less often.

    Collection took a fifth of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run tests that share a scene in one process. (xdist's marks do not reach the scheduler with pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - the suite also runs without xdist

    class Scenes(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scene_of(nodeid)

    return Scenes(config, log)


def scene_of(nodeid: str) -> str:
    """Return the scene that a test shares with others: the tests of its module on the same database."""
    path, _, name = nodeid.partition("::")
    database = "postgresql" if "[postgresql" in name else ""
    if path in LAUNCHED and not database:
        return "launched"
    return nodeid if path in SPREAD else f"{path} {database}"


def _path_of(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath).as_posix()


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Configure logging for each test, because commands configure it for the whole process.

    structlog's default prints the source code of every frame, which is slow.
    """
    structlog.configure(processors=PROCESSORS)
    yield
    structlog.reset_defaults()
    vars(logs._LOGGER).pop("bind", None)


@pytest.fixture(scope="session", autouse=True)
def opened() -> Iterator[list[tuple[sqlite3.Connection, str]]]:
    """Every open SQLite connection; none may be open at the end."""
    with recorded() as in_run:
        yield in_run
    assert sorted({test for connection, test in in_run if is_open(connection)}) == []


@pytest.fixture(autouse=True)
def _closed_connections_are_forgotten(opened: list[tuple[sqlite3.Connection, str]]) -> Iterator[None]:
    yield
    opened[:] = [each for each in opened if is_open(each[0])]


@pytest.fixture(scope="session", autouse=True)
def _engines_are_kept() -> Iterator[None]:
    """Create one engine for each database and role, because a new engine compiles all its statements again.

    `Database.dispose` closes the connections to SQLite, and leaves those to PostgreSQL to the next test.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("sqlite_engine", "postgresql_engine"):
            patch.setattr(connections, name, _kept(getattr(connections, name)))
        yield
    for kept in ENGINES.values():
        kept.close()


@pytest.fixture(scope="session", autouse=True)
def _urls_are_built_on_demand() -> Iterator[None]:
    """Compile the function that builds a route's URL when it is called: most tests create an app, and none calls it."""
    compiled = Rule._compile_builder

    def on_demand(self: Rule, *how: Any) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled(self, *how)(rule, **values)

        return build

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", on_demand)
        yield


@dataclass
class KeptEngine:
    """An engine, with the connections to PostgreSQL that its pool has open."""

    engine: Engine
    open: list[psycopg.Connection[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep connections to PostgreSQL: opening one takes as long as a test's other statements together."""
        self.close = self.engine.dispose
        if self.engine.dialect.name == "postgresql":
            self.engine.dispose = self.close_if_broken  # type: ignore[method-assign]
            event.listen(self.engine, "connect", lambda connection, _: self.open.append(connection))

    def close_if_broken(self, close: bool = True) -> None:  # noqa: ARG002, FBT002 - SQLAlchemy's signature
        """Close the connections if the server ended one of them."""
        if not self.is_whole:
            self.close()

    @property
    def is_whole(self) -> bool:
        """Whether the server ended none of the idle connections: it would have said so to each."""
        self.open = [each for each in self.open if not each.closed]
        return not select.select([each.fileno() for each in self.open], [], [], 0)[0]


ENGINES: dict[tuple[Any, ...], KeptEngine] = {}


def _kept(create: Callable[..., Engine]) -> Callable[..., Engine]:
    def kept(*arguments: Any, **options: Any) -> Engine:
        # A pool that keeps nothing would open a connection for every test.
        options.pop("poolclass", None)
        key = (create, *arguments, *sorted(options.items()))
        if key not in ENGINES:
            ENGINES[key] = KeptEngine(create(*arguments, **options))
        return ENGINES[key].engine

    return kept


def _pools_of(url: str) -> list[KeptEngine]:
    return [kept for kept in ENGINES.values() if kept.engine.url == make_url(url)]


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder shared by all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if hasattr(request.config, "workerinput") else folder


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """The PostgreSQL server of a test run, shared by its processes."""
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
    ensure_keys(folder, name="test")
    return folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without rows; `pytest_generate_tests` selects the databases of a test."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgresql_url")


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles, opened: list[tuple[sqlite3.Connection, str]]) -> Iterator[str]:
    url = sqlite_files.lend()
    yield url
    left = [test for connection, test in opened if file_of(connection) == make_url(url).database]
    for kept in _pools_of(url):
        kept.close()
    sqlite_files.take_back(url)
    assert left == [], "these tests left a connection open"


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.lend()
    yield url
    is_unchanged = postgres.take_back(url)
    for kept in _pools_of(url):
        kept.close_if_broken() if is_unchanged else kept.close()


@pytest.fixture(scope="session")
def launched(tmp_path_factory: pytest.TempPathFactory) -> "System":
    """A whole system on SQLite, for tests that do not change it."""
    from tests.systems import systems  # noqa: PLC0415 - few tests need a launcher

    make = LAUNCHED_SYSTEM.enter_context(systems(tmp_path_factory.mktemp("launched")))
    return make(database="sqlite", log_level="INFO", canary_seconds=1.0, poll_seconds=0.05)


LAUNCHED_SYSTEM = ExitStack()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the launched system after the last test that needs it: until the end, it would take an eighth of a processor."""
    if _path_of(item) in LAUNCHED and (nextitem is None or _path_of(nextitem) not in LAUNCHED):
        LAUNCHED_SYSTEM.close()


def pytest_sessionfinish() -> None:
    """Stop the launched system also if a failure ends the run."""
    LAUNCHED_SYSTEM.close()


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
    """Return a function that builds a service's runtime on the test's database and clock."""
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
    _tokens: dict[tuple[str, datetime], str] = field(default_factory=dict, init=False, repr=False)
    """Tokens by caller and time. Signing one can take as long as a request."""

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
        if as_ is None:
            return {}
        key = (as_, self.clock.now())
        if key not in self._tokens:
            self._tokens[key] = self.token(as_)
        return {"Authorization": f"Bearer {self._tokens[key]}"}


def dumped(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def client_of(settings: Settings, clock: FixedClock) -> Iterator[Callable[[str], Client]]:
    """Return a function that builds a client of a service's Flask app on the test's database and clock."""
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
    """Return a function that handles an event as a worker would: compute, then write in one transaction."""

    def handle(runtime: Runtime, service: Service, event: Event) -> None:
        handler = next(handler for handler in service.handlers if handler.event is type(event))
        effect = handler.handle(runtime, event)
        with runtime.database.begin() as tx:
            effect(tx)

    return handle
