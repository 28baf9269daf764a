"""What the calendar tells: until when a period is open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from services.validation.verdicts.store.tables import meetings, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.database import Transaction


def save_window(tx: Transaction, told: Mapping[str, Any]) -> None:
    """Note which meeting adopts what a window collects, unless something later is known."""
    _save(tx, windows, {name: told[name] for name in _names(windows)})


def save_meeting(tx: Transaction, told: Mapping[str, Any]) -> None:
    """Note when a meeting is held, unless something later is known."""
    row = {name: told[name] for name in _names(meetings)}
    _save(tx, meetings, {**row, "held_on": date.fromisoformat(told["held_on"])})


def closed_periods(tx: Transaction, *, today: date) -> frozenset[tuple[str, str]]:
    """The (kind, period) whose every meeting was held before today. What has no window is open."""
    held = select(windows.c.kind, windows.c.period, meetings.c.held_on).outerjoin_from(
        windows, meetings, meetings.c.meeting == windows.c.meeting
    )
    rows = [(kind, period, held_on) for kind, period, held_on in tx.execute(held)]
    still_open = {(kind, period) for kind, period, held_on in rows if held_on is None or held_on >= today}
    return frozenset((kind, period) for kind, period, _ in rows) - still_open


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _save(tx: Transaction, table: Table, row: Mapping[str, Any]) -> None:
    insert = (postgresql if tx.is_postgresql else sqlite).insert(table)
    key = [column.name for column in table.primary_key]
    save = insert.on_conflict_do_update(
        index_elements=key,
        set_={name: insert.excluded[name] for name in row if name not in key},
        where=table.c.sequence < insert.excluded.sequence,
    )
    tx.execute(save, row)
