"""Transactions: the units of work that stores and operations receive."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    String,
    Table,
    Text,
    and_,
    any_,
    cast,
    false,
    literal,
    not_,
    or_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.database.arrays import array_literal
from shared.database.insertions import DatabaseIsUnavailable, Insertion, Row, is_one_statement, send
from shared.database.lazy_connection import LazyConnection


class RowExists(Exception):
    """A row with the same key exists. The message is the database's, for the log, never for a client."""

    def __init__(self, error: IntegrityError) -> None:
        super().__init__(str(error.orig))


class Transaction:
    """A unit of work. Only an edge opens and ends it.

    Inserted rows are sent together, at the latest before the next statement. A transaction of inserts alone shares its
    commit with others that end at the same time.
    """

    def __init__(self, lazy: LazyConnection, *, service: str, now: datetime) -> None:
        self.service = service
        """The name of the service."""
        self.now = now
        """The time at which it began, by the service's clock."""
        self._lazy = lazy
        self._pending: list[Insertion] = []

    @property
    def is_postgresql(self) -> bool:
        """Whether the database locks rows, and can skip locked ones. SQLite has a single writer instead."""
        return self._lazy.dialect.name == "postgresql"

    def add(self, table: Table, *rows: Row, ignore_existing: bool = False) -> None:
        """Insert complete rows; Python-side column defaults are not applied."""
        if rows:
            self._pending.append((table, rows, ignore_existing))

    def among(self, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
        """Return the condition that a column of texts has one of these values.

        PostgreSQL takes them as one array, in a fraction of the time; SQLite takes up to 32,766 values.
        """
        if self.is_postgresql:
            return column == any_(cast(literal(array_literal(values), String), ARRAY(Text)))
        return column.in_(values)

    def upsert(self, table: Table, *rows: Row, key: Sequence[str]) -> None:
        """Insert rows, or update the named columns of those that exist."""
        if not rows:
            return
        dialect = postgresql if self.is_postgresql else sqlite
        statement = dialect.insert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        self.flush()
        connection = self._lazy.connection()
        if changed:
            statement = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(key))
        connection.execute(statement, [dict(row) for row in rows])

    def keep_highest(
        self, table: Table, row: Row, *, by: Sequence[str], unless: ColumnElement[bool] | None = None
    ) -> bool:
        """Insert a row, or replace the row with its primary key if that row's `by` columns are lower; return whether it did.

        The columns are compared in their order. A stored row that meets `unless` is never replaced. Columns that the row does
        not name keep their values. It is one statement.
        """
        key = [column.name for column in table.primary_key]
        statement = (postgresql if self.is_postgresql else sqlite).insert(table)
        is_lower: ColumnElement[bool] = false()
        for name in reversed(by):
            stored, new = table.c[name], statement.excluded[name]
            is_lower = or_(stored < new, and_(stored == new, is_lower))
        keep = statement.on_conflict_do_update(
            index_elements=key,
            set_={name: statement.excluded[name] for name in row if name not in key},
            where=is_lower if unless is None else and_(is_lower, not_(unless)),
        ).returning(*table.primary_key)
        return self.execute(keep, dict(row)).first() is not None

    def execute(
        self, statement: Executable, parameters: Row | Sequence[Row] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement; raise `RowExists` if it violates a key, or `DatabaseIsUnavailable`."""
        self.flush()
        try:
            return self._lazy.connection().execute(statement, parameters)
        except IntegrityError as error:
            raise RowExists(error) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseIsUnavailable from error
            raise

    def flush(self) -> None:
        """Send the pending inserts."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            send(self._lazy.connection(), pending)
        except IntegrityError as error:
            raise RowExists(error) from error

    def finish(self) -> None:
        """Send the pending inserts and commit, together with other transactions if only rows were inserted."""
        pending, self._pending = self._pending, []
        try:
            if pending and self._lazy.is_untouched and is_one_statement(pending):
                self._lazy.group.write(pending)
                return
            if pending:
                send(self._lazy.connection(), pending)
            self._lazy.commit()
        except IntegrityError as error:
            raise RowExists(error) from error
