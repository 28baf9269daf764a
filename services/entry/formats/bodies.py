"""The canonical body of a version: what was handed in, in the one form that all else reads.

    {"kind":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

Equal content is equal bytes. Each record stands on a line of its own, so that a reader of a part of a large body finds
records by the bytes at which their lines begin, and so that bodies are put together line by line. A body of no records
is a single line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from shared.records.canonical import canonical_json

_RECORDS = b'"records":[]'
_OPENING = b'"records":[\n'
_CLOSING = b"]"


def body_of(facts: Mapping[str, Any], lines: Iterable[bytes]) -> Iterator[bytes]:
    """A body, piece by piece; a line is a record without its comma."""
    # No text in the facts can be taken for the name: quotation marks in texts are escaped.
    head, _, tail = canonical_json({**facts, "records": []}).partition(_RECORDS)
    number = 0
    for number, line in enumerate(lines, start=1):
        yield head + _OPENING + line if number == 1 else b",\n" + line
    yield b"\n]" + tail if number else head + _RECORDS + tail


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record's line."""
    return canonical_json(record)


def lines_in(body: BinaryIO) -> Iterator[bytes]:
    """The lines of a body's records, each read when it is asked for."""
    head = body.readline()
    if not head.endswith(_OPENING):
        # No records, or a body that was kept before records had lines of their own.
        yield from map(line_of, json.loads(head)["records"])
        return
    for line in body:
        if line.startswith(_CLOSING):
            return
        yield line.rstrip(b",\n")


def records_in(body: BinaryIO) -> Iterator[dict[str, Any]]:
    """The records of a body, each made when it is asked for."""
    return map(json.loads, lines_in(body))


def ref_in(line: bytes) -> str | None:
    """The reporter's own name for the record on a line; None where a file gave it none, which the rules then find."""
    ref = json.loads(line).get("ref")
    return ref if isinstance(ref, str) else None
