"""Tables and queries of windows, deadlines and exceptions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Row, String, Table, Text, select, update

from services.entry.windows.domain import ONE_DAY, Calendar, Deadline, Window, WindowException
from shared.database import Transaction, UtcDateTime, metadata_of, owned_by_reporter
from shared.reference.days import secretariat_day

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

# A separate table: the event of a deadline may arrive before that of its window.
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
    Column("granted_at", UtcDateTime, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(40)),
    Column("end_reason", Text),
    Index("exceptions_of_reporter", "reporter", "id"),
    info=owned_by_reporter("reporter", structure="reporter"),
)

_with_deadlines = select(*windows.c, deadlines.c.due_on).select_from(
    windows.outerjoin(deadlines, deadlines.c.deadline == windows.c.window)
)


def get_calendar(tx: Transaction) -> Calendar:
    """Return all windows with their deadlines, a few for each period, and the exceptions that may be active."""
    c = window_exceptions.c
    # It may still be yesterday where the reporter is.
    earliest = secretariat_day(tx.now) - ONE_DAY
    holding = select(window_exceptions).where(c.ended_at.is_(None), c.expires_on >= earliest)
    set_for_all = tx.execute(_with_deadlines.order_by(windows.c.opens_on, windows.c.window))
    return Calendar(
        [Window(*row) for row in set_for_all], [WindowException(*row) for row in tx.execute(holding)]
    )


def find_window(tx: Transaction, *, kind: str, period: str) -> Window | None:
    """Return the window of a mapping with its deadline; None if no window is set."""
    row = tx.execute(_with_deadlines.where(windows.c.kind == kind, windows.c.period == period)).first()
    return Window(*row) if row else None


def upsert_window(tx: Transaction, window: Window) -> Window | None:
    """Insert or update a window unless a higher sequence is stored. Return the replaced window; None without one."""
    replaced = _upsert(tx, windows, window)
    return Window(*replaced) if replaced else None


def upsert_deadline(tx: Transaction, deadline: Deadline) -> Deadline | None:
    """Insert or update a deadline unless a higher sequence is stored. Return the replaced one; None without one."""
    replaced = _upsert(tx, deadlines, deadline)
    return Deadline(*replaced) if replaced else None


def insert_exception(tx: Transaction, exception: WindowException) -> None:
    """Insert an exception."""
    tx.add(window_exceptions, vars(exception))


def find_exception(tx: Transaction, exception: str) -> WindowException | None:
    """Return the exception; None if it does not exist."""
    row = tx.execute(select(window_exceptions).where(window_exceptions.c.id == exception)).first()
    return WindowException(*row) if row else None


def update_exception_revoked(tx: Transaction, exception: str, *, by: str, reason: str) -> bool:
    """Mark an exception as revoked. Return False if it was revoked before."""
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
    """List exceptions of the reporters, or of all, the latest first, including those that are over."""
    c = window_exceptions.c
    query = select(window_exceptions).order_by(c.id.desc()).limit(limit)
    if reporters is not None:
        query = query.where(c.reporter.in_(reporters))
    if after is not None:
        query = query.where(c.id < after)
    return [WindowException(*row) for row in tx.execute(query)]


def _upsert(tx: Transaction, table: Table, value: Window | Deadline) -> Row[*tuple[Any, ...]] | None:
    """Store the value unless a higher sequence is stored. Return the replaced row; None without one."""
    (key,) = table.primary_key
    row = {column.name: getattr(value, "code" if column is key else column.name) for column in table.c}
    replaced = tx.execute(select(table).where(key == value.code).with_for_update()).first()
    if replaced is None:
        # If two transactions find no row, the slower one raises `RowExists` and is run again.
        tx.add(table, row)
        return None
    return replaced if tx.keep_highest(table, row, by=["sequence"]) else None
