"""Submissions judged by other rules than those in force."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, and_, func, not_, or_, select, tuple_, update

from services.validation.verdicts.store.submission_states import SubmissionState
from services.validation.verdicts.store.tables import submissions, verdicts
from shared.database import Transaction


def count_judged_by_other_rules(
    tx: Transaction, *, hashes: Mapping[str, str], closed: Collection[tuple[str, str]]
) -> int:
    """Count the submissions of open periods whose verdict has another hash than their pillar's in `hashes`."""
    found = _judged_by_other_rules(hashes, closed).subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def claim_judged_by_other_rules(
    tx: Transaction,
    *,
    hashes: Mapping[str, str],
    closed: Collection[tuple[str, str]],
    reason: str,
    limit: int,
) -> list[SubmissionState]:
    """Mark up to `limit` of these submissions as outdated and return them; none is claimed twice."""
    c = submissions.c
    some = _judged_by_other_rules(hashes, closed).order_by(c.submission).limit(limit)
    mark = (
        update(submissions)
        .where(c.submission.in_(some), c.outdated.is_(None))
        .values(outdated=reason)
        .returning(*(c[each.name] for each in fields(SubmissionState)))
    )
    claimed = (SubmissionState.of_row(row) for row in tx.execute(mark).mappings())
    return sorted(claimed, key=lambda state: state.submission)


def _judged_by_other_rules(hashes: Mapping[str, str], closed: Collection[tuple[str, str]]) -> Select[Any]:
    c, v = submissions.c, verdicts.c
    others = (and_(c.pillar == pillar, v.ruleset_hash != sha256) for pillar, sha256 in hashes.items())
    statement = (
        select(c.submission)
        .join(
            verdicts,
            and_(v.submission == c.submission, v.version == c.version, v.verdict == c.verdict),
        )
        .where(
            c.judged == c.version,
            c.received.is_not(None),
            c.outdated.is_(None),
            not_(c.is_withdrawn),
            or_(*others),
        )
    )
    return statement.where(tuple_(c.kind, c.period).not_in(sorted(closed))) if closed else statement
