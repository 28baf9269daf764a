"""Who did what, and the chain that seals it. Rows are added only: the database refuses all else."""

from sqlalchemy import Column, Integer, String, Table

from services.entry.store.tables.metadata import metadata
from shared.database import APPEND_ONLY, Json, UtcDateTime, owned_by_reporter

journal = Table(
    "journal",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("client", String(100)),
    Column("address", String(60)),
    Column("action", String(40), nullable=False),
    Column("reporter", String(40)),
    Column("partner", String(2)),
    Column("submission", String(36)),
    Column("version", Integer),
    Column("detail", Json, nullable=False),
    info=APPEND_ONLY | owned_by_reporter("reporter", partner="partner", or_unowned=True),
)

seals = Table(
    "seals",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("entry", String(36), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
    Column("sealed_at", UtcDateTime, nullable=False),
    info=APPEND_ONLY,
)
