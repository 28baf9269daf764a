"""Note what others tell: verdicts, how far they are, when mappings are collected."""

from datetime import date, datetime

from services.entry import store
from services.entry.domain.submissions import Progress, Verdict
from services.entry.domain.windows import Window
from shared.database import Transaction
from shared.events import SubmissionAccepted, SubmissionProgressed, SubmissionReturned, WindowSet


def note_verdict(tx: Transaction, *, event: SubmissionAccepted | SubmissionReturned) -> None:
    """Let the sender see what the rules said; a verdict that was overtaken shows only on the way."""
    verdict = Verdict(
        number=event.verdict,
        outcome="accepted" if isinstance(event, SubmissionAccepted) else "returned",
        reason=event.reason,
        judged_at=datetime.fromisoformat(event.judged_at),
        ruleset=event.ruleset,
        ruleset_hash=event.ruleset_hash,
        counts=event.counts,
        report=event.report,
    )
    store.add_verdict(tx, verdict, submission=event.submission, version=event.version)


def note_progress(tx: Transaction, *, event: SubmissionProgressed) -> None:
    """Let the sender see how far the checking of a large version is."""
    progress = Progress(
        judged=event.judged, chunks=event.chunks, at=datetime.fromisoformat(event.progressed_at)
    )
    store.keep_progress(tx, progress, submission=event.submission, version=event.version)


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
