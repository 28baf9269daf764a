"""Note what others tell: verdicts, how far they are, since when records count."""

from datetime import datetime

from services.entry.audit.domain import SYSTEM
from services.entry.audit.operations import note
from services.entry.submissions.domain.submissions import Outcome, Progress, Verdict
from services.entry.submissions.operations.partial_acceptance import accept_rest, withdraw_replaced
from services.entry.submissions.operations.withdrawing import Rest
from services.entry.submissions.store import submissions, verdicts
from shared.blobs import Blobs
from shared.database import Transaction
from shared.events import (
    SubmissionAccepted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
)


def note_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    event: SubmissionAccepted | SubmissionReturned,
    rest: Rest | None = None,
) -> None:
    """Let the sender see what the rules said, and do what follows; a verdict that was overtaken shows only on the way.

    `rest` is what can be accepted of what was returned, where the sender asked for that.
    """
    outcome: Outcome = "accepted" if isinstance(event, SubmissionAccepted) else "returned"
    verdict = _verdict(event, number=event.verdict, outcome=outcome, reason=event.reason)
    mode = verdicts.add_verdict(tx, verdict, submission=event.submission, version=event.version)
    note(
        tx,
        author=SYSTEM,
        action=f"submission.{outcome}",
        reporter=event.reporter,
        partner=event.partner,
        submission=event.submission,
        version=event.version,
        detail={"verdict": event.verdict, "reason": event.reason, "counts": dict(event.counts)},
    )
    if mode == "replace" and isinstance(event, SubmissionAccepted):
        withdraw_replaced(tx, event=event)
    if rest is not None and isinstance(event, SubmissionReturned):
        accept_rest(tx, blobs=blobs, event=event, rest=rest)


def note_trial(tx: Transaction, *, event: TrialJudged) -> None:
    """Let the sender see what the rules would say; a trial is judged once."""
    outcome: Outcome = "accepted" if event.outcome == "accepted" else "returned"
    verdict = _verdict(event, number=1, outcome=outcome, reason="data_changed")
    verdicts.add_verdict(tx, verdict, submission=event.submission, version=event.version)


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


def note_progress(tx: Transaction, *, event: SubmissionProgressed) -> None:
    """Let the sender see how far the checking of a large version is."""
    progress = Progress(
        judged=event.judged, chunks=event.chunks, at=datetime.fromisoformat(event.progressed_at)
    )
    verdicts.keep_progress(tx, progress, submission=event.submission, version=event.version)


def note_reported(tx: Transaction, *, event: SubmissionReported) -> None:
    """Let the sender see since when the records of a version count."""
    at = datetime.fromisoformat(event.reported_at)
    known = submissions.find_submission(tx, event.submission)
    if known is None or not verdicts.keep_reported(tx, submission=known.id, version=event.version, at=at):
        return
    note(
        tx,
        author=SYSTEM,
        action="submission.reported",
        reporter=known.reporter,
        partner=known.partner,
        submission=known.id,
        version=event.version,
        detail={"verdict": event.verdict, "since": event.reported_at},
    )
