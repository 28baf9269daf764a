"""Migrations: each service's own history of its tables, run by Alembic under a role that may change tables."""

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
    """The declared tables of one schema, and the migrations that lead to them."""

    schema: str
    metadata: MetaData
    folder: Path
    grants: Sequence[str] = ()
    """PostgreSQL statements that grant rights on the tables; run when they, or the tables, have changed."""


def migrate(url: str, histories: Sequence[History], roles: Sequence[str]) -> list[str]:
    """Upgrade every history; return the schemas in that order."""
    from alembic import command  # noqa: PLC0415 - ten megabytes that only migrations need

    with _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            # Of two simultaneous runs, the second waits, then finds nothing to do.
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
    """Return the database's revision in each history, None if it was never migrated."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - ten megabytes that only migrations need

    with _connection(url) as connection:
        return {
            history.schema: MigrationContext.configure(
                connection, opts=version_table(history.schema, connection)
            ).get_current_revision()
            for history in histories
        }


def head_revisions(histories: Sequence[History]) -> dict[str, str | None]:
    """Return the last revision of each history."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - ten megabytes that only migrations need

    return {
        history.schema: ScriptDirectory(
            str(SCRIPTS), version_locations=[str(history.folder)]
        ).get_current_head()
        for history in histories
    }


def version_table(schema: str, connection: Connection) -> dict[str, Any]:
    """Return the name of Alembic's version table. SQLite has one file for all, so the name includes the schema."""
    if connection.dialect.name == "sqlite":
        return {"version_table": f"{schema}_migrations", "version_table_schema": None}
    return {"version_table": "migrations", "version_table_schema": schema}


def _grant(connection: Connection, history: History) -> None:
    """Run the grants, unless they are in place: running them again would lock tables that are in use."""
    granted = hashlib.sha256(
        "\n".join([*history.grants, *sorted(history.metadata.tables)]).encode()
    ).hexdigest()
    known = connection.execute(
        text("SELECT obj_description(CAST(:schema AS regnamespace), 'pg_namespace')"),
        {"schema": history.schema},
    ).scalar()
    if known == granted:
        return
    for grant in history.grants:
        connection.exec_driver_sql(grant)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{history.schema}\" IS '{granted}'")


def write_migration(url: str, history: History, name: str) -> None:
    """Write the migration from the current tables to the declared ones, for review."""
    from alembic import command  # noqa: PLC0415 - ten megabytes that only migrations need

    number = len(list(history.folder.glob("[0-9]*.py"))) + 1
    history.folder.mkdir(exist_ok=True)
    with _connection(url) as connection:
        command.revision(_config(history, connection), name, autogenerate=True, rev_id=f"{number:04d}")


def grants_to_owner(service: str, metadata: MetaData) -> list[str]:
    """Return the grants that give a service all rights on its tables, and other services none.

    Append-only tables are never updated. Row policies apply to reporters' rows (shared/database/row_security.py).
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
    from alembic.config import Config  # noqa: PLC0415 - ten megabytes that only migrations need

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
    """Return Alembic's filter for the tables of this schema, without Alembic's own."""

    def include(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
        if kind == "schema":
            return name == schema
        if kind == "table":
            return parents.get("schema_name") == schema and name != "migrations"
        return True

    return include
