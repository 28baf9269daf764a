"""Files into records, whatever their format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO


class FileIsRefused(Exception):
    """A file cannot be read: which rule refuses it, what is wrong, what would pass, and where."""

    def __init__(self, rule: str, message: str, expected: str, place: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.place = place


@dataclass
class Reading:
    """What is read of a file. `origins` is whole once the records were walked."""

    records: Iterator[dict[str, Any]]
    origins: dict[str, Any] | None = None
    remarks: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_file(stream: BinaryIO, *, media_type: str, kind: str, name: str) -> Reading:
    """Read a file of one of the formats; raises `FileIsRefused`, also while its records are walked."""
    raise FileIsRefused("format", f"{name} is {media_type}, and no {kind} is read of it.", "Another format.")
