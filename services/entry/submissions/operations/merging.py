"""Put bodies together: a version is always whole, whatever part of it was handed in."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.entry.submissions.formats import body_of, lines_in, ref_in
from shared.blobs import Blobs
from shared.database import Transaction


@dataclass
class Counted:
    """Lines that are counted as they go by."""

    lines: Iterable[bytes]
    count: int = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            self.count += 1
            yield line


def composed(
    tx: Transaction, blobs: Blobs, *, facts: Mapping[str, Any], named: Collection[bytes], base: str
) -> tuple[str, int]:
    """Put a body together of the named records and, after them, those of the base that are not named.

    Its sha-256 and how many records it has. The named come first: what a finding says of the third record is said of the
    third that was sent.
    """
    refs = {ref_in(line) for line in named}
    with blobs.open(base) as body:
        lines = Counted([*named, *without(lines_in(body), refs)])
    return blobs.put(tx, b"".join(body_of(facts, lines))), lines.count


def without(lines: Iterable[bytes], refs: Collection[str | None]) -> Iterator[bytes]:
    """The lines of the records that do not bear one of the names."""
    return (line for line in lines if ref_in(line) not in refs)
