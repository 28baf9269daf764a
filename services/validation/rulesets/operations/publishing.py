"""Publish a version of a ruleset, and have the submissions of open periods judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.rulesets import store
from services.validation.rulesets.domain.versions import RulesetVersion
from services.validation.rulesets.operations.files import (
    NAMES,
    clashes,
    file_in_force,
    left_out,
    ruleset_file,
    shipped_file,
    sound_ruleset,
)

if TYPE_CHECKING:
    from datetime import date

    from services.validation.engine.domain.rules import Ruleset
    from shared.blobs import Blobs
    from shared.database import Transaction


class VersionIsTaken(Exception):
    """There is a version of that name, and it says something else."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"{name} {version} exists and says otherwise; give this file a version of its own.")


class DayIsPast(Exception):
    """Rules cannot be in force from a day that is over: verdicts of that day were given by others."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is past; rules come into force today or later.")


@dataclass(frozen=True)
class Publication:
    """A version that is published; `is_new` is false if it was before.

    `left_out` are the rules, by id, that it puts out of force because it does not hold them.
    """

    row: RulesetVersion
    is_new: bool
    left_out: tuple[str, ...] = ()


def publish_ruleset(
    tx: Transaction, *, blobs: Blobs, content: bytes, in_force_from: date, by: str
) -> Publication:
    """Publish a file of rules; raises RulesetIsBroken, VersionIsTaken, DayIsPast. The same again changes nothing."""
    ruleset = sound_ruleset(content)
    name, version = ruleset.stamp.name, ruleset.stamp.version
    sha256 = blobs.put(tx, content)
    before = store.find_ruleset_version(tx, name=name, version=version)
    if before is not None and before.content == sha256:
        return Publication(before, is_new=False)
    if before is not None or _ships_otherwise(ruleset, content):
        raise VersionIsTaken(name, version)
    if in_force_from < tx.now.date():
        raise DayIsPast(in_force_from)
    others = [file_in_force(tx, blobs=blobs, name=each, on=in_force_from) for each in NAMES if each != name]
    if problems := clashes([*others, ruleset]):
        raise RulesetIsBroken(name, problems)
    gone = left_out(ruleset, file_in_force(tx, blobs=blobs, name=name, on=in_force_from))
    row = RulesetVersion(
        name=name,
        version=version,
        hash=ruleset.stamp.hash,
        title=ruleset.title,
        content=sha256,
        in_force_from=in_force_from,
        published_at=tx.now,
        published_by=by,
    )
    store.add_ruleset_version(tx, row)
    return Publication(row, is_new=True, left_out=gone)


def _ships_otherwise(ruleset: Ruleset, content: bytes) -> bool:
    shipped = ruleset_file(ruleset.stamp.name)
    return shipped.stamp.version == ruleset.stamp.version and shipped_file(ruleset.stamp.name) != content


def list_unapplied(tx: Transaction, *, on: date) -> list[RulesetVersion]:
    """List the versions in force on a day whose submissions were not all sent to be judged again."""
    return store.unapplied_versions(tx, on=on)


def mark_applied(tx: Transaction, *, name: str, version: str) -> None:
    """Record that all submissions of open periods were sent to be judged by a version."""
    store.note_applied(tx, name=name, version=version)
