"""Engines, created in the process that uses them, and the transactions that they open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from shared.clock import Clock
from shared.database.group_commit import GroupCommit
from shared.database.lazy_connection import LazyConnection, connect
from shared.database.row_security import ALL_ROWS, NO_ROWS
from shared.database.transactions import Transaction

T = TypeVar("T")

SQLITE_WAIT_SECONDS = 30
"""The seconds that a SQLite writer waits for another before it fails."""


@dataclass(frozen=True)
class ServiceRole:
    """The PostgreSQL role that a service's connections take, and that may write its schema."""

    service: str

    @property
    def name(self) -> str:
        """The role's name on the server."""
        return f"iisgd_{self.service}"


class Database:
    """One service's access to the database.

    On PostgreSQL its connections take the service's role, so that they cannot read another service's tables at all. Of
    reporters' rows, a transaction reads those that it names, by default `visible_to` (shared/database/row_security.py).
    """

    def __init__(
        self, url: str, service: str, *, clock: Clock, visible_to: str = ALL_ROWS, pool_size: int = 5
    ) -> None:
        self.url = make_url(url)
        self.service = service
        self._clock = clock
        self._visible_to = visible_to
        self._pool_size = pool_size
        self._opened: _Engines | None = None
        self._engine: Engine | None = None
        self._lock = threading.RLock()
        self._autocommitting: Connection | None = None
        self._cached: dict[Callable[[Transaction], Any], tuple[float, Any]] = {}

    @property
    def engine(self) -> Engine:
        """The engine, created on first use, since connections do not survive a fork."""
        with self._lock:
            if self._engine is None:
                self._engine = (
                    sqlite_engine(self.url, self.service)
                    if self.is_sqlite
                    else self._postgresql_engine(pool_size=self._pool_size, max_overflow=16)
                )
            return self._engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self, *, visible_to: str | None = None) -> Iterator[Transaction]:
        """Open a transaction to write: leaving the block commits, raising rolls back."""
        engines = self._engines
        lazy = LazyConnection(engines.writing, engines.group, visible_to=visible_to)
        try:
            transaction = Transaction(lazy, service=self.service, now=self._clock.now())
            yield transaction
            transaction.finish()
        finally:
            lazy.close()

    @contextmanager
    def read(self, *, visible_to: str | None = None) -> Iterator[Transaction]:
        """Open a transaction to read one state of the data. It never waits for writers, and cannot write."""
        engines = self._engines
        lazy = LazyConnection(engines.reading, engines.group, visible_to=visible_to)
        try:
            yield Transaction(lazy, service=self.service, now=self._clock.now())
        finally:
            lazy.close()

    def cached(self, read: Callable[[Transaction], T], *, seconds: float) -> T:
        """Return the result of `read`, at most `seconds` old; for small tables that every request needs.

        All callers share the result, so `read` sees all rows.
        """
        known = self._cached.get(read)
        if known is None or time.monotonic() - known[0] >= seconds:
            with self.read(visible_to=ALL_ROWS) as tx:
                known = self._cached[read] = (time.monotonic(), read(tx))
        result: T = known[1]
        return result

    def dispose(self) -> None:
        """Close all connections."""
        with self._lock:
            self._opened = None
            connection, self._autocommitting = self._autocommitting, None
        if connection is not None:
            connection.close()
        self.engine.dispose()

    @property
    def _engines(self) -> "_Engines":
        opened = self._opened
        if opened is None:
            # Two threads must not open two engines at first use: the connections of one would never be closed.
            with self._lock:
                opened = self._opened = self._opened or self._open()
        return opened

    def _open(self) -> "_Engines":
        engine = self.engine
        if self.is_sqlite:
            # One thread writes at a time: it needs one connection, and keeps it.
            return _Engines(engine, engine.execution_options(reading=True), GroupCommit(engine.begin))
        reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return _Engines(engine, reading, GroupCommit(lambda: nullcontext(self._autocommit())))

    def _autocommit(self) -> Connection:
        """Return the connection of the group commit, whose threads write one at a time.

        A single statement needs no BEGIN and COMMIT around it on PostgreSQL: one round trip, not three.
        """
        if self._autocommitting is None:
            self._autocommitting = connect(
                self._postgresql_engine(isolation_level="AUTOCOMMIT", poolclass=NullPool)
            )
        return self._autocommitting

    def _postgresql_engine(self, **options: Any) -> Engine:
        return postgresql_engine(self.url, self.service, visible_to=self._visible_to, **options)


@dataclass(frozen=True)
class _Engines:
    """The engines of one process, for writing and for reading, and the group commit on the first."""

    writing: Engine
    reading: Engine
    group: GroupCommit


def postgresql_engine(url: URL, service: str, *, visible_to: str, **options: Any) -> Engine:
    """Create an engine for a PostgreSQL server, whose connections take the service's role."""
    session = f"-c role={ServiceRole(service).name}"
    if visible_to != NO_ROWS:
        session += f" -c app.sees={visible_to}"
    return create_engine(
        url,
        **options,
        # Reporters' texts belong neither in logs nor in the reasons of failed deliveries.
        hide_parameters=True,
        connect_args={"options": session, "connect_timeout": 5},
    )


def sqlite_engine(url: URL | str, service: str) -> Engine:
    """Create an engine for a SQLite file: WAL, every commit on disk, writers queue instead of failing.

    SQLite has no schemas: all tables are in one file, and their names are unique across services.
    """
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": SQLITE_WAIT_SECONDS}
    ).execution_options(schema_translate_map={service: None, "bus": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            # The pool does not know a connection that cannot be prepared, and would leave it open.
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that begins as a reader cannot wait for another writer: it fails at once.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
