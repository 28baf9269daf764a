"""Queries of delegations."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select, update

from services.entry.clients.domain import Delegation
from services.entry.clients.store.tables import delegations
from shared.database import Transaction

c = delegations.c


def insert_delegation(tx: Transaction, delegation: Delegation) -> None:
    """Insert a delegation."""
    tx.add(delegations, vars(delegation))


def find_delegation(tx: Transaction, delegation: str) -> Delegation | None:
    """Return the delegation; None if it does not exist."""
    row = tx.execute(select(delegations).where(c.id == delegation)).first()
    return Delegation(*row) if row else None


def list_delegations(
    tx: Transaction,
    *,
    structures: Sequence[str] | None = None,
    to: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[Delegation]:
    """List all delegations, or those of the structures and to the reporter, the latest first."""
    query = select(delegations).order_by(c.id.desc()).limit(limit)
    if structures is not None:
        query = query.where(or_(c.structure.in_(structures), c.to == to))
    if after is not None:
        query = query.where(c.id < after)
    return [Delegation(*row) for row in tx.execute(query)]


def exists_delegation(tx: Transaction, *, structure: str, to: str, on: date) -> bool:
    """Return whether the structure has a delegation to the reporter that is active on a day."""
    active = (c.structure == structure, c.to == to, c.ended_at.is_(None), c.expires_on >= on)
    return tx.execute(select(c.id).where(*active).limit(1)).first() is not None


def update_delegation_revoked(tx: Transaction, delegation: str) -> None:
    """Mark a delegation as revoked."""
    tx.execute(update(delegations).where(c.id == delegation).values(ended_at=tx.now))
