"""Published versions of rulesets: table and queries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Date, Select, String, Table, select, update

from services.validation.rulesets.domain.versions import RulesetVersion
from shared.database import Moment, metadata_of

if TYPE_CHECKING:
    from datetime import date

    from shared.database import Transaction

CODE = String(64)
SHA256 = String(64)
WORD = String(24)

# Rulesets that were published; `content` is the file. What was never published is judged by the files that we ship.
ruleset_versions = Table(
    "ruleset_versions",
    metadata_of("validation"),
    Column("name", CODE, primary_key=True),
    Column("version", WORD, primary_key=True),
    Column("hash", SHA256, nullable=False),
    Column("title", String(200), nullable=False),
    Column("content", SHA256, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", CODE, nullable=False),
    Column("applied_at", Moment),
)


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


def _newest_first() -> Select[Any]:
    return select(ruleset_versions).order_by(
        ruleset_versions.c.name,
        ruleset_versions.c.in_force_from.desc(),
        ruleset_versions.c.published_at.desc(),
    )


def _read(tx: Transaction, statement: Select[Any]) -> list[RulesetVersion]:
    return [RulesetVersion(**row) for row in tx.execute(statement).mappings()]
