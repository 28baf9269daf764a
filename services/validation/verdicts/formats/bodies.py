"""The bodies of submissions, of any size: records stand one to a line, so that they are read as they are needed.

    {"kind":...,"origins":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

A body that was kept before they were written so stands on one line, and is read whole. One that came in a file names
the blob that says where in the file its records stand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, BinaryIO

from services.validation.domain.engine.origins import Origins

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


def name_of_origins(body: BinaryIO) -> str | None:
    """The sha-256 of the origins that a body names; no record is read, and the body is at its beginning again."""
    head = body.readline()
    body.seek(0)
    if not head.endswith(_OPENING):
        return None
    name: str | None = json.loads(head.removesuffix(_OPENING).rstrip(b",") + b"}").get("origins")
    return name


def read_origins(content: bytes) -> Origins:
    """Where records stand in their file, as entry has written it."""
    return Origins(**json.loads(content))


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
