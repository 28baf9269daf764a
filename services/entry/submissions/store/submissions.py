"""Queries of submissions and their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, or_, select, update

from services.entry.submissions.domain.counting import Counting, WorkbookUse
from services.entry.submissions.domain.submissions import (
    State,
    Submission,
    SubmissionFilter,
    UploadedFile,
    Version,
)
from services.entry.submissions.domain.verdicts import Progress, Verdict
from services.entry.submissions.store.tables import submissions, verdicts, versions
from shared.database import Transaction


def insert_submission(tx: Transaction, submission: Submission) -> None:
    """Insert a submission."""
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
            **_non_defaults(
                reference=submission.reference, is_trial=submission.is_trial, corrects=submission.corrects
            ),
        },
    )


def insert_version(tx: Transaction, submission: str, version: Version) -> None:
    """Insert a version; its number must be new."""
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
            **_non_defaults(
                reason=version.reason,
                content=version.content if version.content != version.body else None,
                mode=version.mode if version.mode != "upsert" else None,
                on_error=version.on_error if version.on_error != "return" else None,
                is_late=version.is_late,
                left_out=list(version.left_out),
                reading=version.reading,
                workbook=vars(version.workbook) if version.workbook else None,
            ),
            **(_columns_of(file) if file else {}),
        },
    )


def _non_defaults(**columns: Any) -> dict[str, Any]:
    """Return the columns whose values differ from the defaults: defaults are not sent, and are restored on reading."""
    return {name: value for name, value in columns.items() if value}


def _columns_of(file: UploadedFile) -> dict[str, Any]:
    return {
        "file": file.sha256,
        "media_type": file.media_type,
        "file_name": file.name,
        "size": file.size,
    }


def update_current_version(
    tx: Transaction,
    *,
    submission: str,
    from_version: int,
    to_version: int,
    state: State,
    content: str | None,
    now: datetime,
) -> bool:
    """Make the next version current. Return False if `from_version` is no longer current."""
    c = submissions.c
    moved = (
        update(submissions)
        .where(c.id == submission, c.version == from_version)
        .values(version=to_version, state=state, content=content, changed_at=now)
        .returning(c.id)
    )
    return tx.execute(moved).first() is not None


def update_read(tx: Transaction, read: Version, *, submission: str) -> bool:
    """Store the body of a read file and its account. Return False if the file was read before."""
    return _update_unread(
        tx, submission, read.number, body=read.body, records=read.records, reading=read.reading
    )


def update_refused(tx: Transaction, *, submission: str, version: int, refusal: dict[str, Any]) -> bool:
    """Return a version whose file could not be read, and its submission if the version is current.

    The name of an erased file is deleted too. Return False if the file was read before.
    """
    name = {"file_name": None} if refusal.get("erased") else {}
    if not _update_unread(tx, submission, version, state="returned", refusal=refusal, **name):
        return False
    s = submissions.c
    tx.execute(
        update(submissions)
        .where(s.id == submission, s.version == version)
        .values(state="returned", changed_at=tx.now)
    )
    return True


def find_by_reference(tx: Transaction, *, reporter: str, reference: str) -> Submission | None:
    """Return the reporter's submission with the reference; None without one."""
    c = submissions.c
    mine = select(submissions).where(c.reporter == reporter, c.reference == reference)
    row = tx.execute(mine).first()
    return Submission(*row) if row else None


