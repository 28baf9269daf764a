"""When mappings are collected, and from whom all the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Row, String, Table, Text, select, update

from services.entry.windows.domain import Calendar, Deadline, Window, WindowException
from shared.database import Moment, Transaction, metadata_of, seen_by_reporter

windows = Table(
    "windows",
    metadata_of("entry"),
    Column("window", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

# A table of its own: a deadline may be told before its window.
deadlines = Table(
    "deadlines",
    metadata_of("entry"),
    Column("deadline", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

window_exceptions = Table(
    "window_exceptions",
    metadata_of("entry"),
    Column("id", String(36), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("granted_by", String(40), nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", String(40)),
    Column("end_reason", Text),
    Index("exceptions_of_reporter", "reporter", "id"),
    info=seen_by_reporter("reporter", structure="reporter"),
)

_with_deadlines = select(*windows.c, deadlines.c.due_on).select_from(
    windows.outerjoin(deadlines, deadlines.c.deadline == windows.c.window)
)


def collection_calendar(tx: Transaction) -> Calendar:
    """All windows with their deadlines, there are a few for each period, and the exceptions that hold today."""
    c = window_exceptions.c
    holding = select(window_exceptions).where(c.ended_at.is_(None), c.expires_on >= tx.now.date())
    set_for_all = tx.execute(_with_deadlines.order_by(windows.c.opens_on, windows.c.window))
    return Calendar(
        [Window(*row) for row in set_for_all], [WindowException(*row) for row in tx.execute(holding)]
    )


def find_window(tx: Transaction, *, kind: str, period: str) -> Window | None:
    """The window of a mapping with its deadline, if one is set."""
    row = tx.execute(_with_deadlines.where(windows.c.kind == kind, windows.c.period == period)).first()
    return Window(*row) if row else None


def keep_window(tx: Transaction, window: Window) -> Window | None:
    """Note a window unless a later word on it is known; what was known before, if this replaces it."""
    replaced = _keep_latest(
        tx,
        windows,
        {
            "window": window.code,
            "kind": window.kind,
            "period": window.period,
            "opens_on": window.opens_on,
            "closes_on": window.closes_on,
            "sequence": window.sequence,
        },
    )
    return Window(*replaced) if replaced else None


def keep_deadline(tx: Transaction, deadline: Deadline) -> Deadline | None:
    """Note a deadline unless a later word on it is known; what was known before, if this replaces it."""
    replaced = _keep_latest(
        tx,
        deadlines,
        {
            "deadline": deadline.code,
            "kind": deadline.kind,
            "period": deadline.period,
            "due_on": deadline.due_on,
            "sequence": deadline.sequence,
        },
    )
    return Deadline(*replaced) if replaced else None


def add_exception(tx: Transaction, exception: WindowException) -> None:
    """Keep a new exception."""
    tx.add(window_exceptions, vars(exception))


def find_exception(tx: Transaction, exception: str) -> WindowException | None:
    """The exception, if there is one."""
    row = tx.execute(select(window_exceptions).where(window_exceptions.c.id == exception)).first()
    return WindowException(*row) if row else None


def end_exception(tx: Transaction, exception: str, *, by: str, reason: str) -> bool:
    """Note that it opens nothing from now on; False when somebody ended it before."""
    c = window_exceptions.c
    ended = (
        update(window_exceptions)
        .where(c.id == exception, c.ended_at.is_(None))
        .values(ended_at=tx.now, ended_by=by, end_reason=reason)
        .returning(c.id)
    )
    return tx.execute(ended).first() is not None


def list_exceptions(
    tx: Transaction, *, reporters: Sequence[str] | None, after: str | None, limit: int
) -> list[WindowException]:
    """Exceptions, the latest first, also those that are over; of some reporters where named."""
    c = window_exceptions.c
    asked = select(window_exceptions).order_by(c.id.desc()).limit(limit)
    if reporters is not None:
        asked = asked.where(c.reporter.in_(reporters))
    if after is not None:
        asked = asked.where(c.id < after)
    return [WindowException(*row) for row in tx.execute(asked)]


def _keep_latest(tx: Transaction, table: Table, row: Mapping[str, Any]) -> Row[*tuple[Any, ...]] | None:
    (key,) = table.primary_key
    is_it = key == row[key.name]
    known = tx.execute(select(table).where(is_it).with_for_update()).first()
    if known is None:
        # Of two who find none the slower one raises `RowExists`, and looks again.
        tx.add(table, row)
        return None
    if known.sequence >= row["sequence"]:
        return None
    tx.execute(update(table).where(is_it).values(**row))
    return known
