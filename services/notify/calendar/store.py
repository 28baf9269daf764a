"""Meetings, collections, obligations and the status of submissions as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    exists,
    false,
    select,
)

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
    Column("is_cancelled", Boolean, nullable=False, server_default=false()),
)

# The three dates follow from the meeting's, except that a move never closes an open window.
collections = Table(
    "collections",
    _METADATA,
    Column("code", _CODE, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("meeting", _CODE, nullable=False),
    *(Column(f"{day}_days_before", Integer, nullable=False) for day in ("opens", "due", "closes")),
    *(Column(f"{day}_on", Date, nullable=False) for day in ("opens", "due", "closes")),
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
_OF_COLLECTION = ("kind", "period", "meeting", "opens_on", "due_on", "closes_on")
"""The fields that an obligation has from its collection."""


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
    row = tx.execute(select(collections).where(collections.c.code == code)).mappings().one_or_none()
    return None if row is None else _collection(row)


def list_collections(tx: Transaction, *, meeting: str | None = None) -> tuple[ScheduledCollection, ...]:
    """Return every collection, or those towards a meeting, by deadline."""
    statement = select(collections).order_by(collections.c.due_on, collections.c.code)
    if meeting is not None:
        statement = statement.where(collections.c.meeting == meeting)
    return tuple(_collection(row) for row in tx.execute(statement).mappings())


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
    status = submission_status.c["standing"]
    its = and_(
        submission_status.c.structure == obligations.c.structure,
        submission_status.c.kind == collections.c.kind,
        submission_status.c.period == collections.c.period,
    )
    is_met = exists().where(its, status.in_(_MEETS))
    is_returned = exists().where(its, status == _RETURNED)
    of_collection = (collections.c[name] for name in _OF_COLLECTION)
    state = (is_met.label("is_met"), is_returned.label("is_returned"))
    statement = (
        select(obligations.c.structure, *of_collection, *state)
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
    """Store the status of a submission, unless one with an equal or a higher (version, verdict) is stored.

    `obligation` is the submission's structure, kind and period.
    """
    row = {"submission": submission, "version": at[0], "verdict": at[1], "standing": status}
    tx.keep_highest(submission_status, row | dict(obligation), by=["version", "verdict"])


def _collection(row: RowMapping) -> ScheduledCollection:
    return ScheduledCollection(
        collection=Collection(**{field.name: row[field.name] for field in fields(Collection)}),
        dates=Dates(**{field.name: row[field.name] for field in fields(Dates)}),
        sequence=row["sequence"],
    )
