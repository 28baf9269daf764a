"""The database: one `Database` per service and process, one `Transaction` per unit of work."""

from shared.database.append_only import APPEND_ONLY
from shared.database.arrays import array_literal
from shared.database.columns import Json, UtcDateTime
from shared.database.connections import Database, ServiceRole
from shared.database.insertions import DatabaseIsUnavailable
from shared.database.metadata import metadata_of
from shared.database.row_security import (
    ALL_ROWS,
    NO_ROWS,
    inherits_policy,
    owned_by_reporter,
    rows_of,
    unrestricted,
)
from shared.database.transactions import RowExists, Transaction

__all__ = [
    "ALL_ROWS",
    "APPEND_ONLY",
    "NO_ROWS",
    "Database",
    "DatabaseIsUnavailable",
    "Json",
    "RowExists",
    "ServiceRole",
    "Transaction",
    "UtcDateTime",
    "array_literal",
    "inherits_policy",
    "metadata_of",
    "owned_by_reporter",
    "rows_of",
    "unrestricted",
]
