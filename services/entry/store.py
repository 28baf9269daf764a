"""entry's tables and queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Date, Index, Integer, MetaData, String, Table, Text, and_, func, select, update

from services.entry.domain import State, Submission, Version, Window
from shared.database import Json, Moment, Transaction

metadata = MetaData(schema="entry")

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("partner", String(2)),
    Column("pillar", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("submissions_of_reporter", "reporter", "id"),
)

versions = Table(
    "submission_versions",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("tlp", String(20)),
    Column("body", String(64)),
    Column("records", Integer, nullable=False),
    Column("reason", Text),
    Column("verdict", Integer, nullable=False),
    Column("judged_at", Moment),
    Column("ruleset", String(200)),
    Column("ruleset_hash", String(64)),
    Column("counts", Json),
    Column("report", String(64)),
)

windows = Table(
    "windows",
    metadata,
    Column("window", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)


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
            "verdict": version.verdict,
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
    """All versions, the first first."""
    c = versions.c
    rows = tx.execute(
        select(*(column for column in c if column is not c.submission))
        .where(c.submission == submission)
        .order_by(c.version)
    )
    return [Version(*row) for row in rows]


def keep_verdict(tx: Transaction, *, submission: str, version: Version) -> bool:
    """Note a verdict on a version unless a later one is known; the present state follows the present version."""
    c = versions.c
    noted = (
        update(versions)
        .where(c.submission == submission, c.version == version.number, c.verdict < version.verdict)
        .values(
            state=version.state,
            verdict=version.verdict,
            judged_at=version.judged_at,
            ruleset=version.ruleset,
            ruleset_hash=version.ruleset_hash,
            counts=version.counts,
            report=version.report,
        )
        .returning(c.version)
    )
    if tx.execute(noted).first() is None:
        return False
    tx.execute(
        update(submissions)
        .where(and_(submissions.c.id == submission, submissions.c.version == version.number))
        .values(state=version.state, changed_at=tx.now)
    )
    return True


def keep_window(tx: Transaction, window: Window) -> bool:
    """Note a window unless a later word on it is known."""
    known = tx.execute(select(windows.c.sequence).where(windows.c.window == window.code)).scalar()
    if known is not None and known >= window.sequence:
        return False
    tx.upsert(
        windows,
        {
            "window": window.code,
            "kind": window.kind,
            "period": window.period,
            "opens_on": window.opens_on,
            "closes_on": window.closes_on,
            "sequence": window.sequence,
        },
        key=["window"],
    )
    return True


def all_windows(tx: Transaction) -> Sequence[Window]:
    """Every window that was ever set; there are a few for each period."""
    return [Window(*row) for row in tx.execute(select(windows))]


def state_counts(tx: Transaction) -> dict[str, int]:
    """How many submissions stand in each state."""
    rows = tx.execute(select(submissions.c.state, func.count().label("total")).group_by(submissions.c.state))
    return {row.state: row.total for row in rows}
