"""The canonical body of a submission's version: written by one service, read by all, in pieces of any size.

    {"kind":...,"origins":...,"reading":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

Equal content is equal bytes. Each record has a line of its own: a reader of a slice finds its records by the bytes at
which their lines begin, and a new body is merged from the lines of others. A body without records is a single line.
Bodies stored before records had lines of their own are a single line too, and are read whole.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from shared.records.canonical import canonical_json, parse_json

_RECORDS = b'"records":[]'
_OPENING = b'"records":[\n'
_CLOSING = b"]"

MAX_TAIL = 1_000
"""The maximum bytes after the records: codes."""


@dataclass(frozen=True)
class Slice:
    """Consecutive records of a body: the index of the first, and the place of their lines in bytes."""

    first: int
    offset: int
    length: int


def write_body(facts: Mapping[str, Any], lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body in pieces. A line is a record as `record_line` returns it."""
    # No text in the facts can be mistaken for the name: quotation marks in texts are escaped.
    head, _, tail = canonical_json({**facts, "records": []}).partition(_RECORDS)
    number = 0
    for number, line in enumerate(lines, start=1):
        yield head + _OPENING + line if number == 1 else b",\n" + line
    yield b"\n]" + tail if number else head + _RECORDS + tail


def record_line(record: Mapping[str, Any]) -> bytes:
    """Return a record's line, without a comma."""
    return canonical_json(record)


def read_head(body: BinaryIO) -> dict[str, Any]:
    """Return the facts before the records, and rewind. A body of a single line yields none."""
    head = body.readline()
    body.seek(0)
    if not head.endswith(_OPENING):
        return {}
    facts: dict[str, Any] = parse_json(head.removesuffix(_OPENING).rstrip(b",") + b"}")
    return facts


def read_facts(body: BinaryIO) -> dict[str, Any]:
    """Return every fact beside the records, and leave the body at its first record.

    `records` is an iterator that parses each record when it is reached, while the body is open.
    """
    head = body.readline()
    if not head.endswith(_OPENING):
        whole: dict[str, Any] = parse_json(head)
        return whole
    end = body.seek(0, os.SEEK_END)
    body.seek(max(len(head), end - MAX_TAIL))
    last_line = body.read().rpartition(b"\n")[-1]
    body.seek(len(head))
    facts: dict[str, Any] = parse_json(head + last_line)
    return facts | {"records": map(parse_json, _lines(body))}


def read_lines(body: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a body's records, without their commas, each when it is needed."""
    head = body.readline()
    if not head.endswith(_OPENING):
        yield from map(record_line, parse_json(head)["records"])
        return
    yield from _lines(body)


def read_records(body: BinaryIO) -> Iterator[Any]:
    """Yield the records of a body, each parsed when it is needed. Numbers keep every digit."""
    return map(parse_json, read_lines(body))


def list_slices(body: BinaryIO, *, size: int) -> Sequence[Slice]:
    """Divide a body into slices of `size` records; a body of a single line has none."""
    head = body.readline()
    if not head.endswith(_OPENING):
        return ()
    lines = _raw_lines(body)
    slices: list[Slice] = []
    offset = len(head)
    while lengths := [len(line) for line in islice(lines, size)]:
        slices.append(Slice(len(slices) * size, offset, sum(lengths)))
        offset += sum(lengths)
    return slices


def read_slice(body: BinaryIO, *, offset: int, length: int) -> list[Any]:
    """Return the records of one slice."""
    body.seek(offset)
    return [parse_json(line.rstrip(b",\n")) for line in body.read(length).splitlines()]


def ref_of(line: bytes) -> str | None:
    """Return the reporter's reference in a record's line, or None if it has none, which is a finding of the rules."""
    ref = parse_json(line).get("ref")
    return ref if isinstance(ref, str) else None


def _raw_lines(body: BinaryIO) -> Iterator[bytes]:
    for line in body:
        if line.startswith(_CLOSING) or line.isspace():
            return
        yield line


def _lines(body: BinaryIO) -> Iterator[bytes]:
    return (line.rstrip(b",\n") for line in _raw_lines(body))
