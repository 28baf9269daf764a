"""Announce versions to the other services, and record actions on them in the audit log."""

from typing import Any

from services.entry.audit import operations as audit
from services.entry.audit.domain import Actor
from services.entry.submissions.domain.submissions import Submission, Version
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import SubmissionReceived, SubmissionWithdrawn, TrialReceived


def announce_received(tx: Transaction, submission: Submission, version: Version) -> None:
    """Announce a version that has its canonical body. A trial is announced as a trial."""
    facts: dict[str, Any] = submission.mapping | {
        "submission": submission.id,
        "version": version.number,
        "tlp": version.tlp or "",
        "body": version.body or "",
        "records": version.records,
        "received_at": iso(version.received_at),
    }
    if submission.is_trial:
        record(tx, TrialReceived(**facts, supersedes=submission.corrects))
    else:
        record(tx, SubmissionReceived(**facts))


def announce_withdrawn(tx: Transaction, submission: Submission, tombstone: Version) -> None:
    """Announce that a submission is withdrawn."""
    withdrawn = SubmissionWithdrawn(
        submission=submission.id,
        version=tombstone.number,
        reason=tombstone.reason or "",
        withdrawn_at=iso(tombstone.received_at),
        **submission.mapping,
    )
    record(tx, withdrawn)


def record_action(
    tx: Transaction,
    submission: Submission,
    version: int,
    *,
    actor: Actor,
    action: str,
    detail: dict[str, Any],
) -> None:
    """Record an action on a version in the audit log."""
    audit.record_action(
        tx,
        actor=actor,
        action=action,
        reporter=submission.reporter,
        partner=submission.partner,
        submission=submission.id,
        version=version,
        detail=detail,
    )
