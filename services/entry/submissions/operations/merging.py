"""Merge bodies: a version is always whole, even if only some of its records were submitted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, compress, repeat
from typing import Any

from services.entry.submissions.domain.submissions import Version
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction
from shared.records.bodies import read_head, read_lines, ref_of, write_body
from shared.records.places import own_place, read_own, read_places, write_places
from shared.reference.refs import ref_key


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A record's line, and the place at which the record was stated."""

    line: bytes
    place: str


def merge_body(
    tx: Transaction,
    blobs: Blobs,
    *,
    facts: Mapping[str, Any],
    named: Sequence[PlacedLine],
    base: Sequence[PlacedLine],
    own: str,
) -> tuple[str, int]:
    """Store a body of the named records, followed by the base's other records. Return its sha-256 and record count.

    The named records come first, so that the third record of a finding is the third record that was submitted.
    """
    is_kept = keep_unnamed([ref_of(each.line) for each in base], {ref_of(each.line) for each in named})
    placed = [*named, *compress(base, is_kept)]
    return blobs.put(tx, compose_body(facts, placed, put=partial(blobs.put, tx), own=own)), len(placed)


def compose_body(
    facts: Mapping[str, Any],
    placed: Sequence[PlacedLine],
    *,
    put: Callable[[bytes], str],
    own: str = "",
    default: str = "",
) -> bytes:
    """Return a body that lists the places of its records; `put` stores a long list.

    `own` is the version's place, and `default` the one that it has without a word in its body.
    """
    places = write_places((each.place for each in placed), own=own, default=default, put=put)
    return b"".join(write_body({**facts, **places}, (each.line for each in placed)))


def list_placed(blobs: Blobs, version: Version, *, submission: str) -> list[PlacedLine]:
    """List the records of a version with a body."""
    default = own_place(iso(version.received_at), submission, version.number)
    with blobs.open(version.body or "") as stream:
        head = read_head(stream)
        places = read_places(head, get=blobs.get) or repeat(read_own(head, default=default))
        return [PlacedLine(line, place) for line, place in zip(read_lines(stream), places, strict=False)]


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


@dataclass(frozen=True)
class Base:
    """The version whose records a large correction keeps unless it names them."""

    body: str
    own: str
    """The place of the version itself, unless its body names another."""


@dataclass(frozen=True)
class KeptRecords:
    """The records that a correction keeps from its base: whether each of the base is kept, and their places.

    `unchanged` are the places of the records that the correction names as they are.
    """

    is_kept: Sequence[bool] = ()
    places: Sequence[str] = ()
    unchanged: Mapping[str | None, str] = field(default_factory=dict)


def base_of(version: Version | None, *, submission: str) -> Base | None:
    """Return a version as a base; None without a body."""
    if version is None or version.body is None:
        return None
    return Base(version.body, own_place(iso(version.received_at), submission, version.number))


def compare_with_base(blobs: Blobs, base: Base | None, named: Mapping[str | None, bytes]) -> KeptRecords:
    """Compare named records, by ref, with a base that may be too large to be held in memory."""
    if base is None:
        return KeptRecords()
    refs, places, unchanged = [], [], {}
    with blobs.open(base.body) as stream:
        head = read_head(stream)
        stated = read_places(head, get=blobs.get) or repeat(read_own(head, default=base.own))
        for line, place in zip(read_lines(stream), stated, strict=False):
            ref = ref_of(line)
            refs.append(ref)
            places.append(place)
            if ref in named and named[ref] == line:
                unchanged[ref] = place
    is_kept = keep_unnamed(refs, named)
    return KeptRecords(is_kept, list(compress(places, is_kept)), unchanged)


def keep_unnamed(refs: Sequence[str | None], named: Collection[str | None]) -> list[bool]:
    """Say for each record of a base, by its ref, whether it is kept when others are named.

    The encoding of accents makes no difference. But if records whose refs are now one were stored when they were two, only
    the record with the named spelling is left out: a rule then reports the other one, and nothing is merged unseen.
    """
    keys = {ref_key(ref) for ref in named if ref is not None}
    spelled = {ref_key(ref) for ref in refs if ref is not None and ref in named}
    return [
        ref not in named and (ref is None or (key := ref_key(ref)) not in keys or key in spelled)
        for ref in refs
    ]


def write_merged(
    blobs: Blobs,
    *,
    facts: Mapping[str, Any],
    named: Sequence[bytes],
    base: Base | None,
    is_kept: Sequence[bool],
) -> tuple[str, int]:
    """Write a body of the named records and the base's kept ones. Return its sha-256 and record count."""
    if base is None:
        return write_blob(blobs, write_body(facts, named)), len(named)
    with blobs.open(base.body) as stream:
        lines = chain(named, compress(read_lines(stream), is_kept))
        return write_blob(blobs, write_body(facts, lines)), len(named) + sum(is_kept)


def write_blob(blobs: Blobs, pieces: Iterable[bytes]) -> str:
    """Write a blob outside any transaction; return its sha-256."""
    with blobs.upload() as upload:
        for piece in pieces:
            upload.write(piece)
        return upload.commit()
