"""Canonical bodies of submissions of any size: one record per line, so that records are read one by one.

    {"kind":...,"origins":...,"records":[
    {"ref":...},
    {"ref":...}
    ],"reporter":...}

An early body is one line and is read whole. The body of a submission received as a file names the blob that holds the
cells of its records.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, BinaryIO

from services.validation.engine.domain.evaluation.origins import Origins

_OPENING = b'"records":[\n'
_CLOSING = b"]"


@dataclass(frozen=True)
class Slice:
    """Consecutive records: the index of the first, and the position of their lines in bytes."""

    first: int
    offset: int
    length: int


def name_of_origins(body: BinaryIO) -> str | None:
    """Return the sha-256 of the origins that a body names, without reading records. The body is rewound."""
    head = body.readline()
    body.seek(0)
    if not head.endswith(_OPENING):
        return None
    name: str | None = json.loads(head.removesuffix(_OPENING).rstrip(b",") + b"}").get("origins")
    return name


def read_origins(content: bytes) -> Origins:
    """Read the cells of records in their file, as entry wrote them."""
    return Origins(**json.loads(content))


def read_body(body: BinaryIO) -> Iterator[Any]:
    """Yield the records of a body one by one. Numbers of any size are exact."""
    head = body.readline()
    if not head.endswith(_OPENING):
        yield from json.loads(head)["records"]
        return
    for line in takewhile(_is_record, body):
        yield _record(line)


def slices_of(body: BinaryIO, *, size: int) -> Sequence[Slice]:
    """Cut a body into slices of `size` records. Return none if the body can only be read whole."""
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
    """Return the records of one slice."""
    body.seek(offset)
    return [_record(line) for line in body.read(length).splitlines()]


def _is_record(line: bytes) -> bool:
    return not line.startswith(_CLOSING) and not line.isspace()


def _record(line: bytes) -> Any:
    return json.loads(line.rstrip(b",\n"))
