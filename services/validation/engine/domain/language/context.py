"""What a rule may look up beside the record itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.references.lookups import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EMPTY_SNAPSHOT = Snapshot()


@dataclass(frozen=True)
class Context:
    """What a rule may look up beside the record itself: nothing else is within its reach."""

    snapshot: Snapshot = EMPTY_SNAPSHOT
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Of all records of the submission, the fields that rules over the whole of it read."""
    _counters: dict[str, Counter[Any]] = field(default_factory=dict)

    def times(self, name: str) -> Counter[Any]:
        """How many records of the submission have each value in the field `name`; counted once for all."""
        if name not in self._counters:
            self._counters[name] = Counter(self.columns.get(name, ()))
        return self._counters[name]

    def previous(self, ref: Any) -> Mapping[str, Any] | None:
        """The facts of the record as it was accepted before, if it was."""
        return self.snapshot.previous.get(ref)

    def similar(self, ref: Any) -> Sequence[Mapping[str, Any]] | None:
        """Support like the record, None if there is none."""
        return self.snapshot.similar.get(ref) or None

    def former(self) -> Sequence[Mapping[str, Any]] | None:
        """The reporter's open needs of the period before, None if there are none."""
        return self.snapshot.former or None
