"""Published versions of rulesets: table and queries."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Select, String, Table, select, update

from services.validation.rulesets.domain.versions import RulesetVersion
from shared.database import Transaction, UtcDateTime, metadata_of

CODE = String(64)
SHA256 = String(64)
WORD = String(24)

# Published rulesets; `content` is the sha-256 of the file. Until a ruleset is published, the bundled file is in force.
ruleset_versions = Table(
    "ruleset_versions",
    metadata_of("validation"),
    Column("name", CODE, primary_key=True),
    Column("version", WORD, primary_key=True),
    Column("hash", SHA256, nullable=False),
    Column("title", String(200), nullable=False),
    Column("content", SHA256, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", CODE, nullable=False),
    Column("applied_at", UtcDateTime),
)


def insert_version(tx: Transaction, row: RulesetVersion) -> None:
    """Insert a published version. Raise `RowExists` if it exists."""
    tx.add(ruleset_versions, asdict(row))
    tx.flush()


def find_version(tx: Transaction, *, name: str, version: str) -> RulesetVersion | None:
    """Find a published version."""
    key = (ruleset_versions.c.name == name) & (ruleset_versions.c.version == version)
    return next(iter(_read(tx, _newest_first().where(key))), None)


def list_versions(tx: Transaction) -> list[RulesetVersion]:
    """List every published version, by name and with the last to come into force first."""
    return _read(tx, _newest_first())


def contents_in_force(tx: Transaction, *, on: date) -> dict[str, str]:
    """Map the published rulesets in force on a day to the sha-256 of their contents."""
    statement = (
        select(ruleset_versions.c.name, ruleset_versions.c.content)
        .where(ruleset_versions.c.in_force_from <= on)
        .order_by(ruleset_versions.c.in_force_from, ruleset_versions.c.published_at)
    )
    return {row["name"]: row["content"] for row in tx.execute(statement).mappings()}


def list_unapplied(tx: Transaction, *, on: date) -> list[RulesetVersion]:
    """List the versions in force by a day whose submissions were not all sent to be judged again."""
    is_due = (ruleset_versions.c.in_force_from <= on) & ruleset_versions.c.applied_at.is_(None)
    return _read(tx, _newest_first().where(is_due))


def update_applied(tx: Transaction, *, name: str, version: str) -> None:
    """Mark a version as applied to all open periods."""
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
