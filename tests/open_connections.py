"""The SQLite connections of a test run: each must be closed by the code that opened it.

Python 3.13 warns when an open connection is garbage-collected, at an unpredictable moment; 3.11 and 3.12 do not warn.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def recorded() -> Iterator[list[tuple[sqlite3.Connection, str]]]:
    """Record each connection when it is opened, with the test that opened it."""
    opened: list[tuple[sqlite3.Connection, str]] = []
    connect = sqlite3.connect

    def recording(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        test = os.environ.get("PYTEST_CURRENT_TEST", "no test")  # noqa: TID251 - pytest sets this variable
        opened.append((connection, test))
        return connection

    modules = (sqlite3, sqlite3.dbapi2)
    for module in modules:
        module.connect = recording
    try:
        yield opened
    finally:
        for module in modules:
            module.connect = connect


def file_of(connection: sqlite3.Connection) -> str | None:
    """Return the file of an open connection."""
    if not is_open(connection):
        return None
    ((_, _, file), *_) = connection.execute("PRAGMA database_list")
    return str(file)


def is_open(connection: sqlite3.Connection) -> bool:
    """Return whether a connection can still be used."""
    with suppress(sqlite3.ProgrammingError):
        return connection.total_changes >= 0
    return False
