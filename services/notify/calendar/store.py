"""Meetings, collections, obligations and the status of submissions as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Row, String, Table, Text, and_, exists, select, update

from services.notify.calendar.domain import Collection, Dates, Meeting, MeetingIsUnknown, ScheduledCollection
from services.notify.reminders.domain.obligations import Obligation
from shared.database import Transaction, metadata_of

_METADATA = metadata_of("notify")
_CODE = String(64)

meetings = Table(
    "meetings",
    _METADATA,
    Column("code", _CODE, primary_key=True),
    Column("body", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

# The three dates follow from the meeting's. They are stored to detect a change.
collections = Table(
    "collections",
    _METADATA,
    Column("code", _CODE, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("meeting", _CODE, nullable=False),
    Column("opens_days_before", Integer, nullable=False),
    Column("due_days_before", Integer, nullable=False),
    Column("closes_days_before", Integer, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

obligations = Table(
    "obligations",
    _METADATA,
    Column("code", _CODE, primary_key=True),
    Column("structure", _CODE, nullable=False),
    Column("collection", _CODE, nullable=False),
)

# The status at the highest (version, verdict) of each submission.
submission_status = Table(
    "submission_standings",
    _METADATA,
    Column("submission", String(36), primary_key=True),
    Column("structure", _CODE, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("standing", String(16), nullable=False),
    Index("ix_submission_standings_owed", "structure", "kind", "period"),
)

_MEETS = ("received", "accepted")
"""The statuses of a submission that meet an obligation."""
_RETURNED = "returned"


def find_meeting(tx: Transaction, code: str) -> Meeting | None:
    """Return the meeting, or None."""
    row = tx.execute(select(meetings).where(meetings.c.code == code)).mappings().one_or_none()
    return None if row is None else Meeting(**row)


def get_meeting(tx: Transaction, code: str) -> Meeting:
    """Return the meeting; raise `MeetingIsUnknown`."""
    meeting = find_meeting(tx, code)
    if meeting is None:
        raise MeetingIsUnknown(code)
    return meeting


def list_meetings(tx: Transaction) -> dict[str, Meeting]:
    """Return every meeting by its code, the earliest first."""
    rows = tx.execute(select(meetings).order_by(meetings.c.held_on, meetings.c.code))
    return {row["code"]: Meeting(**row) for row in rows.mappings()}


def upsert_meeting(tx: Transaction, meeting: Meeting) -> None:
    """Insert or update a meeting."""
    tx.upsert(meetings, asdict(meeting), key=["code"])


def find_collection(tx: Transaction, code: str) -> ScheduledCollection | None:
    """Return the collection, or None."""
    row = tx.execute(select(collections).where(collections.c.code == code)).one_or_none()
    return None if row is None else _collection(row)


def list_collections(tx: Transaction, *, meeting: str | None = None) -> tuple[ScheduledCollection, ...]:
    """Return every collection, or those towards a meeting, by deadline."""
    statement = select(collections).order_by(collections.c.due_on, collections.c.code)
    if meeting is not None:
        statement = statement.where(collections.c.meeting == meeting)
    return tuple(_collection(row) for row in tx.execute(statement))


def upsert_collection(tx: Transaction, scheduled: ScheduledCollection) -> None:
    """Insert or update a collection."""
    row = {"code": scheduled.collection.code} | asdict(scheduled.collection) | asdict(scheduled.dates)
    tx.upsert(collections, row | {"sequence": scheduled.sequence}, key=["code"])


def insert_obligations(tx: Transaction, collection: str, owed: Iterable[Obligation]) -> None:
    """Insert the obligations of a collection. Those that exist stay unchanged."""
    rows = [{"code": each.code, "structure": each.structure, "collection": collection} for each in owed]
    tx.add(obligations, *rows, ignore_existing=True)


def list_obligations(
    tx: Transaction, *, meeting: str | None = None, structures: Iterable[str] | None = None
) -> tuple[Obligation, ...]:
    """Return the obligations with their current dates; those of a meeting or of some structures if given."""
    its = and_(
        submission_status.c.structure == obligations.c.structure,
        submission_status.c.kind == collections.c.kind,
        submission_status.c.period == collections.c.period,
    )
    is_met = exists().where(its, submission_status.c.standing.in_(_MEETS))
    is_returned = exists().where(its, submission_status.c.standing == _RETURNED)
    statement = (
        select(
            obligations.c.structure,
            collections.c.kind,
            collections.c.period,
            collections.c.meeting,
            collections.c.opens_on,
            collections.c.due_on,
            collections.c.closes_on,
            is_met.label("is_met"),
            is_returned.label("is_returned"),
        )
        .join(collections, collections.c.code == obligations.c.collection)
        .order_by(collections.c.due_on, obligations.c.code)
    )
    if meeting is not None:
        statement = statement.where(collections.c.meeting == meeting)
    if structures is not None:
        statement = statement.where(obligations.c.structure.in_(list(structures)))
    return tuple(
        Obligation(**(dict(row) | {name: bool(row[name]) for name in ("is_met", "is_returned")}))
        for row in tx.execute(statement).mappings()
    )


def upsert_submission_status(
    tx: Transaction, *, submission: str, at: tuple[int, int], status: str, obligation: Mapping[str, str]
) -> None:
    """Store the status of a submission, unless one with the same or a higher (version, verdict) is stored.

    `obligation` is the submission's structure, kind and period.
    """
    version, verdict = at
    first: dict[str, Any] = {"submission": submission, "version": 0, "verdict": 0, "standing": "unknown"}
    tx.add(submission_status, first | dict(obligation), ignore_existing=True)
    is_earlier = (submission_status.c.version < version) | (
        (submission_status.c.version == version) & (submission_status.c.verdict < verdict)
    )
    tx.execute(
        update(submission_status)
        .where(submission_status.c.submission == submission, is_earlier)
        .values(version=version, verdict=verdict, standing=status, **obligation)
    )


def _collection(row: Row[Any]) -> ScheduledCollection:
    return ScheduledCollection(
        collection=Collection(
            kind=row.kind,
            period=row.period,
            meeting=row.meeting,
            opens_days_before=row.opens_days_before,
            due_days_before=row.due_days_before,
            closes_days_before=row.closes_days_before,
        ),
        dates=Dates(opens_on=row.opens_on, due_on=row.due_on, closes_on=row.closes_on),
        sequence=row.sequence,
    )
