"""The bodies of submissions, of any size: records stand one to a line, so that they are read as they are needed.

    {"kind":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

A body that was kept before they were written so stands on one line, and is read whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPENING = b'"records":[\n'
_CLOSING = b"]"


@dataclass(frozen=True)
class Slice:
    """Records that stand one after another: the index of the first, and where their lines are, in bytes."""

    first: int
    offset: int
    length: int


def read_body(body: BinaryIO) -> Iterator[Any]:
    """The records of a body, each made when it is asked for. Numbers of any size are kept."""
    head = body.readline()
    if not head.endswith(_OPENING):
        yield from json.loads(head)["records"]
        return
    for line in takewhile(_is_record, body):
        yield _record(line)


def slices_of(body: BinaryIO, *, size: int) -> Sequence[Slice]:
    """A body cut into slices of so many records; none if it is read whole."""
    head = body.readline()
    if not head.endswith(_OPENING):
        return ()
    lines = takewhile(_is_record, body)
    slices: list[Slice] = []
    offset = len(head)
    while lengths := [len(line) for line in islice(lines, size)]:
        slices.append(Slice(len(slices) * size, offset, sum(lengths)))
        offset += sum(lengths)
    return slices


def read_slice(body: BinaryIO, *, offset: int, length: int) -> list[Any]:
    """The records of one slice."""
    body.seek(offset)
    return [_record(line) for line in body.read(length).splitlines()]


def _is_record(line: bytes) -> bool:
    return not line.startswith(_CLOSING) and not line.isspace()


def _record(line: bytes) -> Any:
    return json.loads(line.rstrip(b",\n"))
