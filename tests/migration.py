"""`make migration`: writes a migration from a service's tables, against a PostgreSQL server of its own."""

import sys
from dataclasses import replace

from deploy.installation import ROLES, history_of
from shared.database.migrations import migrate, write_migration
from tests.databases import PostgresServer


def main(service: str, name: str) -> None:
    """Apply all migrations to an empty database, then write the migration to the declared tables."""
    server = PostgresServer()
    try:
        url = server.empty()
        migrate(url, [history_of("bus")] if service != "bus" else [], ROLES)
        migrate(url, [replace(history_of(service), grants=())], ROLES)
        write_migration(url, history_of(service), name)
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
