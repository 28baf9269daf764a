"""Withdraw submissions, and single records of them."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any

from services.entry.audit.domain import Actor
from services.entry.submissions.domain.refusals import RecordsAreUnknown
from services.entry.submissions.domain.submissions import Submission, Version, check_correctable, find_base
from services.entry.submissions.operations.announcements import (
    announce_received,
    announce_withdrawn,
    record_action,
)
from services.entry.submissions.operations.merging import (
    compose_body,
    keep_unnamed,
    list_placed,
    read_account,
)
from services.entry.submissions.operations.queries import get_own
from services.entry.submissions.operations.statements import record_body, record_withdrawal
from services.entry.submissions.operations.versions import advance_version, check_current
from services.entry.submissions.store import submissions
from services.entry.windows import operations as windows
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Database, Transaction
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.records.bodies import ref_of, write_body
from shared.records.places import own_place, place_at
from shared.reference.markings import check_unclassified
from shared.reference.refs import ref_key


@dataclass(frozen=True)
class Remainder:
    """The records of a version without the dropped ones, and the reason for dropping them.

    The account of the version's file still holds: what was not read of it is not read now either.
    """

    body: bytes
    records: int
    left_out: tuple[str, ...]
    reason: str
    reading: Mapping[str, Any] | None


def withdraw(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    caller: Caller,
    actor: Actor,
    submission: str,
    version: int,
    reason: str,
) -> Submission:
    """Withdraw a submission. Its next version is a tombstone without content.

    Raise `NotFound`, `VersionIsStale`, `TextIsClassified` or `WindowIsClosed`.
    """
    known, _ = _get_withdrawable(tx, blobs, caller, submission, version=version, reason=reason)
    _check_window(tx, database, known)
    add_tombstone(tx, known, actor=actor, reason=reason)
    return known


def withdraw_records(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    caller: Caller,
    actor: Actor,
    submission: str,
    version: int,
    refs: Collection[str],
    reason: str,
) -> tuple[Submission, Version]:
    """Withdraw records. The next version omits them. If no record remains, the submission is withdrawn.

    Only a correction brings a withdrawn record back, or another content of it.

    Raise `NotFound`, `VersionIsStale`, `TextIsClassified`, `RecordsAreUnknown` or `WindowIsClosed`.
    """
    known, versions = _get_withdrawable(tx, blobs, caller, submission, version=version, reason=reason)
    current = versions[-1]
    base = find_base(versions, mode="upsert")
    placed = list_placed(blobs, base, submission=known.id) if base and base.body else []
    stored = [ref_of(each.line) for each in placed]
    keys = {ref_key(ref) for ref in stored if ref is not None}
    if unknown := sorted(ref for ref in set(refs) if ref_key(ref) not in keys):
        raise RecordsAreUnknown(unknown)
    _check_window(tx, database, known)
    left = list(compress(placed, keep_unnamed(stored, refs)))
    if not left:
        add_tombstone(tx, known, actor=actor, reason=reason)
        tombstone = submissions.list_versions(tx, known.id)[-1]
        record_withdrawal(tx, known, tombstone, refs)
        return known, tombstone
    facts = known.mapping | {"tlp": current.tlp}
    # A place with an id: of equal claims that of the version received last counts, also within one millisecond.
    body = compose_body(
        facts | read_account(blobs, base),
        left,
        put=partial(blobs.put, tx),
        own=place_at(iso(tx.now), new_id()),
        default=own_place(iso(tx.now), known.id, current.number + 1),
    )
    remainder = Remainder(body, len(left), tuple(sorted(refs)), reason, base.reading if base else None)
    named = b"".join(write_body(facts, (each.line for each in left)))
    content = hashlib.sha256(named).hexdigest()
    fresh = drop_records(tx, blobs, known, current, remainder=remainder, actor=actor, content=content)
    record_body(tx, known, fresh, content=content)
    record_withdrawal(tx, known, fresh, refs)
    return known, fresh


def add_tombstone(tx: Transaction, known: Submission, *, actor: Actor, reason: str) -> None:
    """Store a tombstone after the current version and announce the withdrawal."""
    tombstone = Version(number=known.version + 1, state="withdrawn", received_at=tx.now, reason=reason)
    advance_version(tx, known, tombstone, content=None)
    submissions.insert_version(tx, known.id, tombstone)
    announce_withdrawn(tx, known, tombstone)
    _record(tx, known, tombstone, actor=actor, action="submission.withdrawn")


def drop_records(
    tx: Transaction,
    blobs: Blobs,
    known: Submission,
    current: Version,
    *,
    remainder: Remainder,
    actor: Actor,
    content: str | None,
) -> Version:
    """Store the remainder as the next version and announce it. `content` is the key that recognises duplicates."""
    fresh = Version(
        number=current.number + 1,
        state="received",
        received_at=tx.now,
        tlp=current.tlp,
        body=blobs.put(tx, remainder.body),
        records=remainder.records,
        reason=remainder.reason,
        content=content,
        mode=current.mode,
        on_error=current.on_error,
        is_late=current.is_late,
        left_out=remainder.left_out,
        reading=remainder.reading,
    )
    advance_version(tx, known, fresh, content=content)
    submissions.insert_version(tx, known.id, fresh)
    announce_received(tx, known, fresh)
    _record(tx, known, fresh, actor=actor, action="records.withdrawn")
    return fresh


def _get_withdrawable(
    tx: Transaction, blobs: Blobs, caller: Caller, submission: str, *, version: int, reason: str
) -> tuple[Submission, Sequence[Version]]:
    known = get_own(tx, caller=caller, submission=submission)
    check_correctable(known)
    versions = submissions.list_versions(tx, known.id)
    check_current(known, versions, version=version, blobs=blobs)
    check_unclassified(reason, at="/reason")
    return known, versions


def _check_window(tx: Transaction, database: Database, known: Submission) -> None:
    windows.check_window(database, reporter=known.reporter, kind=known.kind, period=known.period, now=tx.now)


def _record(tx: Transaction, known: Submission, version: Version, *, actor: Actor, action: str) -> None:
    detail: dict[str, Any] = {"reason": version.reason}
    if version.left_out:
        detail["records"] = list(version.left_out)
    record_action(tx, known, version.number, actor=actor, action=action, detail=detail)
