"""Take submissions, and corrections of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.entry import store
from services.entry.domain.journal import Author
from services.entry.domain.markings import check_unclassified
from services.entry.domain.submissions import (
    ContentIsThere,
    HandedFile,
    HandedInTwice,
    Mode,
    OnError,
    ReferenceIsTaken,
    Submission,
    Version,
    base_of,
    check_right,
    check_same_mapping,
    check_standing,
)
from services.entry.formats.bodies import body_of, line_of
from services.entry.operations.composing import composed
from services.entry.operations.journal import note
from services.entry.operations.reading import get_own
from services.entry.operations.telling import tell_received
from services.entry.operations.versions import check_present, move_on
from shared.blobs import Blobs
from shared.bus import record
from shared.database import Transaction
from shared.events import FileReceived
from shared.events.submissions import LARGE_RECORDS
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.records.canonical import canonical_json

JSON = "application/json"


@dataclass(frozen=True)
class Handed:
    """What a caller hands in, by whom and how. It has records, or is a file that has not been looked into."""

    caller: Caller
    author: Author
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[dict[str, Any]] = ()
    file: HandedFile | None = None
    statement: Mapping[str, str] | None = None
    """Who signs that there is nothing to report."""
    mode: Mode = "upsert"
    on_error: OnError = "return"
    reference: str | None = None
    is_late: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What the canonical body says besides the records."""
        facts = {
            "pillar": self.pillar,
            "kind": self.kind,
            "period": self.period,
            "tlp": self.tlp,
            "reporter": self.caller.reporter,
            "partner": self.caller.partner,
        }
        return facts | ({"statement": dict(self.statement)} if self.statement else {})

    @property
    def lines(self) -> list[bytes]:
        """The records, as they stand in a body."""
        return [line_of(record) for record in self.records]


@dataclass(frozen=True)
class Content:
    """What was handed in: its bytes, unless it is a file, and what tells it again.

    `sha256` is what the receipt says: the sender of a file can work it out. `key` is unique for each reporter and mapping.
    """

    body: bytes | None
    sha256: str
    key: str

    @classmethod
    def of(cls, handed: Handed) -> "Content":
        """Hash what was handed in."""
        if handed.file is None:
            body = b"".join(body_of(handed.facts, handed.lines))
            sha256 = hashlib.sha256(body).hexdigest()
            return cls(body, sha256, sha256)
        named = canonical_json(handed.facts | {"file": handed.file.sha256})
        return cls(None, handed.file.sha256, hashlib.sha256(named).hexdigest())


def check_handed(handed: Handed) -> None:
    """Raise unless this caller may hand this in, and nothing of it that can be seen yet is classified."""
    check_right(
        role=handed.caller.role, pillars=handed.caller.pillars, kind=handed.kind, pillar=handed.pillar
    )
    check_unclassified(handed.records, at="/records")
    for name in ("reference", "statement"):
        if (said := getattr(handed, name)) is not None:
            check_unclassified(said, at=f"/{name}")


def receive_submission(tx: Transaction, *, blobs: Blobs, handed: Handed) -> tuple[Submission, Version]:
    """Keep a new submission's first version and tell of it.

    The commit raises `RowExists` where the reporter has that very content, or has used the reference: see `find_same`.
    """
    content = Content.of(handed)
    version = _next_version(tx, blobs, handed, content, versions=())
    submission = _submission(tx, handed, content=content.key)
    store.add_submission(tx, submission)
    _keep(tx, submission, version, handed, action="submission.received")
    return submission, version


def try_submission(
    tx: Transaction, *, blobs: Blobs, handed: Handed, corrects: str | None = None
) -> tuple[Submission, Version]:
    """Keep a trial: all is done with it as with a submission, or a correction of one, and nothing of it counts."""
    content = Content.of(handed)
    versions: Sequence[Version] = ()
    if corrects is not None:
        known = get_own(tx, caller=handed.caller, submission=corrects)
        check_standing(known)
        check_same_mapping(known, pillar=handed.pillar, kind=handed.kind, period=handed.period)
        versions = store.versions_of(tx, known.id)
    version = replace(_next_version(tx, blobs, handed, content, versions), number=1)
    submission = replace(
        _submission(tx, handed, content=None), reference=None, is_trial=True, corrects=corrects
    )
    store.add_submission(tx, submission)
    _keep(tx, submission, version, handed, action="trial.received")
    return submission, version


