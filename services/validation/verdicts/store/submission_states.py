"""The state of each submission: its latest received version, its verdicts, and whether a new verdict is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, not_, select, tuple_, update

from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.store.tables import submissions
from shared.database import Transaction

IDS_PER_STATEMENT = 500
"""The maximum number of ids in one statement."""


@dataclass(frozen=True)
class SubmissionState:
    """The state of a submission.

    `verdict` counts the verdicts on `version`. `outcome` is that of the version `judged`, the last one with a verdict.
    `received` describes `version`; it is None for versions received before it was stored.
    """

    submission: str
    version: int
    is_withdrawn: bool
    received: Received | None
    verdict: int
    judged: int | None
    outcome: str | None
    outdated: str | None

    @property
    def is_judged(self) -> bool:
        """Whether the current version has a verdict."""
        return self.judged == self.version

    @classmethod
    def of_row(cls, row: RowMapping) -> SubmissionState:
        """Return the state that a row of the table stores."""
        return cls(**{**row, "received": row["received"] and Received.of(row["received"])})


def advance_version(
    tx: Transaction, *, received: Received, verdict: int = 0, outcome: str | None = None
) -> bool:
    """Advance a submission to a received version. Return False if it is there already, or was withdrawn.

    With an outcome, the version has its verdict at once; without, the previous version's verdict remains current.
    """
    row = {
        "submission": received.submission,
        "version": received.version,
        "is_withdrawn": False,
        "reporter": received.reporter,
        "pillar": received.pillar,
        "kind": received.kind,
        "period": received.period,
        "received": received.facts,
        "verdict": verdict,
        "outdated": None,
        "is_settled": False,
    }
    if outcome is not None:
        row |= {"judged": received.version, "outcome": outcome}
    return tx.keep_highest(submissions, row, by=["version"], unless=submissions.c.is_withdrawn)


def update_withdrawn(tx: Transaction, *, submission: str, version: int) -> bool:
    """Mark a submission as withdrawn. Return False if it was already."""
    row = {
        "submission": submission,
        "version": version,
        "is_withdrawn": True,
        "verdict": 0,
        "outdated": None,
        "is_settled": False,
    }
    return tx.keep_highest(submissions, row, by=["version"], unless=submissions.c.is_withdrawn)


def advance_verdict(tx: Transaction, *, submission: str, version: int, verdict: int, outcome: str) -> bool:
    """Advance a version to its next verdict. Return False if its version or verdict changed meanwhile."""
    c = submissions.c
    advance = (
        update(submissions)
        .where(
            c.submission == submission, c.version == version, c.verdict == verdict - 1, not_(c.is_withdrawn)
        )
        .values(verdict=verdict, judged=version, outcome=outcome, outdated=None, is_settled=False)
        .returning(c.submission)
    )
    return tx.execute(advance).first() is not None


def find_state(tx: Transaction, submission: str) -> SubmissionState | None:
    """Find the state of a submission."""
    return next(iter(_read(tx, _states().where(submissions.c.submission == submission))), None)


def update_outdated(
    tx: Transaction, ids: Collection[str], *, reason: str, closed: Collection[tuple[str, str]]
) -> list[SubmissionState]:
    """Mark submissions as outdated, and return those marked.

    Submissions that were withdrawn, wait for their first verdict, or are of a closed (kind, period) are skipped.
    """
    c = submissions.c
    found: list[SubmissionState] = []
    for some in _batches(sorted(ids)):
        mark = update(submissions).where(c.submission.in_(some), *_can_be_judged_again(closed))
        mark = mark.values(outdated=reason)
        found.extend(_read(tx, mark.returning(*_states().selected_columns)))
    return sorted(found, key=lambda state: state.submission)


def clear_outdated(tx: Transaction, *, submission: str, version: int, verdict: int) -> bool:
    """Mark a verdict as up to date. Return False if it is no longer the current one."""
    c = submissions.c
    same = and_(c.submission == submission, c.version == version, c.verdict == verdict, not_(c.is_withdrawn))
    clear = update(submissions).where(same).values(outdated=None).returning(c.submission)
    return tx.execute(clear).first() is not None


def list_judged(
    tx: Transaction, *, closed: Collection[tuple[str, str]], after: str = "", limit: int
) -> list[SubmissionState]:
    """List the submissions of open periods that can be judged again, by id; `closed` are (kind, period)."""
    c = submissions.c
    later = _states().where(c.submission > after, *_can_be_judged_again(closed))
    return _read(tx, later.order_by(c.submission).limit(limit))


def _can_be_judged_again(closed: Collection[tuple[str, str]]) -> list[ColumnElement[bool]]:
    c = submissions.c
    conditions = [c.judged == c.version, c.received.is_not(None), not_(c.is_withdrawn)]
    if closed:
        conditions.append(tuple_(c.kind, c.period).not_in(sorted(closed)))
    return conditions


def list_unsettled(tx: Transaction, *, limit: int) -> list[SubmissionState]:
    """List changed submissions whose references were not checked since."""
    is_open = submissions.c.is_settled.is_(false())
    return _read(tx, _states().where(is_open).order_by(submissions.c.submission).limit(limit))


def update_settled(tx: Transaction, states: Collection[SubmissionState]) -> None:
    """Mark submissions as settled, except those that changed meanwhile."""
    c = submissions.c
    unchanged = [(each.submission, each.version, each.verdict) for each in states]
    tx.execute(
        update(submissions)
        .where(tuple_(c.submission, c.version, c.verdict).in_(unchanged))
        .values(is_settled=True)
    )


def _states() -> Select[Any]:
    c = submissions.c
    return select(
        c.submission, c.version, c.is_withdrawn, c.received, c.verdict, c.judged, c.outcome, c.outdated
    )


def _read(tx: Transaction, statement: Any) -> list[SubmissionState]:
    return [SubmissionState.of_row(row) for row in tx.execute(statement).mappings()]


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_PER_STATEMENT] for start in range(0, len(ids), IDS_PER_STATEMENT)]
