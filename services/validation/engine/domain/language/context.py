"""The data that a rule can read besides its record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validation.engine.domain.references.lookups import Snapshot

EMPTY_SNAPSHOT = Snapshot()


@dataclass(frozen=True)
class Context:
    """The data that a rule can read besides its record. A rule reaches nothing else."""

    snapshot: Snapshot = EMPTY_SNAPSHOT
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """The fields that submission rules read, each with its values in all records."""
    unread_parts: Sequence[Mapping[str, Any]] = ()
    """The parts of the submitted file that were not read."""
    _counters: dict[str, Counter[Any]] = field(default_factory=dict)

    def times(self, name: str) -> Counter[Any]:
        """Count the records of the submission by their value in the field `name`. The count is cached."""
        if name not in self._counters:
            self._counters[name] = Counter(self.columns.get(name, ()))
        return self._counters[name]

    def previous(self, ref: Any) -> Mapping[str, Any] | None:
        """Return the facts of the record's previously accepted version; None if there is none."""
        return self.snapshot.previous.get(ref)

    def similar(self, ref: Any) -> Sequence[Mapping[str, Any]] | None:
        """Return support similar to the record; None if there is none."""
        return self.snapshot.similar.get(ref) or None

    def former(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the reporter's open needs of the previous period; None if there are none."""
        return self.snapshot.former or None

    def unread(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the parts of the submitted file that were not read; None if all was read."""
        return self.unread_parts or None
