"""Record which contents are stated, and find the earlier statements that records repeat."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.entry.files.domain.accounts import MAX_UNREAD
from services.entry.files.domain.read_result import Unread
from services.entry.submissions.domain.statements import (
    WITHDRAWN,
    Repeated,
    StatedBy,
    Statement,
    Subject,
    list_repeated,
    place_of,
)
from services.entry.submissions.domain.submissions import Submission, Version, latest_body
from services.entry.submissions.operations.commands import SubmitCommand
from services.entry.submissions.operations.merging import list_lines
from services.entry.submissions.store import statements, submissions
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction
from shared.ids import new_id
from shared.records.bodies import ref_of
from shared.records.canonical import canonical_json
from shared.records.places import NO_PLACE, own_place, place_at
from shared.reference.accounts import Account
from shared.reference.refs import ref_key

SUPPORT = "support"

_HASH_LENGTH = 32
_WHOLE_NUMBER = re.compile(rb"([:\[,]-?\d+)\.0+(?=[,\]}])")
"""A whole number with decimals, as some programs write it."""


@dataclass(frozen=True)
class Repeats:
    """The places of submitted records, and those of them that repeat a statement which was replaced since."""

    places: Sequence[str]
    outdated: Sequence[Repeated] = ()


def subjects_of(
    facts: Mapping[str, Any], lines: Iterable[bytes], refs: Iterable[str | None]
) -> list[Subject | None]:
    """Return the subject of each record; None without a ref. `facts` are those of the canonical body.

    Texts are compared in NFC, and whole numbers whether or not they have decimals.
    """
    identity = _identity(facts)
    about = canonical_json([facts["pillar"], facts["tlp"]])
    return [
        None if ref is None else (_hash(identity, ref_key(ref).encode()), _hash(about, _plain(line)))
        for line, ref in zip(lines, refs, strict=True)
    ]


def subjects_of_command(command: SubmitCommand) -> list[Subject | None]:
    """Return the subject of each record of a command."""
    return subjects_of(command.facts, command.lines, command.refs)


def subject_of_body(mapping: Mapping[str, Any], *, content: str) -> Subject:
    """Return the subject of a whole body: its mapping, and the key of its content."""
    names = ("reporter", "pillar", "kind", "period")
    return _hash(b"body", canonical_json([mapping[name] for name in names])), content[:_HASH_LENGTH]


def place_of_version(version: Version, *, submission: str) -> str:
    """Return the place of a version. One that corrects has an id, which puts the places of one millisecond in order."""
    received_at = iso(version.received_at)
    if version.number == 1:
        return own_place(received_at, submission, 1)
    return place_at(received_at, new_id())


def record_new(tx: Transaction, subjects: Iterable[Subject | None], *, by: StatedBy) -> None:
    """Record what a new submission states. The commit raises `RowExists` if any of it was stated before."""
    statements.insert_new(tx, filter(None, subjects), by=by)


def record_missing(tx: Transaction, subjects: Iterable[Subject | None], *, by: StatedBy) -> None:
    """Record what a submission states that was not stated before."""
    statements.insert_missing(tx, filter(None, subjects), by=by)


def record_correction(tx: Transaction, subjects: Iterable[Subject | None], *, by: StatedBy) -> None:
    """Record what a correction states, whether or not it was stated before."""
    statements.upsert_later(tx, filter(None, subjects), by=by)


def record_body(tx: Transaction, known: Submission, version: Version, *, content: str) -> None:
    """Record that a version has the content of this key, whether or not it was submitted before."""
    by = StatedBy(known.reporter, known.id, version.number, place_of_version(version, submission=known.id))
    record_correction(tx, [subject_of_body(known.mapping, content=content)], by=by)


def record_withdrawal(tx: Transaction, known: Submission, version: Version, refs: Iterable[str]) -> None:
    """Record that a version withdraws these records: what was stated of them before is no statement any more."""
    by = StatedBy(known.reporter, known.id, version.number, place_of_version(version, submission=known.id))
    identity = _identity(known.mapping)
    record_correction(tx, [(_hash(identity, ref_key(ref).encode()), WITHDRAWN) for ref in refs], by=by)


def find_body(tx: Transaction, subject: Subject) -> Statement | None:
    """Return the last statement of a whole body; None if it was never submitted."""
    return statements.find_statement(tx, subject)


def delete_statement(tx: Transaction, stated: Statement) -> None:
    """Delete a statement, unless another transaction has replaced it."""
    statements.delete_statement(tx, stated)


def find_repeats(tx: Transaction, blobs: Blobs, subjects: Sequence[Subject | None], *, own: str) -> Repeats:
    """Return the places of records that are submitted without a correction, and what they repeat."""
    stated = statements.list_since(tx, filter(None, subjects))
    places = [
        own
        if subject is None
        else place_of(stated.get(subject[0], ()), content=subject[1], own=own) or NO_PLACE
        for subject in subjects
    ]
    outdated = list_repeated(
        subjects, places=places, stated=stated, own=own, is_current=_CurrentRecords(tx, blobs).have
    )
    return Repeats(places, outdated)


def without_withdrawn(
    tx: Transaction, blobs: Blobs, repeats: Repeats, subjects: Sequence[Subject | None], *, own: str
) -> Repeats:
    """Return the places of a workbook's records, without those that it has as they were before they were withdrawn.

    A workbook lists every record of its version. That one of them is still in it does not bring it back.
    """
    found = find_repeats(tx, blobs, subjects, own=own)
    withdrawn = {
        each.index
        for each in found.outdated
        if found.places[each.index] == NO_PLACE and repeats.places[each.index] in (own, NO_PLACE)
    }
    return Repeats(
        [NO_PLACE if at in withdrawn else place for at, place in enumerate(repeats.places)],
        [each for each in found.outdated if each.index in withdrawn],
    )


def with_repeated(account: Account, repeats: Repeats, refs: Sequence[str | None]) -> Account:
    """Return an account that also lists the records which repeat a statement that was replaced or withdrawn since."""
    parts = [_part_of(each, refs[each.index]).written for each in repeats.outdated[:MAX_UNREAD]]
    if (more := len(repeats.outdated) - len(parts)) > 0:
        parts.append(Unread("more-superseded", values={"count": f"{more:,}"}).written)
    return replace(account, unread=[*account.unread, *parts]) if parts else account


def _part_of(repeated: Repeated, ref: str | None) -> Unread:
    current = {"current": repeated.current.submission, "current_version": repeated.current.version}
    if repeated.current.content == WITHDRAWN:
        return Unread("withdrawn", values=current, ref=ref)
    earlier = {"repeats": repeated.repeats.submission, "repeats_version": repeated.repeats.version}
    return Unread("superseded", values=earlier | current, ref=ref)


class _CurrentRecords:
    """The current records of submissions, read when they are needed."""

    def __init__(self, tx: Transaction, blobs: Blobs) -> None:
        self._tx = tx
        self._blobs = blobs
        self._subjects: dict[str, set[str]] = {}

    def have(self, stated: Statement) -> bool:
        """Return whether a statement's submission still has the record, with any content."""
        if stated.submission not in self._subjects:
            self._subjects[stated.submission] = self._read(stated.submission)
        return stated.subject in self._subjects[stated.submission]

    def _read(self, submission: str) -> set[str]:
        known = submissions.find_submission(self._tx, submission)
        if known is None or known.state == "withdrawn":
            return set()
        latest = latest_body(submissions.list_versions(self._tx, submission))
        if latest is None or latest.body is None:
            return set()
        identity = _identity(known.mapping)
        return {
            _hash(identity, ref_key(ref).encode())
            for line in list_lines(self._blobs, latest.body)
            if (ref := ref_of(line)) is not None
        }


def _identity(mapping: Mapping[str, Any]) -> bytes:
    """Return what a record's identity has beside its ref: support is continuous, other kinds belong to a period."""
    period = "" if mapping["kind"] == SUPPORT else mapping["period"]
    return canonical_json([mapping["reporter"], mapping["kind"], period])


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:_HASH_LENGTH]


def _plain(line: bytes) -> bytes:
    line = _nfc(line)
    return _WHOLE_NUMBER.sub(rb"\1", line) if b".0" in line else line


def _nfc(text: bytes) -> bytes:
    return text if text.isascii() else unicodedata.normalize("NFC", text.decode()).encode()