def find_same(tx: Transaction, *, handed: Handed) -> tuple[Submission, Version]:
    """The submission that has the handed content now; `ReferenceIsTaken` where the reference has another."""
    content = Content.of(handed)
    known = store.find_same(
        tx, reporter=handed.caller.reporter, content=content.key, reference=handed.reference
    )
    if known is None:
        raise HandedInTwice
    version = store.versions_of(tx, known.id)[-1]
    if known.content != content.key:
        raise ReferenceIsTaken(handed.reference or "", known.id, known=version.content, given=content.sha256)
    return known, version


def correct_submission(
    tx: Transaction, *, blobs: Blobs, handed: Handed, submission: str, version: int
) -> tuple[Submission, Version]:
    """Keep the next version of a submission and tell of it; the present one where it has that very content.

    `VersionIsStale` unless it replaces the present version.
    """
    known = get_own(tx, caller=handed.caller, submission=submission)
    check_standing(known)
    check_same_mapping(known, pillar=handed.pillar, kind=handed.kind, period=handed.period)
    versions = store.versions_of(tx, known.id)
    content = Content.of(handed)
    if known.content == content.key:
        return known, versions[-1]
    check_present(known, versions, version=version, blobs=blobs)
    same = store.find_same(tx, reporter=known.reporter, content=content.key, reference=None)
    if same is not None:
        raise ContentIsThere(same.id)
    fresh = _next_version(tx, blobs, handed, content, versions)
    move_on(tx, known, fresh, content=content.key)
    _keep(tx, known, fresh, handed, action="submission.corrected")
    return known, fresh


def _submission(tx: Transaction, handed: Handed, *, content: str | None) -> Submission:
    return Submission(
        id=new_id(),
        reporter=handed.caller.reporter,
        partner=handed.caller.partner,
        pillar=handed.pillar,
        kind=handed.kind,
        period=handed.period,
        version=1,
        state="received",
        created_at=tx.now,
        changed_at=tx.now,
        reference=handed.reference,
        content=content,
    )


def _next_version(
    tx: Transaction, blobs: Blobs, handed: Handed, content: Content, versions: Sequence[Version]
) -> Version:
    number = versions[-1].number + 1 if versions else 1
    base = base_of(versions, mode=handed.mode)
    if content.body is None:
        return _version(tx, handed, content, number=number)
    if base is None or base.body is None:
        body = blobs.put(tx, content.body)
        return _version(tx, handed, content, number=number, body=body, records=len(handed.records))
    if base.records > LARGE_RECORDS:
        # Putting it together takes a while: a worker does it, as if it had come as a file.
        with blobs.upload() as incoming:
            incoming.write(content.body)
            file = HandedFile(incoming.commit(), JSON, None, incoming.size)
        return _version(tx, handed, content, number=number, file=file)
    facts = handed.facts
    body, records = composed(tx, blobs, facts=facts, named=handed.lines, base=base.body)
    return _version(tx, handed, content, number=number, body=body, records=records)


def _version(
    tx: Transaction,
    handed: Handed,
    content: Content,
    *,
    number: int,
    body: str | None = None,
    records: int = 0,
    file: HandedFile | None = None,
) -> Version:
    return Version(
        number=number,
        state="received",
        received_at=tx.now,
        tlp=handed.tlp,
        body=body,
        records=records,
        content=content.sha256,
        mode=handed.mode,
        on_error=handed.on_error,
        is_late=handed.is_late,
        file=handed.file or file,
    )


def _keep(tx: Transaction, submission: Submission, version: Version, handed: Handed, *, action: str) -> None:
    store.add_version(tx, submission.id, version)
    if version.file is not None:
        record(
            tx,
            FileReceived(submission=submission.id, version=version.number, size=version.file.size),
        )
    else:
        tell_received(tx, submission, version)
    note(
        tx,
        author=handed.author,
        action=action,
        reporter=submission.reporter,
        partner=submission.partner,
        submission=submission.id,
        version=version.number,
        detail={"content": version.content},
    )
