"""Submissions and their versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from services.entry.submissions.domain.submissions import (
    HandedFile,
    Progress,
    State,
    Submission,
    Verdict,
    Version,
)
from services.entry.submissions.store.tables import submissions, verdicts, versions
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
            "content": submission.content,
            **_unusual(
                reference=submission.reference, is_trial=submission.is_trial, corrects=submission.corrects
            ),
        },
    )


def add_version(tx: Transaction, submission: str, version: Version) -> None:
    """Keep a version; its number must be new."""
    file = version.file
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
            "verdict": 0,
            **_unusual(
                reason=version.reason,
                content=version.content if version.content != version.body else None,
                mode=version.mode if version.mode != "upsert" else None,
                on_error=version.on_error if version.on_error != "return" else None,
                is_late=version.is_late,
                left_out=list(version.left_out),
            ),
            **(_columns_of(file) if file else {}),
        },
    )


def _unusual(**columns: Any) -> dict[str, Any]:
    """Columns that are not as most rows have them: what is usual is not sent, and read as it was meant."""
    return {name: value for name, value in columns.items() if value}


def _columns_of(file: HandedFile) -> dict[str, Any]:
    return {
        "file": file.sha256,
        "media_type": file.media_type,
        "file_name": file.name,
        "size": file.size,
    }


def advance(
    tx: Transaction, *, submission: str, to_version: int, state: State, content: str | None, now: datetime
) -> bool:
    """Make the next version the present one; False when another was quicker."""
    c = submissions.c
    moved = (
        update(submissions)
        .where(c.id == submission, c.version == to_version - 1)
        .values(version=to_version, state=state, content=content, changed_at=now)
        .returning(c.id)
    )
    return tx.execute(moved).first() is not None


def find_same(tx: Transaction, *, reporter: str, content: str, reference: str | None) -> Submission | None:
    """The reporter's submission of that reference, else the one that has that content now."""
    c = submissions.c
    mine = [c.reporter == reporter, c.reference == reference] if reference else []
    for which in (mine, [c.reporter == reporter, c.content == content]):
        row = tx.execute(select(submissions).where(*which)).first() if which else None
        if row:
            return Submission(*row)
    return None


def standing_in(
    tx: Transaction, *, reporter: str, pillar: str, kind: str, period: str, until: datetime | None = None
) -> list[Submission]:
    """The reporter's submissions of a mapping that were not taken back, the first first.

    With `until`, only those whose present version had come by then.
    """
    c, v = submissions.c, versions.c
    query = select(submissions).where(
        c.reporter == reporter,
        c.pillar == pillar,
        c.kind == kind,
        c.period == period,
        c.state != "withdrawn",
        c.is_trial.is_(False),
    )
    if until is not None:
        is_present = (v.submission == c.id) & (v.version == c.version)
        query = query.join(versions, is_present).where(v.received_at <= until)
    return [Submission(*row) for row in tx.execute(query.order_by(c.id))]


def find_submission(tx: Transaction, submission: str) -> Submission | None:
    """The submission, if there is one."""
    row = tx.execute(select(submissions).where(submissions.c.id == submission)).first()
    return Submission(*row) if row else None


@dataclass(frozen=True)
class Wanted:
    """Which submissions are asked for; what is None does not matter."""

    reporter: str | None = None
    partner: str | None = None
    state: str | None = None
    pillar: str | None = None
    kind: str | None = None
    period: str | None = None
    reference: str | None = None
    is_trial: bool | None = None


def list_submissions(tx: Transaction, wanted: Wanted, *, after: str | None, limit: int) -> list[Submission]:
    """Submissions, the latest first. `after` is the last id seen."""
    query = select(submissions).order_by(submissions.c.id.desc()).limit(limit)
    for name, value in vars(wanted).items():
        if value is not None:
            query = query.where(submissions.c[name] == value)
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
        # What was kept before files were taken is named by its canonical body only.
        content=row.content or row.body,
        mode=row.mode or "upsert",
        on_error=row.on_error or "return",
        is_late=row.is_late,
        file=HandedFile(row.file, row.media_type, row.file_name, row.size) if row.file else None,
        read_at=row.read_at,
        refusal=row.refusal,
        left_out=tuple(row.left_out or ()),
        reported_at=row.reported_at,
        progress=Progress(row.judged_chunks, row.chunks, row.progressed_at) if is_checked else None,
        verdicts=known,
    )
