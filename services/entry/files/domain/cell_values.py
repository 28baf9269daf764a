"""Notation of values within cells."""

LIST_SEPARATOR = ";"
"""Separates the entries of a list in one cell. A line break separates them too."""

MAX_EXACT_INTEGER = 2**53
"""The largest integer below which a spreadsheet, which stores binary fractions, keeps every integer exactly."""
