"""What happens to files."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event

LARGE_BYTES = 1024 * 1024
"""A file of more bytes than this is read in the bulk lane."""


@dataclass(frozen=True, kw_only=True)
class FileReceived(Event):
    """A version came as a file; it is on disk and has its receipt, and can be read. Entry tells itself."""

    name: ClassVar[str] = "file.received.v1"

    submission: str
    version: int
    size: int
    """In bytes."""

    @property
    def is_large(self) -> bool:
        """Whether it goes to the bulk lane."""
        return self.size > LARGE_BYTES
