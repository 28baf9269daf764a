"""The log of verdicts, and the current outcome of each submission."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from services.reporting.figures.domain.outcomes import ACCEPTED, Outcome
from services.reporting.figures.store.tables import accepted_log, outcomes
from shared.database import Transaction
from shared.events import Event, read_event

_outcome = tuple(outcomes.c[field.name] for field in fields(Outcome))
_outcome_by_id = select(*_outcome).where(outcomes.c.submission == bindparam("submission"))


def insert_verdict(tx: Transaction, outcome: Outcome, *, event: Event, now: datetime) -> None:
    """Append a verdict or a withdrawal to the log; an entry that exists stays as it is."""
    row = {
        "submission": outcome.submission,
        "version": outcome.version,
        "verdict": outcome.verdict,
        "outcome": outcome.outcome,
        "event": event.name,
        "payload": event.payload(),
        "noted_at": now,
    }
    tx.add(accepted_log, row, ignore_existing=True)


def list_judged_submissions(tx: Transaction) -> list[str]:
    """List every submission that was ever judged or withdrawn, oldest first."""
    column = accepted_log.c.submission
    return list(tx.execute(select(column).distinct().order_by(column)).scalars())


def list_verdicts(tx: Transaction, submissions: Sequence[str]) -> list[Event]:
    """List the logged verdicts on these submissions, as events of the current version."""
    statement = select(accepted_log.c.event, accepted_log.c.payload)
    chosen = statement.where(accepted_log.c.submission.in_(submissions))
    return [read_event(row.event, row.payload) for row in tx.execute(chosen)]


def find_outcome(tx: Transaction, submission: str) -> Outcome | None:
    """Return the submission's current outcome, or None before any verdict."""
    row = tx.execute(_outcome_by_id, {"submission": submission}).one_or_none()
    return _outcome_of(row) if row else None


def list_outcomes(tx: Transaction, *, periods: Collection[str]) -> list[Outcome]:
    """List the current outcomes of the submissions of these periods."""
    chosen = outcomes.c.period.in_(sorted(periods))
    return [_outcome_of(row) for row in tx.execute(select(*_outcome).where(chosen))]


def list_accepted_reporters(tx: Transaction, *, kind: str, periods: Collection[str]) -> set[str]:
    """Return the reporters with an accepted submission of this kind, in these periods if any are given."""
    at = outcomes.c
    statement = select(at.reporter).distinct().where(at.kind == kind, at.outcome == ACCEPTED)
    if periods:
        statement = statement.where(at.period.in_(sorted(periods)))
    return set(tx.execute(statement).scalars())


def insert_outcome(tx: Transaction, outcome: Outcome, *, now: datetime) -> None:
    """Insert a submission's first outcome. The caller holds the lock."""
    tx.add(outcomes, {**asdict(outcome), "noted_at": now})


def upsert_outcome(tx: Transaction, outcome: Outcome, *, now: datetime) -> None:
    """Replace a submission's outcome. The caller holds the lock and has checked that the new outcome is higher."""
    tx.upsert(outcomes, {**asdict(outcome), "noted_at": now}, key=("submission",))


@dataclass(frozen=True, slots=True)
class ChangeNumber:
    """The number of a change to the counting records of a submission's version."""

    version: int
    number: int


def advance_changes(tx: Transaction, submissions: Collection[str]) -> dict[str, ChangeNumber]:
    """Number a change to the counting records of these submissions. The caller holds the lock."""
    c = outcomes.c
    advanced = (
        update(outcomes)
        .where(c.submission.in_(sorted(submissions)))
        .values(changes=c.changes + 1)
        .returning(c.submission, c.version, c.changes)
    )
    return {row.submission: ChangeNumber(row.version, row.changes) for row in tx.execute(advanced)}


def find_last_folded_at(tx: Transaction) -> datetime | None:
    """Return when an outcome, and with it the figures, last changed; None if there are no outcomes."""
    return tx.execute(select(func.max(outcomes.c.noted_at))).scalar()


def _outcome_of(row: Row[Any]) -> Outcome:
    return Outcome(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
