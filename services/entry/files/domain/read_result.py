"""What is read of a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ReadResult:
    """Records, each made when it is asked for, and what else the file told.

    `origins` says where the records stand: a sheet's name, the row of each record, the column of each field by its
    path, all counted from 1. Its rows, and `remarks`, are whole once all records were asked for. `facts` are what a body
    says of its submission.
    """

    records: Iterator[dict[str, Any]]
    origins: dict[str, Any] | None = None
    remarks: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
