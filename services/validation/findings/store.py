"""Tracked findings: table and queries."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

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

from services.validation.findings.domain.finding_lifecycle import TrackedFinding
from shared.database import Json, Transaction, UtcDateTime, inherits_policy, metadata_of

CODE = String(64)
SHA256 = String(64)
WORD = String(24)

_VERDICTS = Table("verdicts", MetaData(schema="validation"))
"""The name of another part's table: a finding is visible with the verdicts on its submission."""

# One row per place that a rule found, as long as the submission exists.
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
    Column("changed_at", UtcDateTime, nullable=False),
    Column("note", Text),
    Column("decided_by", CODE),
    Column("decided_at", UtcDateTime),
    Column("expires_on", Date),
    Index("ix_findings_submission", "submission", "state"),
    Index("ix_findings_rule", "rule", "state"),
    info=inherits_policy(_VERDICTS, submission="submission"),
)

_COLUMNS = [findings.c[field.name] for field in fields(TrackedFinding)]
NAMES_PER_STATEMENT = 500
"""The maximum number of names in one statement."""


def list_by_submission(tx: Transaction, submission: str) -> list[TrackedFinding]:
    """List all findings that were ever tracked on a submission."""
    return _read(tx, findings.c.submission == submission)


def find_finding(tx: Transaction, finding: str) -> TrackedFinding | None:
    """Find a finding by its name."""
    return next(iter(_read(tx, findings.c.finding == finding)), None)


def list_findings(
    tx: Transaction, submission: str, *, state: str | None, after: str | None, limit: int
) -> list[TrackedFinding]:
    """List findings on a submission by name, of one state if it is given, after the last one seen."""
    c = findings.c
    conditions = [c.submission == submission]
    conditions += [c.state == state] if state is not None else []
    conditions += [c.finding > after] if after is not None else []
    return _read(tx, *conditions, limit=limit)


def count_findings(tx: Transaction, *, states: Sequence[str]) -> list[tuple[str, str, int]]:
    """Count the findings of each rule in each of these states: (rule, state, count)."""
    c = findings.c
    counted = select(c.rule, c.state, func.count()).where(c.state.in_(states)).group_by(c.rule, c.state)
    return [(rule, state, count) for rule, state, count in tx.execute(counted)]


def insert_findings(tx: Transaction, new: Iterable[TrackedFinding]) -> None:
    """Insert findings that are tracked from now on."""
    tx.add(findings, *(asdict(each) | {"changed_at": tx.now} for each in new))


def update_found_again(tx: Transaction, names: Sequence[str], *, version: int) -> None:
    """Update findings that a version has again. Fixed ones reopen, or are justified as before; decisions stay."""
    c = findings.c
    was_justified = and_(c.state == "fixed", c.decided_by.is_not(None), c.expires_on.is_(None))
    state = case((was_justified, "justified"), (c.state == "fixed", "open"), else_=c.state)
    _update(tx, names, last_version=version, state=state)


def update_reworded(tx: Transaction, reworded: Iterable[TrackedFinding]) -> None:
    """Update the severity and message of findings whose rule changed them."""
    for each in reworded:
        _update(tx, [each.finding], severity=each.severity, message=each.message)


def update_fixed(tx: Transaction, names: Sequence[str]) -> None:
    """Mark findings as fixed."""
    _update(tx, names, state="fixed")


def update_decision(tx: Transaction, found: TrackedFinding) -> None:
    """Update a finding with its justification or waiver."""
    decision = {name: getattr(found, name) for name in ("state", "note", "decided_by", "expires_on")}
    tx.execute(
        update(findings)
        .where(findings.c.finding == found.finding)
        .values(**decision, decided_at=tx.now, changed_at=tx.now)
    )


def update_expired_waivers(tx: Transaction, *, on: date) -> set[str]:
    """Reopen the findings whose waiver ended before a day. Return their submissions."""
    ended = (
        update(findings)
        .where(findings.c.state == "waived", findings.c.expires_on < on)
        .values(state="open", changed_at=tx.now)
        .returning(findings.c.submission)
    )
    return set(tx.execute(ended).scalars())


def _update(tx: Transaction, names: Sequence[str], **values: Any) -> None:
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        some = findings.c.finding.in_(names[start : start + NAMES_PER_STATEMENT])
        tx.execute(update(findings).where(some).values(**values, changed_at=tx.now))


def _read(tx: Transaction, *conditions: Any, limit: int | None = None) -> list[TrackedFinding]:
    statement = select(*_COLUMNS).where(*conditions).order_by(findings.c.finding).limit(limit)
    return [TrackedFinding(**row) for row in tx.execute(statement).mappings()]
