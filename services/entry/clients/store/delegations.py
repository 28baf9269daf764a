"""Who may act for whom."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select, update

from services.entry.clients.domain import Delegation
from services.entry.clients.store.tables import delegations
from shared.database import Transaction

c = delegations.c


def add_delegation(tx: Transaction, delegation: Delegation) -> None:
    """Keep a new delegation."""
    tx.add(
        delegations,
        {
            "id": delegation.id,
            "structure": delegation.structure,
            "to": delegation.to,
            "kind": delegation.kind,
            "given_by": delegation.given_by,
            "given_at": delegation.given_at,
            "expires_on": delegation.expires_on,
            "reason": delegation.reason,
            "ended_at": None,
        },
    )


def find_delegation(tx: Transaction, delegation: str) -> Delegation | None:
    """One delegation."""
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
    """Delegations, the latest first; where named, those of the structures, and those to one reporter."""
    query = select(delegations).order_by(c.id.desc()).limit(limit)
    if structures is not None:
        query = query.where(or_(c.structure.in_(structures), c.to == to))
    if after is not None:
        query = query.where(c.id < after)
    return [Delegation(*row) for row in tx.execute(query)]


def is_delegated(tx: Transaction, *, structure: str, to: str, on: date) -> bool:
    """Whether the structure lets the other act for it on the day."""
    holding = (c.structure == structure, c.to == to, c.ended_at.is_(None), c.expires_on >= on)
    return tx.execute(select(c.id).where(*holding).limit(1)).first() is not None


def end_delegation(tx: Transaction, delegation: str) -> None:
    """End a delegation."""
    tx.execute(update(delegations).where(c.id == delegation).values(ended_at=tx.now))
