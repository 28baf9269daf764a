"""Windows and meetings, which decide whether a period is open."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table, select

from services.validation.verdicts.store.tables import meetings, windows
from shared.database import Transaction


def upsert_window(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Store the meeting that adopts a window's period, unless a later change is stored."""
    tx.keep_highest(windows, _row(windows, facts), by=["sequence"])


def upsert_meeting(tx: Transaction, facts: Mapping[str, Any], *, is_cancelled: bool = False) -> None:
    """Store the date of a meeting, or that it is cancelled, unless a later change is stored."""
    held_on = date.fromisoformat(facts["held_on"])
    row = {
        "meeting": facts["meeting"],
        "held_on": held_on,
        "sequence": facts["sequence"],
        "is_cancelled": is_cancelled,
    }
    tx.keep_highest(meetings, row, by=["sequence"])


def list_closed_periods(tx: Transaction, *, today: date) -> frozenset[tuple[str, str]]:
    """List the (kind, period) whose meetings were all held before today.

    A period without a window, or whose meeting is cancelled, is open.
    """
    is_adopting = (meetings.c.meeting == windows.c.meeting) & ~meetings.c.is_cancelled
    held = select(windows.c.kind, windows.c.period, meetings.c.held_on).outerjoin_from(
        windows, meetings, is_adopting
    )
    rows = [(kind, period, held_on) for kind, period, held_on in tx.execute(held)]
    still_open = {(kind, period) for kind, period, held_on in rows if held_on is None or held_on >= today}
    return frozenset((kind, period) for kind, period, _ in rows) - still_open


def _row(table: Table, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: facts[column.name] for column in table.columns}