def list_active(
    tx: Transaction, *, reporter: str, pillar: str, kind: str, period: str, until: datetime | None = None
) -> list[Submission]:
    """List the reporter's submissions of a mapping that are not withdrawn, the oldest first.

    With `until`, list only those whose current version was received by then.
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
        is_current = (v.submission == c.id) & (v.version == c.version)
        query = query.join(versions, is_current).where(v.received_at <= until)
    return [Submission(*row) for row in tx.execute(query.order_by(c.id))]


def find_submission(tx: Transaction, submission: str) -> Submission | None:
    """Return the submission; None if it does not exist."""
    row = tx.execute(select(submissions).where(submissions.c.id == submission)).first()
    return Submission(*row) if row else None


def lock_submission(tx: Transaction, submission: str) -> Submission | None:
    """Return the submission, and let other changes of it wait; None if it does not exist."""
    own = select(submissions).where(submissions.c.id == submission)
    row = tx.execute(own.with_for_update()).first()
    return Submission(*row) if row else None


def list_submissions(
    tx: Transaction, filters: SubmissionFilter, *, after: str | None, limit: int
) -> list[Submission]:
    """List submissions, the latest first; `after` is the last id seen."""
    query = select(submissions).order_by(submissions.c.id.desc()).limit(limit)
    for name, value in vars(filters).items():
        if value is not None:
            query = query.where(submissions.c[name] == value)
    if after is not None:
        query = query.where(submissions.c.id < after)
    return [Submission(*row) for row in tx.execute(query)]


def list_versions(tx: Transaction, submission: str) -> list[Version]:
    """List all versions, the oldest first, each with its verdicts.

    Only the latest version with a body, and later ones, have the account of their file, which may be long; see
    `list_accounts`.
    """
    c = verdicts.c
    found = tx.execute(
        select(*(column for column in c if column is not c.submission))
        .where(c.submission == submission)
        .order_by(c.version, c.verdict)
    )
    known: dict[int, list[Verdict]] = {}
    for version, *facts in found:
        known.setdefault(version, []).append(Verdict(*facts))
    v = versions.c
    current = select(func.max(v.version)).where(v.submission == submission, v.body.is_not(None))
    reading = case((v.version >= func.coalesce(current.scalar_subquery(), 0), v.reading)).label("reading")
    rows = tx.execute(
        select(*(column for column in v if column is not v.reading), reading)
        .where(v.submission == submission)
        .order_by(v.version)
    )
    return [_version(row, known.get(row.version, [])) for row in rows]


def list_versions_of_file(tx: Transaction, sha256: str) -> dict[tuple[str, int], bool]:
    """Map the versions that have a file with these bytes, by submission and number, to whether it was refused."""
    c = versions.c
    rows = tx.execute(select(c.submission, c.version, c.refusal).where(c.file == sha256))
    return {(submission, version): refusal is not None for submission, version, refusal in rows}


def exists_blob(tx: Transaction, sha256: str) -> bool:
    """Return whether a version has these bytes as its file or as its body: the export of a body may be sent as a file."""
    c = versions.c
    named = select(c.version).where(or_(c.file == sha256, c.body == sha256)).limit(1)
    return tx.execute(named).first() is not None


def list_accounts(tx: Transaction, submission: str) -> dict[int, Any]:
    """Return the accounts of all files of a submission by version."""
    v = versions.c
    found = select(v.version, v.reading).where(v.submission == submission, v.reading.is_not(None))
    return {row.version: row.reading for row in tx.execute(found)}


def count_by_state(tx: Transaction) -> dict[str, int]:
    """Count the submissions in each state."""
    rows = tx.execute(select(submissions.c.state, func.count().label("total")).group_by(submissions.c.state))
    return {row.state: row.total for row in rows}


def _update_unread(tx: Transaction, submission: str, version: int, **values: Any) -> bool:
    c = versions.c
    unread = (c.submission == submission, c.version == version, c.read_at.is_(None))
    updated = update(versions).where(*unread).values(**values, read_at=tx.now).returning(c.version)
    return tx.execute(updated).first() is not None


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
        # Versions stored before files were accepted have only a canonical body.
        content=row.content or row.body,
        mode=row.mode or "upsert",
        on_error=row.on_error or "return",
        is_late=row.is_late,
        file=UploadedFile(row.file, row.media_type, row.file_name, row.size) if row.file else None,
        read_at=row.read_at,
        refusal=row.refusal,
        left_out=tuple(row.left_out or ()),
        reported_at=row.reported_at,
        reading=row.reading,
        workbook=row.workbook and WorkbookUse(**row.workbook),
        counting=row.counting and Counting(**row.counting),
        progress=Progress(row.judged_chunks, row.chunks, row.progressed_at) if is_checked else None,
        verdicts=known,
    )
