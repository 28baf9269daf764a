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


def compare(previous: Mapping[str, Mapping[str, Any]], later: Mapping[str, Mapping[str, Any]]) -> Diff:
    """Compare the records of two versions, given by the key of their refs. Refs are listed as they were sent."""
    changed = (
        (_ref(later[key]), tuple(_changed_fields(previous[key], later[key])))
        for key in later
        if key in previous and previous[key] != later[key]
    )
    return Diff(
        added=tuple(_ref(record) for key, record in later.items() if key not in previous),
        withdrawn=tuple(_ref(record) for key, record in previous.items() if key not in later),
        changed={ref: fields for ref, fields in changed if fields},
    )


def _ref(record: Mapping[str, Any]) -> str:
    return str(record.get("ref"))


def _changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Yield the changed fields of a record, each as a whole. The ref is the same, even in another encoding of its accents."""
    for name in sorted((was.keys() | now.keys()) - {"ref"}):
        if was.get(name) != now.get(name):
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")
            yield FieldChange(pointer, was.get(name), now.get(name))
