"""Which records of a version count, and the uses of a workbook that was made from a version."""

from collections.abc import Mapping
from dataclasses import dataclass

CORRECTION = "correction"
"""The use of a workbook that was made from a version, and is submitted again to correct it."""

WORKBOOK_USES = (CORRECTION, "plain")


@dataclass(frozen=True)
class Counting:
    """The number of a version's records that count in the report, and the submissions that supersede the others."""

    change: int
    """The number of the change that led to it. The highest is current."""
    records: int
    counted: int
    superseded_by: Mapping[str, int]
    """Submissions of which later versions of records count instead, and the number of these records."""
    at: str
