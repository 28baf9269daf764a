"""How far each submission has come, and what was received: versions are claimed, verdicts counted, what is outdated marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, false, not_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from services.validation.verdicts.store.tables import submissions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.database import Transaction

IDS_AT_ONCE = 500
"""A statement holds only so many values."""


@dataclass(frozen=True)
class Standing:
    """How a submission stands.

    `verdict` counts those on `version`; `outcome` is that of the version `judged`, the last that got one; `received` is
    what came with `version`, None if that was before it was kept.
    """

    submission: str
    version: int
    is_withdrawn: bool
    received: Mapping[str, Any] | None
    verdict: int
    judged: int | None
    outcome: str | None
    outdated: str | None

    @property
    def is_judged(self) -> bool:
        """Whether its present version has a verdict."""
        return self.judged == self.version


def claim_version(
    tx: Transaction, *, received: Mapping[str, Any], verdict: int = 0, outcome: str | None = None
) -> bool:
    """Let a submission come to the version that was received; False if it had come as far, or was withdrawn.

    With an outcome, the version has its verdict at once; without, the former version's stands for now.
    """
    row = {
        "submission": received["submission"],
        "version": received["version"],
        "is_withdrawn": False,
        **{name: received[name] for name in ("reporter", "pillar", "kind", "period")},
        "received": received,
        "verdict": verdict,
        "outdated": None,
        "is_settled": False,
    }
    if outcome is not None:
        row |= {"judged": received["version"], "outcome": outcome}
    return _rise(tx, row)


def withdraw_submission(tx: Transaction, *, submission: str, version: int) -> bool:
    """Let a submission come to its end; False if it had before."""
    row = {
        "submission": submission,
        "version": version,
        "is_withdrawn": True,
        "verdict": 0,
        "outdated": None,
        "is_settled": False,
    }
    return _rise(tx, row)


def _rise(tx: Transaction, row: Mapping[str, Any]) -> bool:
    insert = (postgresql if tx.is_postgresql else sqlite).insert(submissions)
    claim = insert.on_conflict_do_update(
        index_elements=["submission"],
        set_={name: insert.excluded[name] for name in row if name != "submission"},
        where=(submissions.c.version < insert.excluded.version) & not_(submissions.c.is_withdrawn),
    ).returning(submissions.c.submission)
    return tx.execute(claim, row).first() is not None


def advance_verdict(tx: Transaction, *, submission: str, version: int, verdict: int, outcome: str) -> bool:
    """Let a version come to its next verdict, after the one before it; False if it has come elsewhere meanwhile."""
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


def find_submission(tx: Transaction, submission: str) -> Standing | None:
    """How a submission stands."""
    return next(iter(_read(tx, _standings().where(submissions.c.submission == submission))), None)


def mark_outdated(
    tx: Transaction, ids: Collection[str], *, reason: str, closed: Collection[tuple[str, str]]
) -> list[Standing]:
    """Note that new verdicts are on their way for these, and give those that will be judged again.

    What was withdrawn, waits for its first verdict, or is of a closed (kind, period) is passed over.
    """
    c = submissions.c
    found: list[Standing] = []
    for some in _some(sorted(ids)):
        mark = update(submissions).where(c.submission.in_(some), *_can_be_judged_again(closed))
        mark = mark.values(outdated=reason)
        found.extend(_read(tx, mark.returning(*_standings().selected_columns)))
    return sorted(found, key=lambda standing: standing.submission)


def clear_outdated(tx: Transaction, *, submission: str, version: int, verdict: int) -> bool:
    """Note that a verdict turned out to be up to date; False if it does not stand any more."""
    c = submissions.c
    same = and_(c.submission == submission, c.version == version, c.verdict == verdict, not_(c.is_withdrawn))
    clear = update(submissions).where(same).values(outdated=None).returning(c.submission)
    return tx.execute(clear).first() is not None


def judged_submissions(
    tx: Transaction, *, closed: Collection[tuple[str, str]], after: str = "", limit: int
) -> list[Standing]:
    """Submissions of open periods that can be judged again, in the order of their ids; `closed` are (kind, period)."""
    c = submissions.c
    later = _standings().where(c.submission > after, *_can_be_judged_again(closed))
    return _read(tx, later.order_by(c.submission).limit(limit))


def _can_be_judged_again(closed: Collection[tuple[str, str]]) -> list[ColumnElement[bool]]:
    c = submissions.c
    conditions = [c.judged == c.version, c.received.is_not(None), not_(c.is_withdrawn)]
    if closed:
        conditions.append(tuple_(c.kind, c.period).not_in(sorted(closed)))
    return conditions


def unsettled_submissions(tx: Transaction, *, limit: int) -> list[Standing]:
    """Submissions that changed, and those that refer to them were not looked after since."""
    is_open = submissions.c.is_settled.is_(false())
    return _read(tx, _standings().where(is_open).order_by(submissions.c.submission).limit(limit))


def settle_submissions(tx: Transaction, standings: Collection[Standing]) -> None:
    """Note that these are settled, but for those that have changed meanwhile."""
    c = submissions.c
    as_they_were = [(each.submission, each.version, each.verdict) for each in standings]
    tx.execute(
        update(submissions)
        .where(tuple_(c.submission, c.version, c.verdict).in_(as_they_were))
        .values(is_settled=True)
    )


def _standings() -> Select[Any]:
    c = submissions.c
    return select(
        c.submission, c.version, c.is_withdrawn, c.received, c.verdict, c.judged, c.outcome, c.outdated
    )


def _read(tx: Transaction, statement: Any) -> list[Standing]:
    return [Standing(**row) for row in tx.execute(statement).mappings()]


def _some(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE)]
