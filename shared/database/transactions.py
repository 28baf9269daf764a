"""A unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Executable, Table, and_, false, not_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.database.insertions import DatabaseIsUnavailable, Insertion, Row, is_one_statement, send
from shared.database.lazy_connection import LazyConnection


class RowExists(Exception):
    """An insert met a row with the same key. Carries the database's own words for the log, never for a client."""

    def __init__(self, error: IntegrityError) -> None:
        super().__init__(str(error.orig))


class Transaction:
    """What stores and operations are given. Only the edge opens and ends it.

    Inserted rows wait and leave together, at the latest before the next read. A transaction that does nothing else
    shares its commit with others that end at the same moment.
    """

    def __init__(self, opening: LazyConnection, *, service: str, now: datetime) -> None:
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

    def keep_highest(
        self, table: Table, row: Row, *, by: Sequence[str], unless: ColumnElement[bool] | None = None
    ) -> bool:
        """Insert a row, or replace the row of the same primary key if its `by` columns are lower; return whether it did.

        The columns are compared in their order. A stored row that meets `unless` is never replaced. Columns that the
        row does not name keep their values.
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
        """Run a statement; `RowExists` when it breaks a key, `DatabaseIsAway`."""
        self.flush()
        try:
            return self._opening.connection().execute(statement, parameters)
        except IntegrityError as error:
            raise RowExists(error) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseIsUnavailable from error
            raise

    def flush(self) -> None:
        """Send the waiting inserts."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            send(self._opening.connection(), waiting)
        except IntegrityError as error:
            raise RowExists(error) from error

    def finish(self) -> None:
        """Send what waits and commit; together with others' where nothing else was done."""
        waiting, self._waiting = self._waiting, []
        try:
            if waiting and self._opening.is_untouched and is_one_statement(waiting):
                self._opening.group.write(waiting)
                return
            if waiting:
                send(self._opening.connection(), waiting)
            self._opening.commit()
        except IntegrityError as error:
            raise RowExists(error) from error
