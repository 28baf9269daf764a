"""Arrivals, obligations, deadlines and meetings: the row with the highest version or sequence of each."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, Select, String, Table, Text, false, func, select

from services.reporting.completeness.domain import Arrival, Obligation
from shared.database import Transaction, UtcDateTime, metadata_of, unrestricted

metadata = metadata_of("reporting")

CODE = String(64)

arrivals = Table(
    "arrivals",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("records", Integer, nullable=False),
    Column("body", String(64)),
    Column("noted_at", UtcDateTime, nullable=False),
    Index("arrivals_noted_at", "noted_at"),
    info=unrestricted("completeness covers all reporters; the role decides which structures a reader sees"),
)

known_obligations = Table(
    "known_obligations",
    metadata,
    Column("obligation", CODE, primary_key=True),
    Column("structure", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

known_deadlines = Table(
    "known_deadlines",
    metadata,
    Column("deadline", CODE, primary_key=True),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("meeting", CODE, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

known_meetings = Table(
    "known_meetings",
    metadata,
    Column("meeting", CODE, primary_key=True),
    Column("title", Text, nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("is_cancelled", Boolean, nullable=False, server_default=false()),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

_arrival = tuple(arrivals.c[field.name] for field in fields(Arrival))


def upsert_arrival(tx: Transaction, arrival: Arrival, *, now: datetime) -> None:
    """Store an arrival, unless a higher version is known."""
    tx.keep_highest(arrivals, {**asdict(arrival), "noted_at": now}, by=["version"])


def upsert_obligation(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Store a structure's obligation, unless a higher sequence is known."""
    tx.keep_highest(known_obligations, row, by=["sequence"])


def upsert_deadline(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Store a mapping's deadline, unless a higher sequence is known."""
    tx.keep_highest(known_deadlines, row, by=["sequence"])


def upsert_meeting(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Store a meeting, unless a higher sequence is known."""
    tx.keep_highest(known_meetings, row, by=["sequence"])


def list_arrivals(tx: Transaction, *, periods: Collection[str]) -> list[Arrival]:
    """List the arrivals of these periods."""
    chosen = arrivals.c.period.in_(sorted(periods))
    return [Arrival(**row) for row in tx.execute(select(*_arrival).where(chosen)).mappings()]


def list_obligations(
    tx: Transaction, *, kinds: Collection[str], periods: Collection[str]
) -> list[Obligation]:
    """List the obligations of these kinds and periods (empty: all)."""
    at = known_obligations.c
    statement = select(at.obligation.label("code"), at.structure, at.kind, at.period, at.due_on)
    chosen = _narrowed(statement, known_obligations, kinds, periods).order_by(at.due_on, at.obligation)
    return [Obligation(**row) for row in tx.execute(chosen).mappings()]


def list_deadlines(
    tx: Transaction, *, kinds: Collection[str], periods: Collection[str]
) -> list[dict[str, Any]]:
    """List the deadlines of these kinds and periods (empty: all), with their meetings, if known."""
    at, meeting = known_deadlines.c, known_meetings.c
    statement = select(
        at.deadline,
        at.kind,
        at.period,
        at.due_on,
        at.meeting,
        meeting.title,
        meeting.held_on,
        meeting.is_cancelled,
    ).select_from(known_deadlines.outerjoin(known_meetings, at.meeting == meeting.meeting))
    chosen = _narrowed(statement, known_deadlines, kinds, periods).order_by(at.due_on, at.deadline)
    # orjson rejects SQLAlchemy's column names, a subclass of str.
    return [{str(name): value for name, value in row.items()} for row in tx.execute(chosen).mappings()]


def find_last_noted_at(tx: Transaction) -> datetime | None:
    """Return when an arrival, obligation, deadline or meeting was last stored; None if there are none."""
    tables = (arrivals, known_obligations, known_deadlines, known_meetings)
    moments = (tx.execute(select(func.max(table.c.noted_at))).scalar() for table in tables)
    return max((moment for moment in moments if moment is not None), default=None)


def _narrowed(
    statement: Select[Any], table: Table, kinds: Collection[str], periods: Collection[str]
) -> Select[Any]:
    for column, values in ((table.c.kind, kinds), (table.c.period, periods)):
        if values:
            statement = statement.where(column.in_(sorted(values)))
    return statement
