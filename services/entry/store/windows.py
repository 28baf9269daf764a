"""When mappings are collected."""

from collections.abc import Sequence

from sqlalchemy import select

from services.entry.domain.windows import Window
from services.entry.store.tables import windows
from shared.database import Transaction


def keep_window(tx: Transaction, window: Window) -> bool:
    """Note a window unless a later word on it is known."""
    known = tx.execute(select(windows.c.sequence).where(windows.c.window == window.code)).scalar()
    if known is not None and known >= window.sequence:
        return False
    tx.upsert(
        windows,
        {
            "window": window.code,
            "kind": window.kind,
            "period": window.period,
            "opens_on": window.opens_on,
            "closes_on": window.closes_on,
            "sequence": window.sequence,
        },
        key=["window"],
    )
    return True


def all_windows(tx: Transaction) -> Sequence[Window]:
    """Every window that was ever set; there are a few for each period."""
    return [Window(*row) for row in tx.execute(select(windows))]
