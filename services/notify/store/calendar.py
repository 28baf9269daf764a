"""Meetings, collections and obligations as rows."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, and_, exists, select, update

from services.notify.domain.calendar import Collection, Dates, Meeting, Obligation
from services.notify.store.tables import collections, meetings, obligations, standings
from shared.database import Transaction

MEETS = ("received", "accepted")
"""Standings of a submission that meet an obligation."""

RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class SetCollection:
    """A collection with the dates that were last told, and the number of times that they were."""

    collection: Collection
    dates: Dates
    sequence: int


class MeetingIsUnknown(Exception):
    """No meeting bears this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"There is no meeting {code!r}.")


def find_meeting(tx: Transaction, code: str) -> Meeting | None:
    """The meeting, or None."""
    row = tx.execute(select(meetings).where(meetings.c.code == code)).mappings().one_or_none()
    return None if row is None else Meeting(**row)


def get_meeting(tx: Transaction, code: str) -> Meeting:
    """The meeting; raises `MeetingIsUnknown`."""
    meeting = find_meeting(tx, code)
    if meeting is None:
        raise MeetingIsUnknown(code)
    return meeting


def all_meetings(tx: Transaction) -> dict[str, Meeting]:
    """Every meeting by its code, the earliest first."""
    rows = tx.execute(select(meetings).order_by(meetings.c.held_on, meetings.c.code))
    return {row["code"]: Meeting(**row) for row in rows.mappings()}


def keep_meeting(tx: Transaction, meeting: Meeting) -> None:
    """Write a new or changed meeting."""
    tx.upsert(meetings, asdict(meeting), key=["code"])


def find_collection(tx: Transaction, code: str) -> SetCollection | None:
    """The collection with its dates, or None."""
    row = tx.execute(select(collections).where(collections.c.code == code)).one_or_none()
    return None if row is None else _collection(row)


def all_collections(tx: Transaction) -> tuple[SetCollection, ...]:
    """Every collection, by deadline."""
    rows = tx.execute(select(collections).order_by(collections.c.due_on, collections.c.code))
    return tuple(_collection(row) for row in rows)


def keep_collection(tx: Transaction, kept: SetCollection) -> None:
    """Write a new or changed collection."""
    row = {"code": kept.collection.code} | asdict(kept.collection) | asdict(kept.dates)
    tx.upsert(collections, row | {"sequence": kept.sequence}, key=["code"])


def add_obligations(tx: Transaction, collection: str, owed: Iterable[Obligation]) -> None:
    """Write what the structures owe; what they owe already stays."""
    rows = [{"code": each.code, "structure": each.structure, "collection": collection} for each in owed]
    tx.add(obligations, *rows, ignore_existing=True)


def all_obligations(
    tx: Transaction, *, meeting: str | None = None, structures: Iterable[str] | None = None
) -> tuple[Obligation, ...]:
    """What is owed, with the dates that hold now; of one meeting or these structures, where given."""
    its = and_(
        standings.c.structure == obligations.c.structure,
        standings.c.kind == collections.c.kind,
        standings.c.period == collections.c.period,
    )
    is_met = exists().where(its, standings.c.standing.in_(MEETS))
    is_returned = exists().where(its, standings.c.standing == RETURNED)
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


def keep_standing(
    tx: Transaction, *, submission: str, at: tuple[int, int], standing: str, owed: dict[str, str]
) -> None:
    """Note how a submission stands, unless something later, by (version, verdict), is noted already.

    `owed` is its structure, kind and period.
    """
    version, verdict = at
    first: dict[str, Any] = {"submission": submission, "version": 0, "verdict": 0, "standing": "unknown"}
    tx.add(standings, first | owed, ignore_existing=True)
    is_earlier = (standings.c.version < version) | (
        (standings.c.version == version) & (standings.c.verdict < verdict)
    )
    tx.execute(
        update(standings)
        .where(standings.c.submission == submission, is_earlier)
        .values(version=version, verdict=verdict, standing=standing, **owed)
    )


def _collection(row: Row[Any]) -> SetCollection:
    return SetCollection(
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
