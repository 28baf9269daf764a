"""The differences between two versions of a submission, record by record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_LISTED = 1_000
"""The maximum number of listed records of each kind of difference; the others are counted."""


@dataclass(frozen=True)
class FieldChange:
    """A changed field; None stands for a missing value."""

    pointer: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Diff:
    """The added, withdrawn and changed records, by ref."""

    added: tuple[str, ...]
    withdrawn: tuple[str, ...]
    changed: Mapping[str, tuple[FieldChange, ...]]

    @property
    def summary(self) -> dict[str, Any]:
        """Return the first refs of each kind, and the counts."""
        return {
            "added": list(self.added[:MAX_LISTED]),
            "withdrawn": list(self.withdrawn[:MAX_LISTED]),
            "changed": list(self.changed)[:MAX_LISTED],
            "counts": {
                "added": len(self.added),
                "withdrawn": len(self.withdrawn),
                "changed": len(self.changed),
            },
        }


def compare(previous: Mapping[str, Any], later: Mapping[str, Any]) -> Diff:
    """Compare the records of two versions by ref."""
    changed = {
        ref: tuple(_changed_fields(previous[ref], later[ref]))
        for ref in later
        if ref in previous and previous[ref] != later[ref]
    }
    return Diff(
        added=tuple(ref for ref in later if ref not in previous),
        withdrawn=tuple(ref for ref in previous if ref not in later),
        changed=changed,
    )


def _changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Yield the changed fields of a record, each as a whole."""
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")
            yield FieldChange(pointer, was.get(name), now.get(name))
