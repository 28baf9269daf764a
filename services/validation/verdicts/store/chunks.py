"""Judgings of large submissions: how many chunks are open, and what was found in those that are judged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.validation.verdicts.store.tables import chunks, judgings

if TYPE_CHECKING:
    from datetime import datetime

    from shared.database import Transaction


@dataclass(frozen=True)
class Judging:
    """One run over a version, for a reason; `open` counts the chunks that are not judged yet.

    `basis` names what all chunks are judged by: rules, code lists and engine.
    """

    judging: str
    submission: str
    version: int
    reason: str
    basis: str
    chunks: int
    open: int
    begun_at: datetime


def begin_judging(tx: Transaction, judging: Judging) -> None:
    """Keep a judging whose chunks are all to be judged."""
    tx.add(judgings, asdict(judging))


def find_judging(tx: Transaction, judging: str) -> Judging | None:
    """A judging, unless it was given up."""
    row = tx.execute(select(judgings).where(judgings.c.judging == judging)).mappings().first()
    return None if row is None else Judging(**row)


def give_up_judging(tx: Transaction, judging: str) -> bool:
    """Forget a judging and its chunks; False if somebody else did."""
    tx.execute(delete(chunks).where(chunks.c.judging == judging))
    gone = delete(judgings).where(judgings.c.judging == judging).returning(judgings.c.judging)
    return tx.execute(gone).first() is not None


def keep_chunk(tx: Transaction, *, judging: str, number: int, part: str, judgement: str) -> bool:
    """Keep what was found in a chunk (the sha-256 of its part); False if it was kept before."""
    insert = (postgresql if tx.is_postgresql else sqlite).insert(chunks)
    row = {"judging": judging, "number": number, "part": part, "judgement": judgement}
    kept = insert.on_conflict_do_nothing().returning(chunks.c.number)
    return tx.execute(kept, row).first() is not None


def close_chunk(tx: Transaction, judging: str) -> int | None:
    """One chunk less is open; how many still are, None if the judging was given up."""
    close = (
        update(judgings)
        .where(judgings.c.judging == judging)
        .values(open=judgings.c.open - 1)
        .returning(judgings.c.open)
    )
    return tx.execute(close).scalar()


def parts_of(tx: Transaction, judging: str) -> list[str]:
    """The parts that were found, in the order of the records."""
    found = select(chunks.c.part).where(chunks.c.judging == judging).order_by(chunks.c.number)
    return list(tx.execute(found).scalars())


def find_same_chunk(tx: Transaction, judgement: str) -> str | None:
    """The part that was found in the same records under the same rules, code lists and references."""
    same = select(chunks.c.part).where(chunks.c.judgement == judgement).limit(1)
    return tx.execute(same).scalar()
