"""Publish versions of rulesets."""

from dataclasses import dataclass
from datetime import date

from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets import store
from services.validation.rulesets.domain.versions import RulesetVersion
from services.validation.rulesets.operations.files import (
    NAMES,
    bundled_file,
    bundled_ruleset,
    dropped_rules,
    duplicate_ids,
    file_in_force,
    read_valid_ruleset,
)
from shared.blobs import Blobs
from shared.database import Transaction
from shared.i18n import Text
from shared.reference.days import secretariat_day


class VersionIsTaken(Exception):
    """The version exists with another content."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(
            Text(
                "{name} {version} exists with another content; give this file another version.",
                name=name,
                version=version,
            )
        )


class DayIsPast(Exception):
    """The day is past: other rules gave the verdicts of that day."""

    def __init__(self, day: date) -> None:
        super().__init__(Text("{day} is past; choose today or a later day.", day=day))


@dataclass(frozen=True)
class Publication:
    """A published version; `is_new` is false if it was published before.

    `left_out` are the ids of the rules that are no longer in force because the version drops them.
    """

    row: RulesetVersion
    is_new: bool
    left_out: tuple[str, ...] = ()


def publish_ruleset(
    tx: Transaction, *, blobs: Blobs, content: bytes, in_force_from: date, by: str
) -> Publication:
    """Publish a file of rules. Publishing it again changes nothing.

    Raise RulesetIsBroken, VersionIsTaken, DayIsPast.
    """
    ruleset = read_valid_ruleset(content)
    name, version = ruleset.stamp.name, ruleset.stamp.version
    sha256 = blobs.put(tx, content)
    before = store.find_version(tx, name=name, version=version)
    if before is not None and before.content == sha256:
        return Publication(before, is_new=False)
    if before is not None or _differs_from_bundled(ruleset, content):
        raise VersionIsTaken(name, version)
    if in_force_from < secretariat_day(tx.now):
        raise DayIsPast(in_force_from)
    others = [file_in_force(tx, blobs=blobs, name=each, on=in_force_from) for each in NAMES if each != name]
    if problems := duplicate_ids([*others, ruleset]):
        raise RulesetIsBroken(name, problems)
    dropped = dropped_rules(ruleset, file_in_force(tx, blobs=blobs, name=name, on=in_force_from))
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
    store.insert_version(tx, row)
    return Publication(row, is_new=True, left_out=dropped)


def _differs_from_bundled(ruleset: Ruleset, content: bytes) -> bool:
    bundled = bundled_ruleset(ruleset.stamp.name)
    return bundled.stamp.version == ruleset.stamp.version and bundled_file(ruleset.stamp.name) != content


def list_unapplied(tx: Transaction, *, on: date) -> list[RulesetVersion]:
    """List the versions in force on a day whose submissions were not all sent to be judged again."""
    return store.list_unapplied(tx, on=on)


def mark_applied(tx: Transaction, *, name: str, version: str) -> None:
    """Record that all submissions of open periods were sent to be judged by a version."""
    store.update_applied(tx, name=name, version=version)
