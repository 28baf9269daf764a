"""All services' tables at once, for what no service can do: copy all of them, and look whether any is empty.

Here an operator's command may speak SQL; in daily work each service sees its own tables only.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Date,
    Engine,
    LargeBinary,
    Table,
    create_engine,
    func,
    insert,
    literal,
    select,
    union,
)

from deploy.installation import histories
from services.entry import store as entry
from shared.bus.store import blobs, canaries
from shared.clock import Clock
from shared.database import Database, Transaction, UtcDateTime
from shared.database.connections import sqlite_engine

ROWS_AT_ONCE = 500


class EveryTable(Database):
    """A way in that takes no service's role: it reads and writes all services' tables."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        super().__init__(url, "operator", clock=clock)

    @cached_property
    def engine(self) -> Engine:
        """The engine."""
        if not self.is_sqlite:
            return create_engine(self.url, connect_args={"connect_timeout": 5})
        schemas = dict.fromkeys(history.schema for history in histories())
        return sqlite_engine(self.url, "operator").execution_options(schema_translate_map=schemas)


def all_tables() -> dict[str, Table]:
    """Every table by `<schema>.<name>`, the bus's first, each after those it refers to."""
    return {str(table): table for history in histories() for table in history.metadata.sorted_tables}


def kept_tables() -> list[str]:
    """All but the canaries: they say who works now, and nobody does in a restored installation."""
    return [name for name, table in all_tables().items() if table is not canaries]


def find_filled(tx: Transaction) -> str | None:
    """The first table that holds a row; None when all are empty."""
    for name, table in all_tables().items():
        if tx.execute(select(literal(1)).select_from(table).limit(1)).first() is not None:
            return name
    return None


def find_bodies_in_folder(tx: Transaction, *, limit: int) -> tuple[int, list[str]]:
    """How many bodies the submissions' versions name, and those of them that no row holds: up to so many."""
    named = union(
        *(
            select(column.label("sha256")).where(column.is_not(None))
            for column in (entry.versions.c.body, entry.verdicts.c.report)
        )
    ).subquery()
    in_row = select(blobs.c.sha256).where(blobs.c.sha256 == named.c.sha256).exists()
    total = tx.execute(select(func.count()).select_from(named)).scalar_one()
    elsewhere = tx.execute(select(named.c.sha256).where(~in_row).limit(limit)).scalars()
    return total, list(elsewhere)


def time_of_server(tx: Transaction) -> datetime:
    """PostgreSQL's own time when the transaction began."""
    now: datetime = tx.execute(select(func.now())).scalar_one()
    return now


def read_lines(tx: Transaction, table: str) -> Iterator[bytes]:
    """Each row of a table as a line: a JSON object by column; bytes in base64."""
    columns = all_tables()[table].c
    names = [str(column.name) for column in columns]
    key = [column for column in columns if column.primary_key]
    ordered = select(*columns).order_by(*key).execution_options(yield_per=ROWS_AT_ONCE)
    with tx.execute(ordered) as rows:
        for row in rows:
            by_column = dict(zip(names, row, strict=True))
            yield orjson.dumps(by_column, default=_text_of, option=orjson.OPT_APPEND_NEWLINE)


def write_lines(tx: Transaction, table: str, lines: bytes) -> None:
    """Insert what `read_lines` gave."""
    into = all_tables()[table]
    tx.execute(insert(into), list(_rows(into, lines)))


def _text_of(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"no backup can hold a {type(value).__name__}")


def _rows(table: Table, lines: bytes) -> Iterator[dict[str, Any]]:
    readers = {column.name: reader for column in table.c if (reader := _reader(column))}
    for line in lines.splitlines():
        row = orjson.loads(line)
        yield row | {name: reader(row[name]) for name, reader in readers.items() if row[name] is not None}


def _reader(column: Column[Any]) -> Callable[[str], Any] | None:
    """What makes of JSON's text the value that the column takes; None where it takes JSON's own."""
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(column.type, Date):
        return date.fromisoformat
    return b64decode if isinstance(column.type, LargeBinary) else None
