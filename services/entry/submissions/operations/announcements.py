"""Tell the other services of versions that are there to be judged, and of what was taken back."""

from typing import Any

from services.entry.submissions.domain.submissions import Submission, Version
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import SubmissionReceived, SubmissionWithdrawn, TrialReceived


def tell_received(tx: Transaction, submission: Submission, version: Version) -> None:
    """A version has its canonical body and can be judged; a trial is judged only."""
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


def tell_withdrawn(tx: Transaction, submission: Submission, tombstone: Version) -> None:
    """Nothing of a submission counts any more."""
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
