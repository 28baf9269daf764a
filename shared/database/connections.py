"""Engines, made lazily in the process that uses them, and the transactions they open."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from shared.clock import Clock
from shared.database.group_commit import GroupCommit
from shared.database.lazy_connection import LazyConnection, connect
from shared.database.row_security import ALL_ROWS, NO_ROWS
from shared.database.transactions import Transaction

T = TypeVar("T")

SQLITE_WAIT_SECONDS = 30
"""How long a SQLite writer waits for another before it gives up."""


@dataclass(frozen=True)
class ServiceRole:
    """The PostgreSQL role that a service's connections take, and whose schema it may write."""

    service: str

    @property
    def name(self) -> str:
        """The role's name on the server."""
        return f"iisgd_{self.service}"


class Database:
    """One service's way into the database.

    On PostgreSQL its connections take the service's role, so that another service's tables cannot be read at all; and of
    reporters' rows a transaction sees what it says, or else what `sees` says for all of them (shared/database/sight.py).
    """

    def __init__(
        self, url: str, service: str, *, clock: Clock, visible_to: str = ALL_ROWS, pool_size: int = 5
    ) -> None:
        self.url = make_url(url)
        self.service = service
        self._clock = clock
        self._sees = visible_to
        self._pool_size = pool_size
        self._cached: dict[Callable[[Transaction], Any], tuple[float, Any]] = {}

    @cached_property
    def engine(self) -> Engine:
        """The engine; made on first use, since connections do not survive a fork."""
        return sqlite_engine(self.url, self.service) if self.is_sqlite else self._pooled()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self, *, visible_to: str | None = None) -> Iterator[Transaction]:
        """Open a transaction to write: leaving commits, raising rolls back."""
        opening = LazyConnection(self.engine, self._group, visible_to=visible_to)
        try:
            transaction = Transaction(opening, service=self.service, now=self._clock.now())
            yield transaction
            transaction.finish()
        finally:
            opening.close()

    @contextmanager
    def read(self, *, visible_to: str | None = None) -> Iterator[Transaction]:
        """Open a transaction to read one state of the data; it never waits for writers and writes nothing."""
        opening = LazyConnection(self._reading, self._group, visible_to=visible_to)
        try:
            yield Transaction(opening, service=self.service, now=self._clock.now())
        finally:
            opening.close()

    def cached(self, read: Callable[[Transaction], T], *, seconds: float) -> T:
        """What `read` gave within the last seconds, or gives now: for small tables asked on every request.

        It is kept for all callers, so it reads as nobody in particular: it sees everything.
        """
        kept = self._cached.get(read)
        if kept is None or time.monotonic() - kept[0] >= seconds:
            with self.read(visible_to=ALL_ROWS) as tx:
                kept = self._cached[read] = (time.monotonic(), read(tx))
        answer: T = kept[1]
        return answer

    def dispose(self) -> None:
        """Close all connections."""
        if "_autocommitting" in vars(self):
            self._autocommitting.close()
        self.engine.dispose()

    @cached_property
    def _group(self) -> GroupCommit:
        # One thread writes at a time: it needs one connection, and keeps it.
        return GroupCommit(self.engine.begin if self.is_sqlite else lambda: nullcontext(self._autocommitting))

    @cached_property
    def _autocommitting(self) -> Connection:
        # A single statement needs no BEGIN and COMMIT around it on PostgreSQL: one round trip, not three.
        return connect(self._postgresql_engine(isolation_level="AUTOCOMMIT", poolclass=NullPool))

    @cached_property
    def _reading(self) -> Engine:
        if self.is_sqlite:
            return self.engine.execution_options(reading=True)
        return self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _pooled(self) -> Engine:
        return self._postgresql_engine(pool_size=self._pool_size, max_overflow=16)

    def _postgresql_engine(self, **options: Any) -> Engine:
        said = f"-c role={ServiceRole(self.service).name}"
        if self._sees != NO_ROWS:
            said += f" -c app.sees={self._sees}"
        return create_engine(
            self.url,
            **options,
            # What people wrote is not for logs, nor for the list of what failed.
            hide_parameters=True,
            connect_args={"options": said, "connect_timeout": 5},
        )


def sqlite_engine(url: Any, service: str) -> Engine:
    """Make an engine for a SQLite file: WAL, every commit on disk, writers queue instead of failing.

    SQLite has no schemas: all tables lie in one file, and their names are unique over all services.
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
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that begins as a reader cannot wait for another writer: it fails at once.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
