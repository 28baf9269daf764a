"""Texts that go into spreadsheets, and come back as they were: none becomes a formula, a link or a number."""

from shared.spreadsheets.quoting import quoted, unquoted
from shared.spreadsheets.texts import OPTIONS, for_cell

__all__ = ["OPTIONS", "for_cell", "quoted", "unquoted"]
