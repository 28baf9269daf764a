"""Windows and meetings, which decide whether a period is open."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from services.validation.verdicts.store.tables import meetings, windows
from shared.database import Transaction


def upsert_window(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Store the meeting that adopts a window's period, unless a later change is stored."""
    _upsert_later(tx, windows, {name: facts[name] for name in _names(windows)})


def upsert_meeting(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Store the date of a meeting, unless a later change is stored."""
    row = {name: facts[name] for name in _names(meetings)}
    _upsert_later(tx, meetings, {**row, "held_on": date.fromisoformat(facts["held_on"])})


def list_closed_periods(tx: Transaction, *, today: date) -> frozenset[tuple[str, str]]:
    """List the (kind, period) whose meetings were all held before today. A period without a window is open."""
    held = select(windows.c.kind, windows.c.period, meetings.c.held_on).outerjoin_from(
        windows, meetings, meetings.c.meeting == windows.c.meeting
    )
    rows = [(kind, period, held_on) for kind, period, held_on in tx.execute(held)]
    still_open = {(kind, period) for kind, period, held_on in rows if held_on is None or held_on >= today}
    return frozenset((kind, period) for kind, period, _ in rows) - still_open


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _upsert_later(tx: Transaction, table: Table, row: Mapping[str, Any]) -> None:
    insert = (postgresql if tx.is_postgresql else sqlite).insert(table)
    key = [column.name for column in table.primary_key]
    upsert = insert.on_conflict_do_update(
        index_elements=key,
        set_={name: insert.excluded[name] for name in row if name not in key},
        where=table.c.sequence < insert.excluded.sequence,
    )
    tx.execute(upsert, row)
