"""The connection of one transaction, opened when it is first needed."""

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError

from shared.database.group_commit import GroupCommit
from shared.database.insertions import DatabaseIsUnavailable

SET_VISIBLE_ROWS = "SELECT set_config('app.sees', %s, true)"


class LazyConnection:
    """The connection of a transaction, opened at its first statement. Many transactions never open one."""

    def __init__(self, engine: Engine, group: GroupCommit, *, visible_to: str | None) -> None:
        self._engine = engine
        self._visible_to = visible_to
        self._connection: Connection | None = None
        self.dialect: Dialect = engine.dialect
        self.group = group
        """The group commit that takes a transaction of inserts alone."""

    @property
    def is_untouched(self) -> bool:
        """Whether no statement was sent yet."""
        return self._connection is None

    def connection(self) -> Connection:
        """Return the connection, inside a transaction."""
        if self._connection is None:
            self._connection = connect(self._engine)
            self._connection.begin()
            if self._visible_to is not None and self.dialect.name == "postgresql":
                self._connection.exec_driver_sql(SET_VISIBLE_ROWS, (self._visible_to,))
        return self._connection

    def commit(self) -> None:
        """Commit, if a statement was sent."""
        if self._connection is not None:
            self._connection.commit()

    def close(self) -> None:
        """Return the connection to the pool, and roll back uncommitted changes."""
        if self._connection is not None:
            self._connection.close()


def connect(engine: Engine) -> Connection:
    """Open a connection; raise `DatabaseIsUnavailable` if the server does not answer."""
    try:
        return engine.connect()
    except OperationalError as error:
        raise DatabaseIsUnavailable from error
