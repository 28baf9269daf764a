"""Verdicts: added, never changed; found by submission, or by what was judged under what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select

from services.validation.verdicts.store.tables import verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.database import Transaction


@dataclass(frozen=True)
class VerdictRow:
    """A verdict as it is kept; `report` is the sha-256 of the findings report, `counts` places of findings by severity.

    `rules` has the outcomes of each rule; `judgement` names what was judged under what: equal names, equal reports.
    """

    submission: str
    version: int
    verdict: int
    reporter: str
    partner: str | None
    outcome: str
    reason: str
    ruleset: str
    ruleset_hash: str
    stamp: Mapping[str, Any]
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    rules: Mapping[str, Any]
    report: str
    judgement: str | None
    judged_at: datetime
    tlp: str | None = None
    """The marking of what was judged; not known of verdicts that were given before it was kept."""


def add_verdict(tx: Transaction, row: VerdictRow) -> None:
    """Keep a verdict; `RowExists` if that one was given before."""
    tx.add(verdicts, dict(vars(row)))


def find_verdict(tx: Transaction, submission: str) -> VerdictRow | None:
    """The verdict that stands: the last one on the highest version that was judged."""
    return _first(tx, _latest_first().where(verdicts.c.submission == submission))


def verdicts_on(tx: Transaction, submission: str) -> list[VerdictRow]:
    """All verdicts on a submission, the one that stands first."""
    statement = _latest_first().where(verdicts.c.submission == submission)
    return [VerdictRow(**row) for row in tx.execute(statement).mappings()]


def find_same_judgement(tx: Transaction, judgement: str) -> VerdictRow | None:
    """The first verdict that was given on the same content under the same rules, code lists and references."""
    same = select(verdicts).where(verdicts.c.judgement == judgement)
    return _first(tx, same.order_by(verdicts.c.judged_at, verdicts.c.submission))


def count_verdicts(tx: Transaction) -> dict[str, int]:
    """How many verdicts were given, by outcome."""
    rows = tx.execute(select(verdicts.c.outcome, func.count().label("given")).group_by(verdicts.c.outcome))
    return {row["outcome"]: row["given"] for row in rows.mappings()}


def _latest_first() -> Select[Any]:
    return select(verdicts).order_by(verdicts.c.version.desc(), verdicts.c.verdict.desc())


def _first(tx: Transaction, statement: Select[Any]) -> VerdictRow | None:
    row = tx.execute(statement.limit(1)).mappings().first()
    return None if row is None else VerdictRow(**row)
