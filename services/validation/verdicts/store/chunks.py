"""Judgings of large submissions: the number of open chunks, and the parts found in the judged ones."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.validation.verdicts.store.tables import chunks, judgings
from shared.database import Transaction


@dataclass(frozen=True)
class Judging:
    """One judging of a version in chunks, for a reason; `open` counts the chunks that are not judged yet.

    `basis` identifies the rules, code lists and engine that judge all chunks.
    """

    judging: str
    submission: str
    version: int
    reason: str
    basis: str
    chunks: int
    open: int
    begun_at: datetime


def insert_judging(tx: Transaction, judging: Judging) -> None:
    """Insert a judging with all chunks open."""
    tx.add(judgings, asdict(judging))


def find_judging(tx: Transaction, judging: str) -> Judging | None:
    """Find a judging that was not cancelled."""
    row = tx.execute(select(judgings).where(judgings.c.judging == judging)).mappings().first()
    return None if row is None else Judging(**row)


def delete_judging(tx: Transaction, judging: str) -> bool:
    """Delete a judging and its chunks. Return False if there is none."""
    tx.execute(delete(chunks).where(chunks.c.judging == judging))
    gone = delete(judgings).where(judgings.c.judging == judging).returning(judgings.c.judging)
    return tx.execute(gone).first() is not None


Counts = Mapping[str, Sequence[int]]
"""The numbers of failed and of errored places in a chunk, by rule."""


def insert_chunk(
    tx: Transaction, *, judging: str, number: int, part: str, judgement: str, counts: Counts
) -> bool:
    """Insert a judged chunk with the sha-256 of its part. Return False if it was judged before."""
    insert = (postgresql if tx.is_postgresql else sqlite).insert(chunks)
    row = {"judging": judging, "number": number, "part": part, "judgement": judgement, "counts": counts}
    inserted = insert.on_conflict_do_nothing().returning(chunks.c.number)
    return tx.execute(inserted, row).first() is not None


def update_open_chunks(tx: Transaction, judging: str) -> int | None:
    """Subtract one from the number of open chunks and return it, None if the judging was cancelled."""
    close = (
        update(judgings)
        .where(judgings.c.judging == judging)
        .values(open=judgings.c.open - 1)
        .returning(judgings.c.open)
    )
    return tx.execute(close).scalar()


def list_parts(tx: Transaction, judging: str) -> list[str]:
    """List the parts of a judging, in the order of the records."""
    found = select(chunks.c.part).where(chunks.c.judging == judging).order_by(chunks.c.number)
    return list(tx.execute(found).scalars())


def list_counts(tx: Transaction, judging: str, *, before: int) -> list[Counts]:
    """List the counts of the preceding chunks that are judged."""
    found = select(chunks.c.counts).where(chunks.c.judging == judging, chunks.c.number < before)
    return list(tx.execute(found).scalars())


def find_same_chunk(tx: Transaction, judgement: str) -> tuple[str, Counts] | None:
    """Find the part of the same records under the same rules, code lists and references, and its counts."""
    same = select(chunks.c.part, chunks.c.counts).where(chunks.c.judgement == judgement).limit(1)
    row = tx.execute(same).first()
    return None if row is None else (row.part, row.counts)
