"""Whether this installation sends, and the lock under which one plans at a time."""

from sqlalchemy import select

from services.notify.store.tables import sending
from shared.database import Transaction

_THE_ROW = 1


def lock_planning(tx: Transaction) -> None:
    """Let nobody else plan or move until the transaction ends."""
    tx.add(sending, {"id": _THE_ROW, "is_held": False, "reason": None}, ignore_existing=True)
    tx.execute(select(sending.c.id).where(sending.c.id == _THE_ROW).with_for_update())


def set_held(tx: Transaction, *, is_held: bool, reason: str | None) -> None:
    """Turn sending on or off."""
    tx.upsert(sending, {"id": _THE_ROW, "is_held": is_held, "reason": reason}, key=["id"])


def reason_held(tx: Transaction) -> str | None:
    """Why nothing is sent; None while mails go out."""
    row = tx.execute(select(sending).where(sending.c.id == _THE_ROW)).one_or_none()
    return row.reason or "no reason was given" if row is not None and row.is_held else None
