"""Announce received and withdrawn versions to the other services."""

from typing import Any

from services.entry.submissions.domain.submissions import Submission, Version
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import SubmissionReceived, SubmissionWithdrawn, TrialReceived


def announce_received(tx: Transaction, submission: Submission, version: Version) -> None:
    """Announce a version that has its canonical body. A trial is announced as a trial."""
    facts: dict[str, Any] = {
        "submission": submission.id,
        "version": version.number,
        "reporter": submission.reporter,
        "partner": submission.partner,
        "pillar": submission.pillar,
        "kind": submission.kind,
        "period": submission.period,
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
    record(
        tx,
        SubmissionWithdrawn(
            submission=submission.id,
            version=tombstone.number,
            reporter=submission.reporter,
            partner=submission.partner,
            pillar=submission.pillar,
            kind=submission.kind,
            period=submission.period,
            reason=tombstone.reason or "",
            withdrawn_at=iso(tombstone.received_at),
        ),
    )
