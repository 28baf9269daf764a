"""Ruleset files: published or bundled, and those in force. Each file is read and translated once per process."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from services.validation.engine.domain.reading import RulesetIsBroken, combined, ruleset_of, shapes_of
from services.validation.engine.domain.rules import Ruleset, Shapes
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from services.validation.rulesets import store
from services.validation.rulesets.domain.examples import check_examples
from services.validation.rulesets.domain.file_schema import check_schema
from services.validation.rulesets.domain.mending import check_mended
from services.validation.rulesets.formats import yaml_files
from shared.blobs import Blobs
from shared.database import Transaction
from shared.reference import PILLARS
from shared.reference.fields import FIELDS

FOLDER = Path(__file__).parents[1] / "rulesets"
GENERAL = "general"
NAMES = (GENERAL, *PILLARS)

_read: dict[str, Ruleset] = {}
_combined: dict[tuple[str, str], Ruleset] = {}
# The rulesets that this process has translated, by hash. The content of a hash never changes, and versions are few.


class RulesetIsUnknown(LookupError):
    """The ruleset, or the version of it, does not exist."""

    def __init__(self, name: str, version: str | None = None) -> None:
        super().__init__(f"There is no ruleset {name!r}" + (f" {version}." if version else "."))


@lru_cache(maxsize=1)
def shapes() -> Shapes:
    """Return the fields of each kind of record."""
    return shapes_of(FIELDS)


def bundled_file(name: str) -> bytes:
    """Return a bundled file of rules. Raise RulesetIsUnknown."""
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    return (FOLDER / f"{name}.yaml").read_bytes()


def bundled_version(name: str, version: str | None) -> bytes:
    """Return a bundled file of rules in a version, if it is bundled. Raise RulesetIsUnknown."""
    if version not in (None, bundled_ruleset(name).stamp.version):
        raise RulesetIsUnknown(name, version)
    return bundled_file(name)


@lru_cache(maxsize=len(NAMES))
def bundled_ruleset(name: str) -> Ruleset:
    """Return the rules of a bundled file. Raise RulesetIsUnknown, RulesetIsBroken."""
    return read_ruleset(bundled_file(name))


def load_bundled() -> None:
    """Read all bundled files, which are in force until others are published."""
    general = bundled_ruleset(GENERAL)
    for pillar in PILLARS:
        combine(general, bundled_ruleset(pillar))


def read_ruleset(content: bytes) -> Ruleset:
    """Read and translate a file of rules. Raise RulesetIsBroken with all errors."""
    try:
        written = yaml_files.read_yaml(content)
    except yaml_files.FileIsUnreadable as error:
        raise RulesetIsBroken("?", [str(error)]) from None
    if written.get("name") not in NAMES:
        raise RulesetIsBroken(str(written.get("name")), [f"'name' must be one of {', '.join(NAMES)}"])
    if problems := list(check_schema(written)):
        raise RulesetIsBroken(str(written["name"]), problems)
    return ruleset_of(written, shapes())


def combine(general: Ruleset, own: Ruleset) -> Ruleset:
    """Combine the general rules with a pillar's own, once per process."""
    key = (general.stamp.hash, own.stamp.hash)
    if key not in _combined:
        _combined[key] = combined(general, own)
    return _combined[key]


def file_in_force(tx: Transaction, *, blobs: Blobs, name: str, on: date) -> Ruleset:
    """Return the rules of one file in force on a day."""
    return _file(store.contents_in_force(tx, on=on), blobs, name)


def file_of_version(tx: Transaction, *, blobs: Blobs, name: str, version: str) -> Ruleset:
    """Return the rules of one file in a published or bundled version. Raise RulesetIsUnknown."""
    row = store.find_version(tx, name=name, version=version)
    if row is not None:
        return published_ruleset(row.content, blobs=blobs)
    bundled = bundled_ruleset(name)
    if bundled.stamp.version != version:
        raise RulesetIsUnknown(name, version)
    return bundled


def get_source(tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None) -> bytes:
    """Return the content of a file, in a version or as in force on a day. Raise RulesetIsUnknown."""
    if version is None:
        content = store.contents_in_force(tx, on=on).get(name)
    else:
        row = store.find_version(tx, name=name, version=version)
        content = None if row is None else row.content
    return bundled_version(name, version) if content is None else blobs.get(content)


def ruleset_in_force(tx: Transaction, *, blobs: Blobs, pillar: str, on: date) -> Ruleset:
    """Return all rules that judge a pillar's submissions on a day: the general ones, then its own."""
    contents = store.contents_in_force(tx, on=on)
    return combine(_file(contents, blobs, GENERAL), _file(contents, blobs, pillar))


def rulesets_in_force(tx: Transaction, *, blobs: Blobs, on: date) -> dict[str, Ruleset]:
    """Return the rules in force on a day for every pillar."""
    contents = store.contents_in_force(tx, on=on)
    general = _file(contents, blobs, GENERAL)
    return {pillar: combine(general, _file(contents, blobs, pillar)) for pillar in PILLARS}


def published_ruleset(content: str, *, blobs: Blobs) -> Ruleset:
    """Return the rules of a published file by its sha-256."""
    if content not in _read:
        _read[content] = read_ruleset(blobs.get(content))
    return _read[content]


def _file(contents: dict[str, str], blobs: Blobs, name: str) -> Ruleset:
    content = contents.get(name)
    return bundled_ruleset(name) if content is None else published_ruleset(content, blobs=blobs)


def read_valid_ruleset(content: bytes) -> Ruleset:
    """Read a file of rules and run every example. Raise RulesetIsBroken with all errors, one sentence each."""
    ruleset = read_ruleset(content)
    if problems := [*check_examples(ruleset), *check_mended(ruleset)]:
        raise RulesetIsBroken(ruleset.stamp.name, problems)
    return ruleset


def dropped_rules(draft: Ruleset, in_force: Ruleset) -> tuple[str, ...]:
    """List the ids of rules in force that a draft of the same file drops, in their order."""
    kept = {rule.id for rule in draft.rules}
    return tuple(rule.id for rule in in_force.rules if rule.id not in kept)


def duplicate_ids(rulesets: Iterable[Ruleset]) -> list[str]:
    """Describe the ids that two rules share. A finding names its rule by id alone."""
    owners: dict[str, str] = dict.fromkeys(STRUCTURAL_RULES, "the structural rules")
    return [
        f"{rule.id} is used in {owner} and in {ruleset.stamp.name}"
        for ruleset in rulesets
        for rule in ruleset.rules
        if (owner := owners.setdefault(rule.id, ruleset.stamp.name)) != ruleset.stamp.name
    ]
