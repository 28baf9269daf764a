"""The database: one `Database` per service and process, one `Transaction` per unit of work."""

from shared.database.columns import Json, Moment
from shared.database.connections import Database, ServiceRole
from shared.database.insertions import DatabaseIsAway
from shared.database.transactions import RowExists, Transaction

__all__ = ["Database", "DatabaseIsAway", "Json", "Moment", "RowExists", "ServiceRole", "Transaction"]
