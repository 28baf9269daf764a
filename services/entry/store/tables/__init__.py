"""entry's tables."""

from services.entry.store.tables.metadata import metadata
from services.entry.store.tables.submissions import submissions, verdicts, versions
from services.entry.store.tables.windows import windows

__all__ = ["metadata", "submissions", "verdicts", "versions", "windows"]
