"""Merge bodies: a version is always whole, even if only some of its records were submitted."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.entry.submissions.formats import body_of, lines_in, ref_in
from shared.blobs import Blobs
from shared.database import Transaction


@dataclass
class CountedLines:
    """Lines that are counted while they are read."""

    lines: Iterable[bytes]
    count: int = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            self.count += 1
            yield line


def merge_body(
    tx: Transaction, blobs: Blobs, *, facts: Mapping[str, Any], named: Collection[bytes], base: str
) -> tuple[str, int]:
    """Store a body of the named records, followed by the base's other records. Return its sha-256 and record count.

    The named records come first, so that the third record of a finding is the third record that was submitted.
    """
    refs = {ref_in(line) for line in named}
    with blobs.open(base) as body:
        lines = CountedLines([*named, *without(lines_in(body), refs)])
    return blobs.put(tx, b"".join(body_of(facts, lines))), lines.count


def without(lines: Iterable[bytes], refs: Collection[str | None]) -> Iterator[bytes]:
    """Yield the lines of the records that have none of the refs."""
    return (line for line in lines if ref_in(line) not in refs)
