"""Queries of a version's verdicts, the progress of its judgement, and the time from which its records count."""

from datetime import datetime

from sqlalchemy import or_, select, update

from services.entry.submissions.domain.counting import Counting
from services.entry.submissions.domain.submissions import Mode
from services.entry.submissions.domain.verdicts import Progress, Verdict
from services.entry.submissions.store.tables import submissions, verdicts, versions
from shared.database import Transaction


def insert_verdict(tx: Transaction, verdict: Verdict, *, submission: str, version: int) -> Mode | None:
    """Insert a verdict. The states of the version, and of the submission if the version is current, follow the highest.

    Return the version's mode if the verdict is the highest and the version is current, else None.
    """
    facts = vars(verdict) | {"counts": dict(verdict.counts)}
    number = facts.pop("number")
    tx.add(verdicts, {"submission": submission, "version": version, "verdict": number, **facts})
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
    current = tx.execute(
        update(submissions)
        .where(submissions.c.id == submission, submissions.c.version == version)
        .values(state=verdict.outcome, changed_at=tx.now)
        .returning(submissions.c.id)
    ).first()
    return (row.mode or "upsert") if current else None


def update_progress(tx: Transaction, progress: Progress, *, submission: str, version: int) -> None:
    """Update the progress of a judgement, unless it is known to be further on, or finished."""
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


def update_counting(tx: Transaction, counting: Counting, *, submission: str, version: int) -> None:
    """Update how many records of a version count."""
    c = versions.c
    values = vars(counting) | {"superseded_by": dict(counting.superseded_by)}
    tx.execute(
        update(versions).where(c.submission == submission, c.version == version).values(counting=values)
    )


def update_reported_at(tx: Transaction, *, submission: str, version: int, at: datetime) -> bool:
    """Update the time from which a version's records count. Return False if a later time is stored."""
    c = versions.c
    updated = (
        update(versions)
        .where(
            c.submission == submission,
            c.version == version,
            or_(c.reported_at.is_(None), c.reported_at < at),
        )
        .values(reported_at=at)
        .returning(c.version)
    )
    return tx.execute(updated).first() is not None
