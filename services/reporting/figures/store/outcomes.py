"""The log of verdicts, where each submission stands by it, and what has come in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.reporting.completeness.domain import Arrival
from services.reporting.figures.domain.outcomes import Standing
from services.reporting.figures.store.tables import accepted_log, arrivals, standings
from shared.database import Transaction
from shared.events import Event, read_event

_standing = tuple(standings.c[field.name] for field in fields(Standing))
_standing_by_id = select(*_standing).where(standings.c.submission == bindparam("submission"))
_arrival = tuple(arrivals.c[field.name] for field in fields(Arrival))


def log(tx: Transaction, standing: Standing, *, event: Event, now: datetime) -> None:
    """Append a verdict or a withdrawal; one that is there already stays as it is."""
    row = {
        "submission": standing.submission,
        "version": standing.version,
        "verdict": standing.verdict,
        "outcome": standing.outcome,
        "event": event.name,
        "payload": event.payload(),
        "noted_at": now,
    }
    tx.add(accepted_log, row, ignore_existing=True)


def logged_submissions(tx: Transaction) -> list[str]:
    """Every submission that was ever judged or withdrawn, oldest first."""
    column = accepted_log.c.submission
    return list(tx.execute(select(column).distinct().order_by(column)).scalars())


def logged_events(tx: Transaction, submissions: Sequence[str]) -> list[Event]:
    """All that was logged of these, as events of their present version."""
    statement = select(accepted_log.c.event, accepted_log.c.payload)
    chosen = statement.where(accepted_log.c.submission.in_(submissions))
    return [read_event(row.event, row.payload) for row in tx.execute(chosen)]


def find_standing(tx: Transaction, submission: str) -> Standing | None:
    """Where the submission stands, if anything was said of it."""
    row = tx.execute(_standing_by_id, {"submission": submission}).one_or_none()
    return _standing_of(row) if row else None


def standings_of(tx: Transaction, *, periods: Collection[str]) -> list[Standing]:
    """Where all submissions of these periods stand."""
    chosen = standings.c.period.in_(sorted(periods))
    return [_standing_of(row) for row in tx.execute(select(*_standing).where(chosen))]


def add_standing(tx: Transaction, standing: Standing, *, now: datetime) -> None:
    """Keep where a submission stands of which nothing was known. The caller has its turn."""
    tx.add(standings, {**asdict(standing), "noted_at": now})


def replace_standing(tx: Transaction, standing: Standing, *, now: datetime) -> None:
    """Keep where the submission stands now. The caller has its turn, and has seen that this one is higher."""
    tx.upsert(standings, {**asdict(standing), "noted_at": now}, key=("submission",))


def last_folded(tx: Transaction) -> datetime | None:
    """When a standing last changed, and with it the figures; None if there never was one."""
    return tx.execute(select(func.max(standings.c.noted_at))).scalar()


def save_arrival(tx: Transaction, arrival: Arrival, *, now: datetime) -> None:
    """Keep the arrival unless a higher version came in before."""
    keep_highest(tx, arrivals, {**asdict(arrival), "noted_at": now}, key="submission", order="version")


def arrivals_of(tx: Transaction, *, periods: Collection[str]) -> list[Arrival]:
    """The highest versions that came in of these periods."""
    chosen = arrivals.c.period.in_(sorted(periods))
    return [Arrival(**row) for row in tx.execute(select(*_arrival).where(chosen)).mappings()]


def keep_highest(tx: Transaction, table: Table, row: Mapping[str, Any], *, key: str, order: str) -> None:
    """Insert the row, or put it in place of one whose `order` is lower."""
    statement = (postgresql if tx.is_postgresql else sqlite).insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=[key],
        set_={name: statement.excluded[name] for name in row if name != key},
        where=table.c[order] < statement.excluded[order],
    )
    tx.execute(statement, [dict(row)])


def _standing_of(row: Row[Any]) -> Standing:
    return Standing(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
