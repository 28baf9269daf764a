"""Databases as they were before a migration."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateSchema

from deploy.installation import ROLES, history_of
from shared.database import Json, UtcDateTime
from shared.database.migrations import _config, _connection, migrate

TYPES = {bool: Boolean, int: Integer, str: String, dict: Json, datetime: UtcDateTime}


def create_former(
    request: pytest.FixtureRequest,
    folder: Path,
    *,
    service: str,
    revision: str,
    rows_of: Mapping[str, Sequence[Mapping[str, Any]]],
) -> str:
    """Create a database of the fixture's parameter at a revision of a service, with rows by table; return its URL."""
    url = f"sqlite:///{folder / 'iisgd.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.empty()
        request.addfinalizer(lambda: server.drop(url))
    fill_former(url, service=service, revision=revision, rows_of=rows_of)
    return url


def fill_former(
    url: str, *, service: str, revision: str, rows_of: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Migrate an empty database to a revision of a service, and insert rows into its tables of that time."""
    migrate(url, [history_of("bus")], ROLES)
    with _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(CreateSchema(service))
        command.upgrade(_config(history_of(service), connection), revision)
        for name, rows in rows_of.items():
            for row in rows:
                connection.execute(_table_of(service, name, row).insert(), dict(row))


def migrate_fully(url: str, *, service: str) -> None:
    """Migrate a database to the current tables of a service."""
    migrate(url, [history_of("bus"), history_of(service)], ROLES)


def _table_of(service: str, name: str, row: Mapping[str, Any]) -> Table:
    """Return a table as far as a row knows its columns: the declared ones are newer."""
    columns = (Column(each, TYPES[type(value)]) for each, value in row.items())
    return Table(name, MetaData(schema=service), *columns)
