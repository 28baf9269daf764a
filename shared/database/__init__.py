"""The database: one `Database` per service and process, one `Transaction` per unit of work."""

from shared.database.append_only import APPEND_ONLY
from shared.database.columns import Json, Moment
from shared.database.connections import Database, ServiceRole
from shared.database.insertions import DatabaseIsAway
from shared.database.metadata import metadata_of
from shared.database.sight import (
    EVERYTHING,
    NOTHING,
    seen_by_all,
    seen_by_reporter,
    seen_with,
    sees_of,
)
from shared.database.transactions import RowExists, Transaction

__all__ = [
    "APPEND_ONLY",
    "EVERYTHING",
    "NOTHING",
    "Database",
    "DatabaseIsAway",
    "Json",
    "Moment",
    "RowExists",
    "ServiceRole",
    "Transaction",
    "metadata_of",
    "seen_by_all",
    "seen_by_reporter",
    "seen_with",
    "sees_of",
]
