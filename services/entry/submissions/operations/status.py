"""Apply the events of the other services to a submission's status: verdicts, progress, and counting records."""

from datetime import datetime

from services.entry.audit import operations as audit
from services.entry.audit.domain import SYSTEM
from services.entry.submissions.domain.counting import Counting
from services.entry.submissions.domain.verdicts import Outcome, Progress, Verdict
from services.entry.submissions.operations.announcements import record_action
from services.entry.submissions.operations.partial_acceptance import accept_remainder, withdraw_replaced
from services.entry.submissions.operations.withdrawing import Remainder
from services.entry.submissions.store import submissions, verdicts
from shared.blobs import Blobs
from shared.database import Transaction
from shared.events import (
    SubmissionAccepted,
    SubmissionCounted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
)


def apply_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    event: SubmissionAccepted | SubmissionReturned,
    remainder: Remainder | None = None,
) -> None:
    """Store a verdict and act on it. A verdict of an outdated version only appears in the timeline.

    `remainder` are the acceptable records of a returned version, if its sender wants them accepted.
    """
    outcome: Outcome = "accepted" if isinstance(event, SubmissionAccepted) else "returned"
    verdict = _verdict(event, number=event.verdict, outcome=outcome, reason=event.reason)
    mode = verdicts.insert_verdict(tx, verdict, submission=event.submission, version=event.version)
    audit.record_action(
        tx,
        actor=SYSTEM,
        action=f"submission.{outcome}",
        reporter=event.reporter,
        partner=event.partner,
        submission=event.submission,
        version=event.version,
        detail={"verdict": event.verdict, "reason": event.reason, "counts": dict(event.counts)},
    )
    if mode == "replace" and isinstance(event, SubmissionAccepted):
        withdraw_replaced(tx, blobs=blobs, event=event)
    if remainder is not None and isinstance(event, SubmissionReturned):
        accept_remainder(tx, blobs=blobs, event=event, remainder=remainder)


def apply_trial_outcome(tx: Transaction, *, event: TrialJudged) -> None:
    """Store the verdict of a trial. A trial is judged once."""
    outcome: Outcome = "accepted" if event.outcome == "accepted" else "returned"
    verdict = _verdict(event, number=1, outcome=outcome, reason="first")
    verdicts.insert_verdict(tx, verdict, submission=event.submission, version=event.version)


def apply_progress(tx: Transaction, *, event: SubmissionProgressed) -> None:
    """Store the number of chunks of a large version that are judged."""
    progress = Progress(
        judged=event.judged, chunks=event.chunks, at=datetime.fromisoformat(event.progressed_at)
    )
    verdicts.update_progress(tx, progress, submission=event.submission, version=event.version)


def apply_reported(tx: Transaction, *, event: SubmissionReported) -> None:
    """Store the time from which the records of a version count."""
    at = datetime.fromisoformat(event.reported_at)
    known = submissions.find_submission(tx, event.submission)
    if known is None or not verdicts.update_reported_at(
        tx, submission=known.id, version=event.version, at=at
    ):
        return
    detail = {"verdict": event.verdict, "since": event.reported_at}
    record_action(tx, known, event.version, actor=SYSTEM, action="submission.reported", detail=detail)


def apply_counted(tx: Transaction, *, event: SubmissionCounted) -> None:
    """Store how many records of a version count, and the submissions that supersede the others.

    If records count again after none did, they count from now.
    """
    # Locked: of two changes at once, the earlier would replace the later.
    known = submissions.lock_submission(tx, event.submission)
    if known is None:
        return
    versions = {each.number: each for each in submissions.list_versions(tx, known.id)}
    version = versions.get(event.version)
    if version is None or (version.counting and version.counting.change >= event.change):
        return
    counting = Counting(
        change=event.change,
        records=event.records,
        counted=event.counted,
        superseded_by=event.superseded_by,
        at=event.counted_at,
    )
    verdicts.update_counting(tx, counting, submission=known.id, version=event.version)
    before = version.counting
    if event.counted and (version.reported_at is None or (before and not before.counted)):
        at = datetime.fromisoformat(event.counted_at)
        verdicts.update_reported_at(tx, submission=known.id, version=event.version, at=at)
    if event.superseded_by:
        detail = {"records": event.records, "counted": event.counted, "by": sorted(event.superseded_by)}
        record_action(tx, known, event.version, actor=SYSTEM, action="submission.superseded", detail=detail)


def _verdict(
    event: SubmissionAccepted | SubmissionReturned | TrialJudged,
    *,
    number: int,
    outcome: Outcome,
    reason: str,
) -> Verdict:
    return Verdict(
        number=number,
        outcome=outcome,
        reason=reason,
        judged_at=datetime.fromisoformat(event.judged_at),
        ruleset=event.ruleset,
        ruleset_hash=event.ruleset_hash,
        counts=event.counts,
        report=event.report,
    )
