"""Merge bodies: a version is always whole, even if only some of its records were submitted."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.entry.submissions.domain.submissions import Version
from shared.blobs import Blobs
from shared.database import Transaction
from shared.records.bodies import read_head, read_lines, ref_of, write_body


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
    lines = [*named, *without(list_lines(blobs, base), set(map(ref_of, named)))]
    return blobs.put(tx, b"".join(write_body(facts, lines))), len(lines)


def list_lines(blobs: Blobs, body: str) -> list[bytes]:
    """List the lines of a stored body's records."""
    with blobs.open(body) as stream:
        return list(read_lines(stream))


def read_account(blobs: Blobs, version: Version | None) -> dict[str, str]:
    """Return the fact of a version's body that names the account of its file; nothing without one."""
    if version is None or version.reading is None or version.body is None:
        return {}
    with blobs.open(version.body) as stream:
        named = read_head(stream).get("reading")
    return {"reading": named} if named else {}


def without(lines: Iterable[bytes], refs: Collection[str | None]) -> Iterator[bytes]:
    """Yield the lines of the records that have none of the refs."""
    return (line for line in lines if ref_of(line) not in refs)
