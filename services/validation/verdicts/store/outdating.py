"""Submissions judged by other rules than those in force."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, not_, or_, select, tuple_, update

from services.validation.verdicts.store.submissions import Standing
from services.validation.verdicts.store.tables import submissions, verdicts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from shared.database import Transaction


def judged_otherwise(
    tx: Transaction, *, hashes: Mapping[str, str], closed: Collection[tuple[str, str]]
) -> int:
    """How many submissions of open periods stand judged by other rules than `hashes` has for their pillar."""
    found = _judged_otherwise(hashes, closed).subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def outdate_judged_otherwise(
    tx: Transaction, *, hashes: Mapping[str, str], closed: Collection[tuple[str, str]], limit: int
) -> list[Standing]:
    """Mark up to `limit` of these as outdated by other rules; whoever comes second finds none that is marked."""
    c = submissions.c
    some = _judged_otherwise(hashes, closed).order_by(c.submission).limit(limit)
    mark = (
        update(submissions)
        .where(c.submission.in_(some), c.outdated.is_(None))
        .values(outdated="rules_changed")
        .returning(*(c[each.name] for each in fields(Standing)))
    )
    return sorted(
        (Standing(**row) for row in tx.execute(mark).mappings()), key=lambda standing: standing.submission
    )


def _judged_otherwise(hashes: Mapping[str, str], closed: Collection[tuple[str, str]]) -> Select[Any]:
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
