"""Take submissions and corrections of them, and take them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entry import store
from services.entry.domain.markings import check_unclassified
from services.entry.domain.submissions import (
    Submission,
    Version,
    VersionIsStale,
    check_present,
    check_right,
    check_same_mapping,
)
from services.entry.domain.windows import Window, check_window
from services.entry.operations.reading import get_own
from shared.blobs import Blobs
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import SubmissionReceived, SubmissionWithdrawn
from shared.http import Caller
from shared.http.bodies import canonical_json
from shared.ids import new_id


@dataclass(frozen=True)
class Handed:
    """What a caller hands in, loaded."""

    caller: Caller
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[dict[str, Any]]

    def canonical(self) -> bytes:
        """The body as it is stored: canonical JSON of what was handed in, and by whom, with each record on a line of its own.

        A reader of a part of a large body finds records by the bytes at which their lines begin.
        """
        envelope = canonical_json(
            {
                "pillar": self.pillar,
                "kind": self.kind,
                "period": self.period,
                "tlp": self.tlp,
                "reporter": self.caller.reporter,
                "partner": self.caller.partner,
                "records": [],
            }
        )
        lines = b",\n".join(canonical_json(record) for record in self.records)
        # No text in the envelope can be taken for the name: quotation marks in texts are escaped.
        return envelope.replace(b'"records":[]', b'"records":[\n' + lines + b"\n]")


def check_handed(handed: Handed, *, windows: Sequence[Window], today: date) -> None:
    """Raise unless this caller may hand this in today, and none of it is classified."""
    check_right(
        role=handed.caller.role, pillars=handed.caller.pillars, kind=handed.kind, pillar=handed.pillar
    )
    check_window(windows, kind=handed.kind, period=handed.period, today=today)
    check_unclassified(handed.records, at="/records")


def receive_submission(tx: Transaction, *, blobs: Blobs, handed: Handed) -> tuple[Submission, Version]:
    """Keep a new submission's first version and tell of it."""
    version = _version(tx, blobs, handed, number=1)
    submission = Submission(
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
    )
    store.add_submission(tx, submission)
    _keep_received(tx, submission, version)
    return submission, version


def correct_submission(
    tx: Transaction, *, blobs: Blobs, handed: Handed, submission: str, version: int
) -> tuple[Submission, Version]:
    """Keep the next version of a submission and tell of it; `VersionIsStale` unless it replaces the present one."""
    known = get_own(tx, caller=handed.caller, submission=submission)
    check_same_mapping(known, pillar=handed.pillar, kind=handed.kind, period=handed.period)
    check_present(known, version=version)
    fresh = _version(tx, blobs, handed, number=version + 1)
    if not store.advance(tx, submission=known.id, to_version=fresh.number, state="received", now=tx.now):
        raise VersionIsStale(version, version + 1)
    _keep_received(tx, known, fresh)
    return known, fresh


def withdraw_submission(
    tx: Transaction, *, caller: Caller, submission: str, version: int, reason: str
) -> Submission:
    """Take a submission back: a version without a body, which all others must respect."""
    known = get_own(tx, caller=caller, submission=submission)
    check_present(known, version=version)
    check_unclassified(reason, at="/reason")
    tombstone = Version(number=version + 1, state="withdrawn", received_at=tx.now, reason=reason)
    if not store.advance(tx, submission=known.id, to_version=tombstone.number, state="withdrawn", now=tx.now):
        raise VersionIsStale(version, version + 1)
    store.add_version(tx, known.id, tombstone)
    record(
        tx,
        SubmissionWithdrawn(
            submission=known.id,
            version=tombstone.number,
            reporter=known.reporter,
            partner=known.partner,
            pillar=known.pillar,
            kind=known.kind,
            period=known.period,
            reason=reason,
            withdrawn_at=iso(tx.now),
        ),
    )
    return known


def _version(tx: Transaction, blobs: Blobs, handed: Handed, *, number: int) -> Version:
    return Version(
        number=number,
        state="received",
        received_at=tx.now,
        tlp=handed.tlp,
        body=blobs.put(tx, handed.canonical()),
        records=len(handed.records),
    )


def _keep_received(tx: Transaction, submission: Submission, version: Version) -> None:
    store.add_version(tx, submission.id, version)
    record(
        tx,
        SubmissionReceived(
            submission=submission.id,
            version=version.number,
            reporter=submission.reporter,
            partner=submission.partner,
            pillar=submission.pillar,
            kind=submission.kind,
            period=submission.period,
            tlp=version.tlp or "",
            body=version.body or "",
            records=version.records,
            received_at=iso(version.received_at),
        ),
    )
