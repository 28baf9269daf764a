"""The content of a file that was read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ReadResult:
    """Lazily built records, and the file's statements about them.

    `origins` locates the records: the sheet's name, the row of each record, and the column of each field path, all
    counted from 1. Its rows, and `remarks`, are complete after the last record was read. `facts` are the members of a
    JSON body other than its records, such as the period.
    """

    records: Iterator[dict[str, Any]]
    origins: dict[str, Any] | None = None
    remarks: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
