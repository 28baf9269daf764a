"""Events of uploaded files."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event

LARGE_BYTES = 1024 * 1024
"""The size above which a file is read in the bulk lane, in bytes."""


@dataclass(frozen=True, kw_only=True)
class FileReceived(Event):
    """A version was submitted as a file, is on disk and has its receipt. Entry, which reads it, is its own subscriber."""

    name: ClassVar[str] = "file.received.v1"

    submission: str
    version: int
    size: int
    """In bytes."""

    @property
    def is_large(self) -> bool:
        """Whether the file goes to the bulk lane."""
        return self.size > LARGE_BYTES
