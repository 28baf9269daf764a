"""How two versions of a submission differ, record by record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_TOLD = 1_000
"""So many records of each kind of difference are told; the others are counted."""


@dataclass(frozen=True)
class Differing:
    """A field that is not as it was; None stands for nothing."""

    pointer: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Differences:
    """Records by their refs: what came, what went, and what is not as it was."""

    added: tuple[str, ...]
    withdrawn: tuple[str, ...]
    changed: Mapping[str, tuple[Differing, ...]]

    @property
    def told(self) -> dict[str, Any]:
        """The names of the first of them, and how many there are."""
        return {
            "added": list(self.added[:MOST_TOLD]),
            "withdrawn": list(self.withdrawn[:MOST_TOLD]),
            "changed": list(self.changed)[:MOST_TOLD],
            "counts": {
                "added": len(self.added),
                "withdrawn": len(self.withdrawn),
                "changed": len(self.changed),
            },
        }


def differences(former: Mapping[str, Any], later: Mapping[str, Any]) -> Differences:
    """Compare records by their refs."""
    changed = {
        ref: tuple(_differing(former[ref], later[ref]))
        for ref in later
        if ref in former and former[ref] != later[ref]
    }
    return Differences(
        added=tuple(ref for ref in later if ref not in former),
        withdrawn=tuple(ref for ref in former if ref not in later),
        changed=changed,
    )


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Differing]:
    """The fields of a record that are not as they were; what is inside a field is shown whole."""
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")
            yield Differing(pointer, was.get(name), now.get(name))
