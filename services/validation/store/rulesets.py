"""The versions of rulesets that were published: which are in force, which are still to be applied."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, not_, or_, select, tuple_, update

from services.validation.store.submissions import Standing
from services.validation.store.tables import ruleset_versions, submissions, verdicts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from shared.database import Transaction


@dataclass(frozen=True)
class RulesetVersion:
    """A version as it was published. `content` is its file's sha-256; once `applied_at`, open periods are judged by it."""

    name: str
    version: str
    hash: str
    title: str
    content: str
    in_force_from: date
    published_at: datetime
    published_by: str
    applied_at: datetime | None = None


def add_ruleset_version(tx: Transaction, row: RulesetVersion) -> None:
    """Keep a published version; `RowExists` if there is one of that name and version."""
    tx.add(ruleset_versions, asdict(row))
    tx.flush()


def find_ruleset_version(tx: Transaction, *, name: str, version: str) -> RulesetVersion | None:
    """One published version."""
    key = (ruleset_versions.c.name == name) & (ruleset_versions.c.version == version)
    return next(iter(_read(tx, _newest_first().where(key))), None)


def all_ruleset_versions(tx: Transaction) -> list[RulesetVersion]:
    """Every published version; of each name the one that holds longest first."""
    return _read(tx, _newest_first())


def contents_in_force(tx: Transaction, *, on: date) -> dict[str, str]:
    """The content of each ruleset that is in force on a day; one that was never published is not there."""
    statement = (
        select(ruleset_versions.c.name, ruleset_versions.c.content)
        .where(ruleset_versions.c.in_force_from <= on)
        .order_by(ruleset_versions.c.in_force_from, ruleset_versions.c.published_at)
    )
    return {row["name"]: row["content"] for row in tx.execute(statement).mappings()}


def unapplied_versions(tx: Transaction, *, on: date) -> list[RulesetVersion]:
    """Those in force by that day for which open periods are still to be judged again."""
    is_due = (ruleset_versions.c.in_force_from <= on) & ruleset_versions.c.applied_at.is_(None)
    return _read(tx, _newest_first().where(is_due))


def note_applied(tx: Transaction, *, name: str, version: str) -> None:
    """All open periods have been handed over to be judged by it."""
    key = (ruleset_versions.c.name == name) & (ruleset_versions.c.version == version)
    tx.execute(update(ruleset_versions).where(key).values(applied_at=tx.now))


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


def _newest_first() -> Select[Any]:
    return select(ruleset_versions).order_by(
        ruleset_versions.c.name,
        ruleset_versions.c.in_force_from.desc(),
        ruleset_versions.c.published_at.desc(),
    )


def _read(tx: Transaction, statement: Select[Any]) -> list[RulesetVersion]:
    return [RulesetVersion(**row) for row in tx.execute(statement).mappings()]
