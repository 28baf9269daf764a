"""The rulesets in force: what was published, else what ships; each file read and translated once per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from services.validation.domain.shapes.structure import STRUCTURAL
from services.validation.engine.domain.reading import RulesetIsBroken, combined, ruleset_of, shapes_of
from services.validation.engine.domain.rules import Ruleset, Shapes
from services.validation.rulesets import store
from services.validation.rulesets.domain.examples import problems_of
from services.validation.rulesets.domain.file_schema import problems_in_form
from services.validation.rulesets.formats import yaml_files
from shared.reference import PILLARS
from shared.reference.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from shared.blobs import Blobs
    from shared.database import Transaction

FOLDER = Path(__file__).parents[1]
GENERAL = "general"
NAMES = (GENERAL, *PILLARS)

_read: dict[str, Ruleset] = {}
_together: dict[tuple[str, str], Ruleset] = {}
# What this process has translated, by hashes: what they name never changes, and versions are few.


class RulesetIsUnknown(LookupError):
    """There is no ruleset of that name, or no such version of it."""

    def __init__(self, name: str, version: str | None = None) -> None:
        super().__init__(f"There is no ruleset {name!r}" + (f" {version}." if version else "."))


@lru_cache(maxsize=1)
def shapes() -> Shapes:
    """The fields of each kind of record."""
    return shapes_of(FIELDS)


def shipped_file(name: str) -> bytes:
    """A file of rules as it ships; raises RulesetIsUnknown."""
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    return (FOLDER / f"{name}.yaml").read_bytes()


def shipped_version(name: str, version: str | None) -> bytes:
    """The same, if that is the version that ships; raises RulesetIsUnknown."""
    if version not in (None, ruleset_file(name).stamp.version):
        raise RulesetIsUnknown(name, version)
    return shipped_file(name)


@lru_cache(maxsize=len(NAMES))
def ruleset_file(name: str) -> Ruleset:
    """The rules of one file as it ships; raises RulesetIsUnknown, RulesetIsBroken."""
    return read_ruleset(shipped_file(name))


def read_ruleset(content: bytes) -> Ruleset:
    """Read and translate a file of rules; raises RulesetIsBroken with all that is wrong with it."""
    try:
        written = yaml_files.read_yaml(content)
    except yaml_files.FileIsUnreadable as error:
        raise RulesetIsBroken("?", [str(error)]) from None
    if written.get("name") not in NAMES:
        raise RulesetIsBroken(str(written.get("name")), [f"the name is one of {', '.join(NAMES)}"])
    if problems := list(problems_in_form(written)):
        raise RulesetIsBroken(str(written["name"]), problems)
    return ruleset_of(written, shapes())


def together(general: Ruleset, own: Ruleset) -> Ruleset:
    """The rules that judge a pillar's submissions, put together once."""
    key = (general.stamp.hash, own.stamp.hash)
    if key not in _together:
        _together[key] = combined(general, own)
    return _together[key]


def file_in_force(tx: Transaction, *, blobs: Blobs, name: str, on: date) -> Ruleset:
    """The rules of one file that are in force on a day."""
    return _file(store.contents_in_force(tx, on=on), blobs, name)


def file_of_version(tx: Transaction, *, blobs: Blobs, name: str, version: str) -> Ruleset:
    """The rules of one file in a version that was published or ships; raises RulesetIsUnknown."""
    row = store.find_ruleset_version(tx, name=name, version=version)
    if row is not None:
        return published_file(row.content, blobs=blobs)
    shipped = ruleset_file(name)
    if shipped.stamp.version != version:
        raise RulesetIsUnknown(name, version)
    return shipped


def source_of(tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None) -> bytes:
    """A file as it was published or ships, in a version or as it is in force on a day; raises RulesetIsUnknown."""
    if version is None:
        content = store.contents_in_force(tx, on=on).get(name)
    else:
        row = store.find_ruleset_version(tx, name=name, version=version)
        content = None if row is None else row.content
    return shipped_version(name, version) if content is None else blobs.get(content)


def ruleset_in_force(tx: Transaction, *, blobs: Blobs, pillar: str, on: date) -> Ruleset:
    """All rules that judge a pillar's submissions on a day: the general ones, then its own."""
    contents = store.contents_in_force(tx, on=on)
    return together(_file(contents, blobs, GENERAL), _file(contents, blobs, pillar))


def rulesets_in_force(tx: Transaction, *, blobs: Blobs, on: date) -> dict[str, Ruleset]:
    """The same of every pillar."""
    contents = store.contents_in_force(tx, on=on)
    general = _file(contents, blobs, GENERAL)
    return {pillar: together(general, _file(contents, blobs, pillar)) for pillar in PILLARS}


def published_file(content: str, *, blobs: Blobs) -> Ruleset:
    """The rules of a file that was published, by its sha-256."""
    if content not in _read:
        _read[content] = read_ruleset(blobs.get(content))
    return _read[content]


def _file(contents: dict[str, str], blobs: Blobs, name: str) -> Ruleset:
    content = contents.get(name)
    return ruleset_file(name) if content is None else published_file(content, blobs=blobs)


def sound_ruleset(content: bytes) -> Ruleset:
    """Read a file of rules and try every example; raises RulesetIsBroken with all that is wrong, one sentence each."""
    ruleset = read_ruleset(content)
    if problems := list(problems_of(ruleset)):
        raise RulesetIsBroken(ruleset.stamp.name, problems)
    return ruleset


def left_out(draft: Ruleset, in_force: Ruleset) -> tuple[str, ...]:
    """The rules in force that a draft of the same file does not hold, by id, in their order."""
    kept = {rule.id for rule in draft.rules}
    return tuple(rule.id for rule in in_force.rules if rule.id not in kept)


def clashes(rulesets: Iterable[Ruleset]) -> list[str]:
    """Say which ids mean two things: a finding names its rule by id alone."""
    owners: dict[str, str] = dict.fromkeys(STRUCTURAL, "the structural rules")
    return [
        f"{rule.id} stands in {owner} and in {ruleset.stamp.name}"
        for ruleset in rulesets
        for rule in ruleset.rules
        if (owner := owners.setdefault(rule.id, ruleset.stamp.name)) != ruleset.stamp.name
    ]
