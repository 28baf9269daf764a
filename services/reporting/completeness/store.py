"""What the calendar's events told: obligations, deadlines and meetings, the highest sequence of each."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from services.reporting.completeness.domain import Obligation
from services.reporting.figures.store.outcomes import keep_highest
from services.reporting.figures.store.tables import (
    arrivals,
    known_deadlines,
    known_meetings,
    known_obligations,
    standings,
)
from shared.database import Transaction


def save_obligation(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Keep what a structure owes."""
    keep_highest(tx, known_obligations, row, key="obligation", order="sequence")


def save_deadline(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Keep when a mapping is due."""
    keep_highest(tx, known_deadlines, row, key="deadline", order="sequence")


def save_meeting(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Keep when a meeting is held."""
    keep_highest(tx, known_meetings, row, key="meeting", order="sequence")


def obligations(tx: Transaction, *, kinds: Collection[str], periods: Collection[str]) -> list[Obligation]:
    """What is owed, of these kinds and periods (empty: all)."""
    at = known_obligations.c
    statement = select(at.obligation.label("code"), at.structure, at.kind, at.period, at.due_on)
    for column, values in ((at.kind, kinds), (at.period, periods)):
        if values:
            statement = statement.where(column.in_(sorted(values)))
    return [Obligation(**row) for row in tx.execute(statement.order_by(at.due_on, at.obligation)).mappings()]


def deadlines(tx: Transaction, *, kinds: Collection[str], periods: Collection[str]) -> list[dict[str, Any]]:
    """When mappings are due, with the meeting that this follows from; its title and day are None until known."""
    at, meeting = known_deadlines.c, known_meetings.c
    statement = select(
        at.deadline, at.kind, at.period, at.due_on, at.meeting, meeting.title, meeting.held_on
    ).select_from(known_deadlines.outerjoin(known_meetings, at.meeting == meeting.meeting))
    for column, values in ((at.kind, kinds), (at.period, periods)):
        if values:
            statement = statement.where(column.in_(sorted(values)))
    rows = tx.execute(statement.order_by(at.due_on, at.deadline)).mappings()
    # A column's name is a text of SQLAlchemy's own kind, which not everything that writes JSON takes.
    return [{str(name): value for name, value in row.items()} for row in rows]


def last_noted(tx: Transaction) -> datetime | None:
    """When completeness last changed."""
    tables = (arrivals, standings, known_obligations, known_deadlines, known_meetings)
    moments = (tx.execute(select(func.max(table.c.noted_at))).scalar() for table in tables)
    return max((moment for moment in moments if moment is not None), default=None)
