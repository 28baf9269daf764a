"""When mappings are collected, and from whom all the same."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from services.entry.store.tables.metadata import metadata
from shared.database import UtcDateTime, owned_by_reporter

windows = Table(
    "windows",
    metadata,
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
    metadata,
    Column("deadline", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

window_exceptions = Table(
    "window_exceptions",
    metadata,
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
