"""A unit of work, and the inserts that leave together in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import psycopg
from sqlalchemy import Connection, CursorResult, Executable, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from shared.database.connections import Opening

Row = Mapping[str, Any]
Insertion = tuple[Table, tuple[Row, ...], bool]

MANY_ROWS = 32
"""From so many rows on, an insert goes its own way as executemany: a statement has room for 65,535 values."""


class RowExists(Exception):
    """An insert met a row with the same key. Carries the database's own words for the log, never for a client."""

    def __init__(self, error: IntegrityError) -> None:
        super().__init__(str(error.orig))


class Transaction:
    """What stores and operations are given. Only the edge opens and ends it.

    Inserted rows wait and leave together, at the latest before the next read: on PostgreSQL in one statement,
    which, when it is the transaction's only one, is a single round trip with its commit.
    """

    def __init__(self, opening: "Opening", *, service: str, now: datetime) -> None:
        self.service = service
        """Whose transaction it is."""
        self.now = now
        """When it began, by the service's clock."""
        self._opening = opening
        self._waiting: list[Insertion] = []

    @property
    def is_postgresql(self) -> bool:
        """Whether the server can skip locked rows and hold row locks; SQLite has one writer instead."""
        return self._opening.dialect.name == "postgresql"

    def add(self, table: Table, *rows: Row, ignore_existing: bool = False) -> None:
        """Insert complete rows (column defaults of Python are not applied)."""
        if rows:
            self._waiting.append((table, rows, ignore_existing))

    def upsert(self, table: Table, *rows: Row, key: Sequence[str]) -> None:
        """Insert rows, or update the given non-key columns of those that exist."""
        if not rows:
            return
        dialect = postgresql if self.is_postgresql else sqlite
        statement = dialect.insert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        self.flush()
        connection = self._opening.connection()
        if changed:
            statement = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(key))
        connection.execute(statement, [dict(row) for row in rows])

    def execute(
        self, statement: Executable, parameters: Row | Sequence[Row] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement; `RowExists` when it breaks a key."""
        self.flush()
        try:
            return self._opening.connection().execute(statement, parameters)
        except IntegrityError as error:
            raise RowExists(error) from error

    def flush(self) -> None:
        """Send the waiting inserts."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            _send(self._opening.connection(), waiting)
        except IntegrityError as error:
            raise RowExists(error) from error

    def finish(self) -> None:
        """Send what waits and commit, in one round trip where the database can."""
        waiting, self._waiting = self._waiting, []
        try:
            if waiting:
                _send(self._opening.last_connection(), waiting)
            self._opening.commit()
        except IntegrityError as error:
            raise RowExists(error) from error


def _send(connection: Connection, waiting: list[Insertion]) -> None:
    together = [insertion for insertion in waiting if len(insertion[1]) < MANY_ROWS]
    for table, rows, ignore_existing in waiting:
        if len(rows) >= MANY_ROWS or connection.dialect.name != "postgresql":
            _send_alone(connection, table, rows, ignore_existing=ignore_existing)
    if together and connection.dialect.name == "postgresql":
        _send_together(connection, together)


def _send_alone(connection: Connection, table: Table, rows: Sequence[Row], *, ignore_existing: bool) -> None:
    statement = insert(table)
    if ignore_existing:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).on_conflict_do_nothing()
    connection.execute(statement, [dict(row) for row in rows])


def _send_together(connection: Connection, insertions: Sequence[Insertion]) -> None:
    shape = tuple((table, tuple(rows[0]), len(rows), ignore) for table, rows, ignore in insertions)
    text, processors = _one_statement(shape, connection.dialect)
    values = (row[name] for _, rows, _ in insertions for row in rows for name in rows[0])
    parameters = [
        processor(value) if processor else value for value, processor in zip(values, processors, strict=True)
    ]
    # A raw cursor takes the server's own placeholders: there is nothing to rewrite in a long statement, each time anew.
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with psycopg.RawCursor(driver) as cursor:
        try:
            cursor.execute(text, parameters)
        except psycopg.errors.IntegrityError as error:
            raise IntegrityError(None, None, error) from error


@lru_cache(maxsize=256)
def _one_statement(
    shape: tuple[tuple[Table, tuple[str, ...], int, bool], ...], dialect: Dialect
) -> tuple[str, list[Any]]:
    """Compose `WITH ... INSERT ..., INSERT ...` for the shape; names are our own tables' and columns', never data."""
    parts: list[str] = []
    processors: list[Any] = []
    for table, columns, count, ignore_existing in shape:
        places = []
        for _ in range(count):
            start = len(processors)
            processors += [
                table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns
            ]
            places.append("(" + ", ".join(f"${start + at + 1}" for at in range(len(columns))) + ")")
        tail = " ON CONFLICT DO NOTHING" if ignore_existing else ""
        names = ", ".join(f'"{name}"' for name in columns)
        insert_into = (
            f'INSERT INTO "{table.schema}"."{table.name}" ({names}) VALUES {", ".join(places)}{tail}'  # noqa: S608 - see above
        )
        parts.append(insert_into)
    *firsts, last = parts
    if not firsts:
        return last, processors
    return "WITH " + ", ".join(
        f"i{at} AS ({part})" for at, part in enumerate(firsts)
    ) + " " + last, processors
