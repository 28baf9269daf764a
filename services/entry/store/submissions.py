"""Submissions and their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from services.entry.domain.submissions import Progress, State, Submission, Verdict, Version
from services.entry.store.tables import submissions, verdicts, versions
from shared.database import Transaction


def add_submission(tx: Transaction, submission: Submission) -> None:
    """Keep a new submission."""
    tx.add(
        submissions,
        {
            "id": submission.id,
            "reporter": submission.reporter,
            "partner": submission.partner,
            "pillar": submission.pillar,
            "kind": submission.kind,
            "period": submission.period,
            "version": submission.version,
            "state": submission.state,
            "created_at": submission.created_at,
            "changed_at": submission.changed_at,
        },
    )


def add_version(tx: Transaction, submission: str, version: Version) -> None:
    """Keep a version; its number must be new."""
    tx.add(
        versions,
        {
            "submission": submission,
            "version": version.number,
            "state": version.state,
            "received_at": version.received_at,
            "tlp": version.tlp,
            "body": version.body,
            "records": version.records,
            "reason": version.reason,
            "verdict": 0,
        },
    )


def advance(tx: Transaction, *, submission: str, to_version: int, state: State, now: datetime) -> bool:
    """Make the next version the present one; False when another was quicker."""
    c = submissions.c
    moved = (
        update(submissions)
        .where(c.id == submission, c.version == to_version - 1)
        .values(version=to_version, state=state, changed_at=now)
        .returning(c.id)
    )
    return tx.execute(moved).first() is not None


def find_submission(tx: Transaction, submission: str) -> Submission | None:
    """The submission, if there is one."""
    row = tx.execute(select(submissions).where(submissions.c.id == submission)).first()
    return Submission(*row) if row else None


def list_submissions(
    tx: Transaction,
    *,
    reporter: str | None,
    partner: str | None,
    state: str | None,
    after: str | None,
    limit: int,
) -> list[Submission]:
    """Submissions, the latest first; of one reporter or partner where named. `after` is the last id seen."""
    query = select(submissions).order_by(submissions.c.id.desc()).limit(limit)
    for column, value in (
        (submissions.c.reporter, reporter),
        (submissions.c.partner, partner),
        (submissions.c.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(submissions.c.id < after)
    return [Submission(*row) for row in tx.execute(query)]


def versions_of(tx: Transaction, submission: str) -> list[Version]:
    """All versions, the first first, each with its verdicts."""
    c = verdicts.c
    found = tx.execute(
        select(*(column for column in c if column is not c.submission))
        .where(c.submission == submission)
        .order_by(c.version, c.verdict)
    )
    known: dict[int, list[Verdict]] = {}
    for version, *facts in found:
        known.setdefault(version, []).append(Verdict(*facts))
    rows = tx.execute(
        select(versions).where(versions.c.submission == submission).order_by(versions.c.version)
    )
    return [_version(row, known.get(row.version, [])) for row in rows]


def state_counts(tx: Transaction) -> dict[str, int]:
    """How many submissions stand in each state."""
    rows = tx.execute(select(submissions.c.state, func.count().label("total")).group_by(submissions.c.state))
    return {row.state: row.total for row in rows}


def _version(row: Row[*tuple[Any, ...]], known: list[Verdict]) -> Version:
    is_checked = row.progressed_at is not None
    return Version(
        number=row.version,
        state=row.state,
        received_at=row.received_at,
        tlp=row.tlp,
        body=row.body,
        records=row.records,
        reason=row.reason,
        progress=Progress(row.judged_chunks, row.chunks, row.progressed_at) if is_checked else None,
        verdicts=known,
    )
