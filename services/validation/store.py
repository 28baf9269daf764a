"""Validation's tables: verdicts, how far each submission has come, and the records that may be referred to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, delete, func, not_, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.database import Json, Moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from services.validation.domain.functions import Known
    from shared.database import Transaction

metadata = MetaData(schema="validation")

ID = String(36)
CODE = String(64)
SHA256 = String(64)

# A verdict is never changed: a later one adds a row.
verdicts = Table(
    "verdicts",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("reporter", CODE, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("ruleset", CODE, nullable=False),
    Column("ruleset_hash", SHA256, nullable=False),
    Column("counts", Json, nullable=False),
    Column("outcomes", Json, nullable=False),
    Column("report", SHA256, nullable=False),
    Column("judged_at", Moment, nullable=False),
)

judged_versions = Table(
    "judged_versions",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False),
)

known_records = Table(
    "known_records",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("ref", String(120), primary_key=True),
    Column("reporter", CODE, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_known_records_identity", "kind", "reporter", "period", "ref"),
)

REFS_AT_ONCE = 500
"""A statement holds only so many values."""


@dataclass(frozen=True)
class VerdictRow:
    """A verdict as it is kept; `report` is the sha-256 of the findings report, `counts` findings by severity."""

    submission: str
    version: int
    verdict: int
    reporter: str
    outcome: str
    ruleset: str
    ruleset_hash: str
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    report: str
    judged_at: datetime


def claim_version(tx: Transaction, *, submission: str, version: int, is_withdrawn: bool) -> bool:
    """Note that a submission has come to `version`; False if it had come as far before, or was withdrawn."""
    insert = (postgresql if tx.is_postgresql else sqlite).insert(judged_versions)
    claim = insert.on_conflict_do_update(
        index_elements=["submission"],
        set_={"version": insert.excluded.version, "is_withdrawn": insert.excluded.is_withdrawn},
        where=(judged_versions.c.version < insert.excluded.version) & not_(judged_versions.c.is_withdrawn),
    ).returning(judged_versions.c.submission)
    row = {"submission": submission, "version": version, "is_withdrawn": is_withdrawn}
    return tx.execute(claim, row).first() is not None


def add_verdict(tx: Transaction, row: VerdictRow) -> None:
    """Keep a verdict; `RowExists` if that one was given before."""
    tx.add(verdicts, asdict(row))


def find_verdict(tx: Transaction, submission: str) -> VerdictRow | None:
    """The verdict that stands: the last one on the highest version that was judged."""
    statement = (
        select(verdicts)
        .where(verdicts.c.submission == submission)
        .order_by(verdicts.c.version.desc(), verdicts.c.verdict.desc())
        .limit(1)
    )
    row = tx.execute(statement).mappings().first()
    return None if row is None else VerdictRow(**row)


def replace_known(
    tx: Transaction,
    *,
    submission: str,
    version: int,
    reporter: str,
    kind: str,
    period: str,
    refs: Iterable[str],
) -> None:
    """Make `refs` the records of a submission that may be referred to, in place of those of a former version."""
    forget_known(tx, submission)
    of_all: dict[str, Any] = {
        "submission": submission,
        "version": version,
        "reporter": reporter,
        "kind": kind,
        "period": period,
    }
    tx.add(known_records, *({**of_all, "ref": ref} for ref in refs))


def forget_known(tx: Transaction, submission: str) -> None:
    """A submission's records may no longer be referred to."""
    tx.execute(delete(known_records).where(known_records.c.submission == submission))


def known_among(tx: Transaction, wanted: Collection[Known]) -> set[Known]:
    """Those of the wanted records that are in force."""
    found: set[Known] = set()
    for (kind, reporter, period), group in groupby(sorted(wanted), key=lambda each: each[:3]):
        refs = [ref for *_, ref in group]
        for start in range(0, len(refs), REFS_AT_ONCE):
            statement = select(known_records.c.ref).where(
                known_records.c.kind == kind,
                known_records.c.reporter == reporter,
                known_records.c.period == period,
                known_records.c.ref.in_(refs[start : start + REFS_AT_ONCE]),
            )
            found.update((kind, reporter, period, ref) for ref in tx.execute(statement).scalars())
    return found


def count_verdicts(tx: Transaction) -> dict[str, int]:
    """How many verdicts were given, by outcome."""
    rows = tx.execute(select(verdicts.c.outcome, func.count().label("given")).group_by(verdicts.c.outcome))
    return {row["outcome"]: row["given"] for row in rows.mappings()}
