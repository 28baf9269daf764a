"""When mappings are collected."""

from sqlalchemy import Column, Date, Integer, String, Table

from services.entry.store.tables.metadata import metadata

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
