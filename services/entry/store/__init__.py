"""entry's tables and queries."""

from services.entry.store.fates import add_verdict, keep_progress
from services.entry.store.submissions import (
    add_submission,
    add_version,
    advance,
    find_submission,
    list_submissions,
    state_counts,
    versions_of,
)
from services.entry.store.tables import metadata, submissions, verdicts, versions
from services.entry.store.windows import all_windows, keep_window

__all__ = [
    "add_submission",
    "add_verdict",
    "add_version",
    "advance",
    "all_windows",
    "find_submission",
    "keep_progress",
    "keep_window",
    "list_submissions",
    "metadata",
    "state_counts",
    "submissions",
    "verdicts",
    "versions",
    "versions_of",
]
