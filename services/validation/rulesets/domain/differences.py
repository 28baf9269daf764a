"""Differences between two versions of a ruleset: rules added, removed and changed, part by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.rules import Ruleset

EXAMPLES = "examples"


@dataclass(frozen=True)
class Change:
    """A changed part of a rule; `old` or `new` is None where the part is missing."""

    part: str
    old: Any
    new: Any


@dataclass(frozen=True)
class RuleChange:
    """A rule of both versions, with its changes."""

    id: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Differences:
    """All differences. Rules are given as they are written."""

    heading: tuple[Change, ...]
    added: tuple[Mapping[str, Any], ...]
    removed: tuple[Mapping[str, Any], ...]
    changed: tuple[RuleChange, ...]
    is_reordered: bool
    """Whether the rules of both versions are in another order, which is the order of the findings."""

    @property
    def is_empty(self) -> bool:
        """Whether there are no differences."""
        return not (self.heading or self.added or self.removed or self.changed or self.is_reordered)


def differences(old: Ruleset, new: Ruleset) -> Differences:
    """Compare two versions rule by rule. Rules are matched by id."""
    before = {rule.id: rule.written for rule in old.rules}
    after = {rule.id: rule.written for rule in new.rules}
    heads = ({"version": ruleset.stamp.version, "title": ruleset.title} for ruleset in (old, new))
    changed = (
        RuleChange(each, after[each]["title"], tuple(_changes(before[each], after[each])))
        for each in after
        if each in before and before[each] != after[each]
    )
    return Differences(
        heading=tuple(_changes(*heads)),
        added=tuple(rule for each, rule in after.items() if each not in before),
        removed=tuple(rule for each, rule in before.items() if each not in after),
        changed=tuple(changed),
        is_reordered=[each for each in before if each in after] != [each for each in after if each in before],
    )


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _parts(old), _parts(new)
    for part in dict.fromkeys((*new, *old)):
        if old.get(part) != new.get(part):
            yield Change(part, old.get(part), new.get(part))


def _parts(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a rule, with the examples of each behaviour as a separate part."""
    parts = {part: value for part, value in written.items() if part != EXAMPLES}
    for behaviour, examples in written.get(EXAMPLES, {}).items():
        parts[f"{EXAMPLES}: {behaviour}"] = examples
    return parts
