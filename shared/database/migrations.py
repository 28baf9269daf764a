"""Runs each service's own history of its tables, with Alembic, under a role that may change tables."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.engine import make_url

from shared.database.append_only import append_only_tables
from shared.database.connections import ServiceRole, sqlite_engine
from shared.database.row_security import policies

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "alembic"


@dataclass(frozen=True)
class History:
    """One schema's tables as they should be, and the steps that lead there."""

    schema: str
    metadata: MetaData
    folder: Path
    grants: Sequence[str] = ()
    """PostgreSQL statements that say who may do what with the tables; run when they, or the tables, are others."""


def migrate(url: str, histories: Sequence[History], roles: Sequence[str]) -> list[str]:
    """Bring every history up to date; returns the schemas, in the order they were done."""
    from alembic import command  # noqa: PLC0415 - ten megabytes that only who migrates should carry

    with _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            # Two at once would trip over each other: the second waits, then finds nothing to do.
            connection.execute(text("SELECT pg_advisory_xact_lock(1769170279)"))
            for role in roles:
                _make_role(connection, ServiceRole(role).name)
        for history in histories:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{history.schema}"'))
            command.upgrade(_config(history, connection), "heads")
            if connection.dialect.name == "postgresql":
                _grant(connection, history)
    return [history.schema for history in histories]


def current_revisions(url: str, histories: Sequence[History]) -> dict[str, str | None]:
    """How far the database has come in each history; None where it was never migrated."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - the same

    with _connection(url) as connection:
        return {
            history.schema: MigrationContext.configure(
                connection, opts=version_table(history.schema, connection)
            ).get_current_revision()
            for history in histories
        }


def head_revisions(histories: Sequence[History]) -> dict[str, str | None]:
    """How far each history goes."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    return {
        history.schema: ScriptDirectory(
            str(SCRIPTS), version_locations=[str(history.folder)]
        ).get_current_head()
        for history in histories
    }


def version_table(schema: str, connection: Connection) -> dict[str, Any]:
    """Where Alembic keeps how far a history has come. SQLite has one file for all: the name tells whose it is."""
    if connection.dialect.name == "sqlite":
        return {"version_table": f"{schema}_migrations", "version_table_schema": None}
    return {"version_table": "migrations", "version_table_schema": schema}


def _grant(connection: Connection, history: History) -> None:
    """Say who may do what, unless it is said already: saying it anew would lock tables that others are at work on."""
    said = hashlib.sha256("\n".join([*history.grants, *sorted(history.metadata.tables)]).encode()).hexdigest()
    known = connection.execute(
        text("SELECT obj_description(CAST(:schema AS regnamespace), 'pg_namespace')"),
        {"schema": history.schema},
    ).scalar()
    if known == said:
        return
    for grant in history.grants:
        connection.exec_driver_sql(grant)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{history.schema}\" IS '{said}'")


def write_migration(url: str, history: History, name: str) -> None:
    """Write the step from the migrated database to the tables as declared, for review."""
    from alembic import command  # noqa: PLC0415 - the same

    number = len(list(history.folder.glob("[0-9]*.py"))) + 1
    history.folder.mkdir(exist_ok=True)
    with _connection(url) as connection:
        command.revision(_config(history, connection), name, autogenerate=True, rev_id=f"{number:04d}")


def grants_to_owner(service: str, metadata: MetaData) -> list[str]:
    """A service does what it wants with its own tables, but for those it only adds to, and nobody else anything.

    Of rows that are a reporter's, its transactions see what they say (shared/database/sight.py).
    """
    role = ServiceRole(service).name
    return [
        f'GRANT USAGE ON SCHEMA "{service}" TO {role}',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{service}" TO {role}',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{service}" TO {role}',
        *(f"REVOKE UPDATE, DELETE ON {table.fullname} FROM {role}" for table in append_only_tables(metadata)),
        *policies(metadata, role),
    ]


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = sqlite_engine(url, "bus") if make_url(url).get_backend_name() == "sqlite" else create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(history: History, connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("version_locations", str(history.folder))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    schemas: dict[str | None, str | None] = {history.schema: None}
    config.attributes["connection"] = (
        connection.execution_options(schema_translate_map=schemas)
        if connection.dialect.name == "sqlite"
        else connection
    )
    config.attributes["history"] = history
    return config


def _make_role(connection: Connection, name: str) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).scalar()
    if known is None:
        connection.execute(text(f"CREATE ROLE {name} NOLOGIN"))
    connection.execute(text(f"GRANT {name} TO current_user"))


def owns(schema: str) -> Any:
    """Alembic's filter: only this schema's tables, and never Alembic's own."""

    def include(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
        if kind == "schema":
            return name == schema
        if kind == "table":
            return parents.get("schema_name") == schema and name != "migrations"
        return True

    return include
