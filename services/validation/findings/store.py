"""Findings that are followed: table and queries."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    case,
    func,
    select,
    update,
)

from services.validation.findings.domain.finding_lifecycle import Followed
from shared.database import Json, Moment, metadata_of, seen_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from shared.database import Transaction

CODE = String(64)
SHA256 = String(64)
WORD = String(24)
_VERDICTS = Table("verdicts", MetaData(schema="validation"))
"""Another part's table, by its name: a finding is visible to those who may see a verdict on its submission."""

# One row per place that a rule was not content with, as long as the submission lives.
findings = Table(
    "findings",
    metadata_of("validation"),
    Column("finding", SHA256, primary_key=True),
    Column("submission", String(36), nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("rule", WORD, nullable=False),
    Column("severity", WORD, nullable=False),
    Column("ref", Text),
    Column("place", Text, nullable=False),
    Column("value", Json),
    Column("message", Text, nullable=False),
    Column("state", WORD, nullable=False),
    Column("first_version", Integer, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("note", Text),
    Column("decided_by", CODE),
    Column("decided_at", Moment),
    Column("expires_on", Date),
    Index("ix_findings_submission", "submission", "state"),
    Index("ix_findings_rule", "rule", "state"),
    info=seen_with(_VERDICTS, submission="submission"),
)

_COLUMNS = [findings.c[field.name] for field in fields(Followed)]
NAMES_AT_ONCE = 500
"""A statement holds only so many values."""


def findings_of(tx: Transaction, submission: str) -> list[Followed]:
    """All findings that were ever followed on a submission."""
    return _followed(tx, findings.c.submission == submission)


def find_finding(tx: Transaction, finding: str) -> Followed | None:
    """The finding, if there is one."""
    return next(iter(_followed(tx, findings.c.finding == finding)), None)


def list_findings(
    tx: Transaction, submission: str, *, state: str | None, after: str | None, limit: int
) -> list[Followed]:
    """Findings on a submission in the order of their names; of one state where it is given, `after` the last seen."""
    c = findings.c
    conditions = [c.submission == submission]
    conditions += [c.state == state] if state is not None else []
    conditions += [c.finding > after] if after is not None else []
    return _followed(tx, *conditions, limit=limit)


def add_findings(tx: Transaction, new: Iterable[Followed]) -> None:
    """Follow findings from now on."""
    tx.add(findings, *(asdict(each) | {"changed_at": tx.now} for each in new))


def note_standing(tx: Transaction, names: Sequence[str], *, version: int) -> None:
    """These were found again: what was fixed is open again, or justified if it was; what was decided stays."""
    c = findings.c
    was_justified = and_(c.state == "fixed", c.decided_by.is_not(None), c.expires_on.is_(None))
    state = case((was_justified, "justified"), (c.state == "fixed", "open"), else_=c.state)
    _note(tx, names, last_version=version, state=state)


def note_retold(tx: Transaction, retold: Iterable[Followed]) -> None:
    """Their rule says otherwise of them now."""
    for each in retold:
        _note(tx, [each.finding], severity=each.severity, message=each.message)


def note_fixed(tx: Transaction, names: Sequence[str]) -> None:
    """These are found no more."""
    _note(tx, names, state="fixed")


def _note(tx: Transaction, names: Sequence[str], **values: Any) -> None:
    for start in range(0, len(names), NAMES_AT_ONCE):
        some = findings.c.finding.in_(names[start : start + NAMES_AT_ONCE])
        tx.execute(update(findings).where(some).values(**values, changed_at=tx.now))


def note_decision(tx: Transaction, found: Followed) -> None:
    """Note that somebody said why a finding may stand."""
    decision = {name: getattr(found, name) for name in ("state", "note", "decided_by", "expires_on")}
    tx.execute(
        update(findings)
        .where(findings.c.finding == found.finding)
        .values(**decision, decided_at=tx.now, changed_at=tx.now)
    )


def end_waivers(tx: Transaction, *, on: date) -> set[str]:
    """Open again what was waived until before that day; the submissions that this concerns."""
    ended = (
        update(findings)
        .where(findings.c.state == "waived", findings.c.expires_on < on)
        .values(state="open", changed_at=tx.now)
        .returning(findings.c.submission)
    )
    return set(tx.execute(ended).scalars())


def _followed(tx: Transaction, *conditions: Any, limit: int | None = None) -> list[Followed]:
    statement = select(*_COLUMNS).where(*conditions).order_by(findings.c.finding).limit(limit)
    return [Followed(**row) for row in tx.execute(statement).mappings()]


def count_findings(tx: Transaction, *, states: Sequence[str]) -> list[tuple[str, str, int]]:
    """How many findings of each rule are in each of these states: (rule, state, count)."""
    c = findings.c
    counted = select(c.rule, c.state, func.count()).where(c.state.in_(states)).group_by(c.rule, c.state)
    return [(rule, state, count) for rule, state, count in tx.execute(counted)]
