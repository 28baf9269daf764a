"""Verdicts: inserted and never changed; found by submission or by judgement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from services.validation.verdicts.store.tables import verdicts
from shared.database import Transaction


@dataclass(frozen=True)
class VerdictRow:
    """A stored verdict; `report` is the sha-256 of the findings report, `counts` the places of findings by severity.

    `rules` has the outcomes of each rule; `judgement` identifies the content and its basis: equal keys, equal reports.
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
    """The marking of the submission; None in early verdicts, which did not store it."""


def insert_verdict(tx: Transaction, row: VerdictRow) -> None:
    """Insert a verdict. Raise `RowExists` if its number is taken."""
    tx.add(verdicts, dict(vars(row)))


def find_verdict(tx: Transaction, submission: str) -> VerdictRow | None:
    """Find the current verdict: the last one on the highest judged version."""
    return _first(tx, _latest_first().where(verdicts.c.submission == submission))


def list_verdicts(tx: Transaction, submission: str) -> list[VerdictRow]:
    """List all verdicts on a submission, the current one first."""
    statement = _latest_first().where(verdicts.c.submission == submission)
    return [VerdictRow(**row) for row in tx.execute(statement).mappings()]


def find_same_judgement(tx: Transaction, judgement: str) -> VerdictRow | None:
    """Find the first verdict on the same content under the same rules, code lists and references."""
    same = select(verdicts).where(verdicts.c.judgement == judgement)
    return _first(tx, same.order_by(verdicts.c.judged_at, verdicts.c.submission))


def count_verdicts(tx: Transaction) -> dict[str, int]:
    """Count all verdicts by outcome."""
    rows = tx.execute(select(verdicts.c.outcome, func.count().label("number")).group_by(verdicts.c.outcome))
    return {row["outcome"]: row["number"] for row in rows.mappings()}


def _latest_first() -> Select[Any]:
    return select(verdicts).order_by(verdicts.c.version.desc(), verdicts.c.verdict.desc())


def _first(tx: Transaction, statement: Select[Any]) -> VerdictRow | None:
    row = tx.execute(statement.limit(1)).mappings().first()
    return None if row is None else VerdictRow(**row)
