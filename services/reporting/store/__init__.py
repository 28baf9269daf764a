"""Reporting's tables and the queries over them."""

from services.reporting.store.tables import metadata

__all__ = ["metadata"]
