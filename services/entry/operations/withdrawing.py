"""Take submissions back, and records of them."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from services.entry import store
from services.entry.domain.journal import Author
from services.entry.domain.markings import check_unclassified
from services.entry.domain.submissions import (
    RecordsAreUnknown,
    Submission,
    Version,
    base_of,
    check_standing,
)
from services.entry.formats.bodies import body_of, lines_in, ref_in
from services.entry.operations.composing import without
from services.entry.operations.journal import note
from services.entry.operations.reading import get_own
from services.entry.operations.telling import tell_received, tell_withdrawn
from services.entry.operations.versions import check_present, move_on
from shared.blobs import Blobs
from shared.database import Transaction
from shared.identity.callers import Caller


def withdraw_submission(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    author: Author,
    submission: str,
    version: int,
    reason: str,
) -> Submission:
    """Take a submission back: a version without content, which all others must respect."""
    known = get_own(tx, caller=caller, submission=submission)
    check_standing(known)
    check_present(known, store.versions_of(tx, known.id), version=version, blobs=blobs)
    check_unclassified(reason, at="/reason")
    bury(tx, known, author=author, reason=reason)
    return known


def bury(tx: Transaction, known: Submission, *, author: Author, reason: str) -> None:
    """Put a tombstone after the present version and tell of it."""
    tombstone = Version(number=known.version + 1, state="withdrawn", received_at=tx.now, reason=reason)
    move_on(tx, known, tombstone, content=None)
    store.add_version(tx, known.id, tombstone)
    tell_withdrawn(tx, known, tombstone)
    _note(tx, known, tombstone, author=author, action="submission.withdrawn")


def withdraw_records(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    author: Author,
    submission: str,
    version: int,
    refs: Collection[str],
    reason: str,
) -> tuple[Submission, Version]:
    """Take records back: the next version does without them. Where none is left, the submission is withdrawn."""
    known = get_own(tx, caller=caller, submission=submission)
    check_standing(known)
    versions = store.versions_of(tx, known.id)
    check_present(known, versions, version=version, blobs=blobs)
    check_unclassified(reason, at="/reason")
    present = versions[-1]
    base = base_of(versions, mode="upsert")
    lines = _lines_of(blobs, base.body) if base and base.body else []
    if unknown := sorted(set(refs) - {ref_in(line) for line in lines}):
        raise RecordsAreUnknown(unknown)
    left = list(without(lines, set(refs)))
    if not left:
        bury(tx, known, author=author, reason=reason)
        return known, store.versions_of(tx, known.id)[-1]
    body = b"".join(body_of(facts_of(known, present), left))
    rest = Rest(body, len(left), tuple(sorted(refs)), reason)
    content = hashlib.sha256(body).hexdigest()
    fresh = leave_out(tx, blobs, known, present, rest=rest, author=author, content=content)
    return known, fresh


def _lines_of(blobs: Blobs, body: str) -> list[bytes]:
    with blobs.open(body) as stream:
        return list(lines_in(stream))


@dataclass(frozen=True)
class Rest:
    """What is left of a version without some of its records, and why they go."""

    body: bytes
    records: int
    left_out: tuple[str, ...]
    reason: str


def leave_out(
    tx: Transaction,
    blobs: Blobs,
    known: Submission,
    present: Version,
    *,
    rest: Rest,
    author: Author,
    content: str | None,
) -> Version:
    """Keep the next version, of what is left, and tell of it. `content` tells the same content again."""
    fresh = Version(
        number=present.number + 1,
        state="received",
        received_at=tx.now,
        tlp=present.tlp,
        body=blobs.put(tx, rest.body),
        records=rest.records,
        reason=rest.reason,
        content=content,
        mode=present.mode,
        on_error=present.on_error,
        is_late=present.is_late,
        left_out=rest.left_out,
    )
    move_on(tx, known, fresh, content=content)
    store.add_version(tx, known.id, fresh)
    tell_received(tx, known, fresh)
    _note(tx, known, fresh, author=author, action="records.withdrawn")
    return fresh


def facts_of(known: Submission, version: Version) -> dict[str, str | None]:
    """What a body of the submission says besides its records."""
    return {
        "pillar": known.pillar,
        "kind": known.kind,
        "period": known.period,
        "tlp": version.tlp,
        "reporter": known.reporter,
        "partner": known.partner,
    }


def _note(tx: Transaction, known: Submission, version: Version, *, author: Author, action: str) -> None:
    note(
        tx,
        author=author,
        action=action,
        reporter=known.reporter,
        partner=known.partner,
        submission=known.id,
        version=version.number,
        detail={
            "reason": version.reason,
            **({"records": list(version.left_out)} if version.left_out else {}),
        },
    )
