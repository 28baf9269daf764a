"""Batched inserts: on PostgreSQL, the rows of several tables are one statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.types import TypeEngine

from shared.database.arrays import array_literal
from shared.i18n import Text

Row = Mapping[str, Any]
Insertion = tuple[Table, tuple[Row, ...], bool]
"""A table, its new rows, and whether to skip rows that exist."""


class DatabaseIsUnavailable(Exception):
    """The database cannot be reached, or the connection was lost. A commit in progress may or may not have succeeded."""

    def __init__(self) -> None:
        super().__init__(Text("The database is unavailable; try again in a moment."))


MANY_ROWS = 32
"""The number of rows from which an insert has a statement of its own: a statement holds at most 65,535 values."""

ROWS_AT_ONCE = 5_000
"""The maximum number of rows of a statement that takes each column as an array."""


def is_one_statement(insertions: Iterable[Insertion]) -> bool:
    """Return whether PostgreSQL can run all of them as one statement, without a transaction around it."""
    return all(len(rows) < MANY_ROWS for _, rows, _ in insertions)


def joined(insertions: Iterable[Insertion]) -> list[Insertion]:
    """Merge the rows by table, and sort tables and rows, so that concurrent writers cannot deadlock."""
    rows_of: dict[tuple[str, tuple[str, ...], bool], tuple[Table, list[Row]]] = {}
    for table, rows, ignore_existing in insertions:
        known = rows_of.setdefault((table.fullname, tuple(rows[0]), ignore_existing), (table, []))
        known[1].extend(rows)
    return [
        (table, tuple(sorted(rows, key=_key_of(table))), ignore_existing)
        for (_, _, ignore_existing), (table, rows) in sorted(rows_of.items(), key=itemgetter(0))
    ]


def send(connection: Connection, insertions: Sequence[Insertion]) -> None:
    """Insert the rows in the connection's transaction; raise SQLAlchemy's IntegrityError if a key exists."""
    few = [insertion for insertion in insertions if len(insertion[1]) < MANY_ROWS]
    for table, rows, ignore_existing in insertions:
        if len(rows) >= MANY_ROWS:
            _send_alone(connection, table, rows, ignore_existing=ignore_existing)
    send_together(connection, few)


def send_together(connection: Connection, insertions: Sequence[Insertion]) -> None:
    """Insert all rows, on PostgreSQL in one statement; raise SQLAlchemy's IntegrityError if a key exists."""
    if connection.dialect.name == "postgresql":
        if insertions:
            _send_as_one(connection, insertions)
        return
    for table, rows, ignore_existing in insertions:
        _send_alone(connection, table, rows, ignore_existing=ignore_existing)


@lru_cache(maxsize=256)
def _key_of(table: Table) -> Callable[[Row], Any]:
    return itemgetter(*(column.name for column in table.primary_key))


def _send_alone(connection: Connection, table: Table, rows: Sequence[Row], *, ignore_existing: bool) -> None:
    if connection.dialect.name == "postgresql":
        for first in range(0, len(rows), ROWS_AT_ONCE):
            _send_columns(
                connection, table, rows[first : first + ROWS_AT_ONCE], ignore_existing=ignore_existing
            )
        return
    statement = _ignoring_insert(table, connection.dialect.name) if ignore_existing else _insert(table)
    connection.execute(statement, [dict(row) for row in rows])


def _send_columns(
    connection: Connection, table: Table, rows: Sequence[Row], *, ignore_existing: bool
) -> None:
    """Send a column with one value as that value, and any other as an array."""
    dialect, names = connection.dialect, tuple(rows[0])
    columns = {
        name: [row[name] for row in rows] if processor is None else [processor(row[name]) for row in rows]
        for name, processor in _processors(table, names, dialect)
    }
    # At least one array says how many rows there are.
    single = tuple(name for name in names[:-1] if _are_equal(columns[name]))
    text = _array_statement(table, names, single, dialect, ignore_existing=ignore_existing)
    parameters = [values[0] if name in single else array_literal(values) for name, values in columns.items()]
    _execute_raw(connection, text, parameters)


@lru_cache(maxsize=256)
def _processors(table: Table, names: tuple[str, ...], dialect: Dialect) -> list[tuple[str, Any]]:
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]


_insert = lru_cache(maxsize=256)(insert)


@lru_cache(maxsize=256)
def _ignoring_insert(table: Table, dialect: str) -> Insert:
    module = postgresql if dialect == "postgresql" else sqlite
    statement: Insert = module.insert(table).on_conflict_do_nothing()
    return statement


def _send_as_one(connection: Connection, insertions: Sequence[Insertion]) -> None:
    shape = tuple((table, tuple(rows[0]), len(rows), ignore) for table, rows, ignore in insertions)
    text, processors = _one_statement(shape, connection.dialect)
    values = (row[name] for _, rows, _ in insertions for row in rows for name in rows[0])
    parameters = [
        processor(value) if processor else value for value, processor in zip(values, processors, strict=True)
    ]
    _execute_raw(connection, text, parameters)


@lru_cache(maxsize=256)
def _array_statement(
    table: Table,
    columns: tuple[str, ...],
    single: tuple[str, ...],
    dialect: Dialect,
    *,
    ignore_existing: bool,
) -> str:
    """Compose `INSERT ... SELECT ... FROM unnest(...)`, which takes each column as an array, or as a single value.

    PostgreSQL refuses COPY on tables with row-level security.
    """
    places = {
        name: f"${at}::{_cast(table.c[name].type.dialect_impl(dialect), dialect)}"
        for at, name in enumerate(columns, start=1)
    }
    arrays = [name for name in columns if name not in single]
    names = ", ".join(f'"{name}"' for name in (*single, *arrays))
    values = "".join(f"{places[name]}, " for name in single)
    unnest = ", ".join(f"{places[name]}[]" for name in arrays)
    tail = " ON CONFLICT DO NOTHING" if ignore_existing else ""
    return f'INSERT INTO "{table.schema}"."{table.name}" ({names}) SELECT {values}coming.* FROM unnest({unnest}) AS coming{tail}'  # noqa: S608 - names of tables and columns


def _are_equal(values: Sequence[Any]) -> bool:
    return values.count(values[0]) == len(values)


def _cast(type_: TypeEngine[Any], dialect: Dialect) -> str:
    """Return the type that a value is cast to: a cast to a short text would cut a longer one off, where an insert fails."""
    name = type_.compile(dialect)
    return "TEXT" if name.startswith("VARCHAR") else name


def _execute_raw(connection: Connection, text: str, parameters: Sequence[Any]) -> None:
    """Execute a statement with the server's placeholders, so that a long statement is not rewritten each time."""
    try:
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    except OperationalError as error:
        raise DatabaseIsUnavailable from error
    with psycopg.RawCursor(driver) as cursor:
        try:
            cursor.execute(text, parameters)
        except (psycopg.errors.IntegrityError, psycopg.errors.DeadlockDetected) as error:
            # Writers of the same rows in another order wait for each other: for the one that is ended, they exist.
            raise IntegrityError(None, None, error) from error
        except psycopg.OperationalError as error:
            if not driver.broken:
                raise
            # SQLAlchemy does not see this cursor's error, and must not use the lost connection again.
            connection.invalidate()
            raise DatabaseIsUnavailable from error


@lru_cache(maxsize=512)
def _one_statement(
    shape: tuple[tuple[Table, tuple[str, ...], int, bool], ...], dialect: Dialect
) -> tuple[str, list[Any]]:
    """Compose `WITH ... INSERT ..., INSERT ...` for the shape. Names are those of tables and columns, never data."""
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
