"""The canonical body of a version: the submitted records in the one form that every reader understands.

    {"kind":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

Equal content has equal bytes. Each record is on a line of its own, so that a reader of a part of a large body finds
records by the offsets of their lines, and so that bodies are merged line by line. A body without records is a single
line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from shared.records.canonical import canonical_json

_RECORDS = b'"records":[]'
_OPENING = b'"records":[\n'
_CLOSING = b"]"


def body_of(facts: Mapping[str, Any], lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body in pieces; a line is a record without its comma."""
    # No text in the facts can match the name: quotation marks in texts are escaped.
    head, _, tail = canonical_json({**facts, "records": []}).partition(_RECORDS)
    number = 0
    for number, line in enumerate(lines, start=1):
        yield head + _OPENING + line if number == 1 else b",\n" + line
    yield b"\n]" + tail if number else head + _RECORDS + tail


def line_of(record: Mapping[str, Any]) -> bytes:
    """Return the line of a record."""
    return canonical_json(record)


def lines_in(body: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a body's records, each read on demand."""
    head = body.readline()
    if not head.endswith(_OPENING):
        # A body without records, or one stored before records had lines of their own.
        yield from map(line_of, json.loads(head)["records"])
        return
    for line in body:
        if line.startswith(_CLOSING):
            return
        yield line.rstrip(b",\n")


def records_in(body: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the records of a body, each parsed on demand."""
    return map(json.loads, lines_in(body))


def ref_in(line: bytes) -> str | None:
    """Return the ref of the record on a line; None without one, which the rules then report."""
    ref = json.loads(line).get("ref")
    return ref if isinstance(ref, str) else None
