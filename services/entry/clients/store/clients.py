"""Queries of clients, their secrets and keys, and used assertions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.entry.clients.domain import Client, ClientKey, Secret
from services.entry.clients.store.tables import client_keys, client_secrets, clients, used_assertions
from shared.database import Transaction


def insert_client(tx: Transaction, client: Client) -> None:
    """Insert a client."""
    row = {column.name: getattr(client, column.name) for column in clients.c}
    tx.add(clients, row | {"scopes": list(client.scopes)})


def find_client(tx: Transaction, client: str) -> Client | None:
    """Return the client with its secrets and keys; None if it does not exist."""
    row = tx.execute(select(clients).where(clients.c.id == client)).first()
    return _clients(tx, [row])[0] if row else None


def lock_client(tx: Transaction, client: str) -> Client | None:
    """Lock the client and return it. Other changes wait, so that two at once never exceed the maximum of secrets and keys."""
    tx.execute(select(clients.c.id).where(clients.c.id == client).with_for_update())
    return find_client(tx, client)


def list_clients(
    tx: Transaction, *, reporter: str | None, after: str | None = None, limit: int | None = None
) -> list[Client]:
    """List clients of a reporter, or all, the latest first, with revoked secrets and keys too."""
    query = select(clients).order_by(clients.c.id.desc()).limit(limit)
    if reporter is not None:
        query = query.where(clients.c.reporter == reporter)
    if after is not None:
        query = query.where(clients.c.id < after)
    return _clients(tx, tx.execute(query).all())


def update_client_revoked(tx: Transaction, client: str) -> None:
    """Mark a client and its secrets and keys as revoked."""
    tx.execute(update(clients).where(clients.c.id == client).values(ended_at=tx.now))
    for table in (client_secrets, client_keys):
        live = (table.c.client == client, table.c.ended_at.is_(None))
        tx.execute(update(table).where(*live).values(ended_at=tx.now))


def insert_secret(tx: Transaction, client: str, secret: Secret) -> None:
    """Insert a secret's hash."""
    tx.add(client_secrets, {"client": client, **vars(secret)})


def update_secret_revoked(tx: Transaction, client: str, secret: str) -> None:
    """Mark a secret as revoked."""
    _update_time(tx, client_secrets, client, secret, "ended_at")


def touch_secret(tx: Transaction, client: str, secret: str) -> None:
    """Update the time of a secret's last use."""
    _update_time(tx, client_secrets, client, secret, "last_used_at")


def insert_key(tx: Transaction, client: str, key: ClientKey) -> None:
    """Insert a key."""
    tx.add(client_keys, {"client": client, **vars(key), "jwk": dict(key.jwk)})


def update_key_revoked(tx: Transaction, client: str, kid: str) -> None:
    """Mark a key as revoked."""
    _update_time(tx, client_keys, client, kid, "ended_at")


def touch_key(tx: Transaction, client: str, kid: str) -> None:
    """Update the time of a key's last use."""
    _update_time(tx, client_keys, client, kid, "last_used_at")


def insert_assertion(tx: Transaction, client: str, *, jti: str, ends_at: datetime) -> bool:
    """Insert a used assertion. Return False if it was used before. Of two at once, the second waits for the first."""
    dialect = postgresql if tx.is_postgresql else sqlite
    statement = dialect.insert(used_assertions).values(client=client, jti=jti, ends_at=ends_at)
    inserted = tx.execute(statement.on_conflict_do_nothing().returning(used_assertions.c.jti))
    return inserted.first() is not None


def delete_assertions(tx: Transaction, *, before: datetime) -> None:
    """Delete the assertions that expired before a time: they are refused anyway."""
    tx.execute(delete(used_assertions).where(used_assertions.c.ends_at < before))


def _update_time(tx: Transaction, table: Table, client: str, name: str, column: str) -> None:
    named = table.c.kid if table is client_keys else table.c.id
    tx.execute(update(table).where(table.c.client == client, named == name).values({column: tx.now}))


def _clients(tx: Transaction, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Client]:
    ids = [row.id for row in rows]
    secrets: dict[str, list[Secret]] = {}
    found = select(client_secrets).where(client_secrets.c.client.in_(ids)).order_by(client_secrets.c.id)
    for client, *facts in tx.execute(found):
        secrets.setdefault(client, []).append(Secret(*facts))
    keys: dict[str, list[ClientKey]] = {}
    found = select(client_keys).where(client_keys.c.client.in_(ids)).order_by(client_keys.c.made_at)
    for client, *facts in tx.execute(found):
        keys.setdefault(client, []).append(ClientKey(*facts))
    return [
        Client(
            **(row._asdict() | {"scopes": tuple(row.scopes)}),
            secrets=secrets.get(row.id, []),
            keys=keys.get(row.id, []),
        )
        for row in rows
    ]
