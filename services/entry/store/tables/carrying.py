"""What became of the needs of a former period."""

from sqlalchemy import Column, Integer, String, Table, Text

from services.entry.store.tables.metadata import metadata
from shared.database import UtcDateTime, owned_by_reporter

# Rows are added only. `period` is the former one; `submission` has the kept need's record, if there was one to keep.
carried_needs = Table(
    "carried_needs",
    metadata,
    Column("reporter", String(40), primary_key=True),
    Column("pillar", String(10), primary_key=True),
    Column("period", String(9), primary_key=True),
    Column("ref", String(100), primary_key=True),
    Column("disposition", String(10), nullable=False),
    Column("into", String(100)),
    Column("why", Text),
    Column("to_period", String(9), nullable=False),
    Column("submission", String(36)),
    Column("version", Integer),
    Column("decided_by", String(40), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    info=owned_by_reporter("reporter", structure="reporter"),
)
