"""What becomes of a version: how far its checking is, its verdicts, and since when its records count."""

from datetime import datetime

from sqlalchemy import or_, select, update

from services.entry.submissions.domain.submissions import Mode, Progress, Verdict
from services.entry.submissions.store.tables import submissions, verdicts, versions
from shared.database import Transaction


def add_verdict(tx: Transaction, verdict: Verdict, *, submission: str, version: int) -> Mode | None:
    """Keep a verdict; the version's state, and the submission's where it is the present one, follow the highest.

    Gives the version's mode where this is the highest and the version the present one, else None.
    """
    tx.add(
        verdicts,
        {
            "submission": submission,
            "version": version,
            "verdict": verdict.number,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "judged_at": verdict.judged_at,
            "ruleset": verdict.ruleset,
            "ruleset_hash": verdict.ruleset_hash,
            "counts": dict(verdict.counts),
            "report": verdict.report,
        },
    )
    c = versions.c
    followed = (
        update(versions)
        .where(c.submission == submission, c.version == version, c.verdict < verdict.number)
        .values(
            state=verdict.outcome,
            verdict=verdict.number,
            judged_chunks=None,
            chunks=None,
            progressed_at=None,
        )
        .returning(c.mode)
    )
    row = tx.execute(followed).first()
    if row is None:
        return None
    present = tx.execute(
        update(submissions)
        .where(submissions.c.id == submission, submissions.c.version == version)
        .values(state=verdict.outcome, changed_at=tx.now)
        .returning(submissions.c.id)
    ).first()
    return (row.mode or "upsert") if present else None


def keep_progress(tx: Transaction, progress: Progress, *, submission: str, version: int) -> None:
    """Note how far a checking is, unless it is known to be further, or over."""
    c = versions.c
    is_over = (
        select(verdicts.c.verdict)
        .where(
            verdicts.c.submission == submission,
            verdicts.c.version == version,
            verdicts.c.judged_at >= progress.at,
        )
        .exists()
    )
    tx.execute(
        update(versions)
        .where(
            c.submission == submission,
            c.version == version,
            or_(c.judged_chunks.is_(None), c.judged_chunks < progress.judged),
            ~is_over,
        )
        .values(judged_chunks=progress.judged, chunks=progress.chunks, progressed_at=progress.at)
    )


def keep_reported(tx: Transaction, *, submission: str, version: int, at: datetime) -> bool:
    """Note since when a version's records count; False where it is known that they came to count again later."""
    c = versions.c
    kept = (
        update(versions)
        .where(
            c.submission == submission,
            c.version == version,
            or_(c.reported_at.is_(None), c.reported_at < at),
        )
        .values(reported_at=at)
        .returning(c.version)
    )
    return tx.execute(kept).first() is not None
