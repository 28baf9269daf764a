"""What entry does: takes submissions and corrections, takes them back, and notes what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.entry import store
from services.entry.domain import (
    Submission,
    Version,
    VersionIsStale,
    Window,
    check_present,
    check_right,
    check_same_mapping,
    check_unclassified,
    check_window,
)
from shared.blobs import Blobs
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import (
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
    WindowSet,
)
from shared.http import Caller, NotFound
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
        """The body as it is stored: what was handed in, and by whom."""
        return canonical_json(
            {
                "pillar": self.pillar,
                "kind": self.kind,
                "period": self.period,
                "tlp": self.tlp,
                "reporter": self.caller.reporter,
                "partner": self.caller.partner,
                "records": self.records,
            }
        )


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


def get_visible(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """The submission if the caller may see it; a foreign one is as one that does not exist (`NotFound`)."""
    known = store.find_submission(tx, submission)
    if known is None or not _may_see(caller, known):
        raise NotFound("submission")
    return known


def get_own(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """The submission if the caller handed it in; otherwise `NotFound`."""
    known = store.find_submission(tx, submission)
    if known is None or known.reporter != caller.reporter:
        raise NotFound("submission")
    return known


def list_visible(
    tx: Transaction, *, caller: Caller, state: str | None, after: str | None, limit: int
) -> list[Submission]:
    """What the caller may see, the latest first."""
    return store.list_submissions(
        tx,
        reporter=caller.reporter if caller.role in ("structure", "member") else None,
        partner=caller.partner if caller.role == "coordinator" else None,
        state=state,
        after=after,
        limit=limit,
    )


def note_verdict(tx: Transaction, *, event: SubmissionAccepted | SubmissionReturned) -> None:
    """Let the sender see what the rules said; a verdict that was overtaken changes nothing."""
    version = Version(
        number=event.version,
        state="accepted" if isinstance(event, SubmissionAccepted) else "returned",
        received_at=tx.now,
        verdict=event.verdict,
        judged_at=datetime.fromisoformat(event.judged_at),
        ruleset=event.ruleset,
        ruleset_hash=event.ruleset_hash,
        counts=dict(event.counts),
        report=event.report,
    )
    store.keep_verdict(tx, submission=event.submission, version=version)


def set_window(tx: Transaction, *, event: WindowSet) -> None:
    """Note when a mapping is collected."""
    store.keep_window(
        tx,
        Window(
            code=event.window,
            kind=event.kind,
            period=event.period,
            opens_on=date.fromisoformat(event.opens_on),
            closes_on=date.fromisoformat(event.closes_on),
            sequence=event.sequence,
        ),
    )


def _may_see(caller: Caller, submission: Submission) -> bool:
    if caller.role == "secretariat":
        return True
    if caller.role == "coordinator":
        return submission.partner == caller.partner
    return submission.reporter == caller.reporter


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
