"""The data that a rule can read besides its record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validation.engine.domain.references.keys import as_key
from services.validation.engine.domain.references.lookups import MAX_ALIKE, Snapshot
from shared.reference.look_alikes import group_look_alikes
from shared.reference.refs import ref_key

EMPTY_SNAPSHOT = Snapshot()


class _Times(Counter[Any]):
    """Counts of values, by every spelling that occurs and by the key of each text."""

    def __init__(self, counted: Counter[Any]) -> None:
        super().__init__(counted)
        spellings: dict[str, list[str]] = {}
        for value in counted:
            if isinstance(value, str) and not value.isascii():
                spellings.setdefault(ref_key(value), []).append(value)
        for key, found in spellings.items():
            all_spellings = {key, *found}
            total = sum(counted[each] for each in all_spellings)
            self.update(dict.fromkeys(all_spellings, 0))
            for each in all_spellings:
                self[each] = total

    def __missing__(self, value: Any) -> int:
        key = as_key(value)
        return 0 if key == value else self[key]


@dataclass(frozen=True)
class Context:
    """The data that a rule can read besides its record. A rule reaches nothing else."""

    snapshot: Snapshot = EMPTY_SNAPSHOT
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """The fields that submission rules read, each with its values in all records."""
    unread_parts: Sequence[Mapping[str, Any]] = ()
    """The parts of the submitted file that were not read."""
    _counters: dict[str, Counter[Any]] = field(default_factory=dict)
    _look_alikes: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def times(self, name: str) -> Counter[Any]:
        """Count the records of the submission by their value in the field `name`. The count is cached.

        Texts that differ only in the encoding of accents are one value.
        """
        if name not in self._counters:
            self._counters[name] = _Times(Counter(self.columns.get(name, ())))
        return self._counters[name]

    def look_alikes(self, name: str) -> Mapping[str, Sequence[str]]:
        """Map the texts in the field `name` to the others that look like them. The mapping is cached."""
        if name not in self._look_alikes:
            self._look_alikes[name] = group_look_alikes(self.columns.get(name, ()), limit=MAX_ALIKE)
        return self._look_alikes[name]

    def state(self, kind: Any, reporter: Any, period: Any, ref: Any) -> str | None:
        """Return the state of a record; None if it was never accepted."""
        return self.snapshot.known.get((kind, reporter, period, as_key(ref)))

    def previous(self, ref: Any) -> Mapping[str, Any] | None:
        """Return the facts of the record's previously accepted version; None if there is none."""
        return self.snapshot.previous.get(as_key(ref))

    def similar(self, ref: Any) -> Sequence[Mapping[str, Any]] | None:
        """Return support similar to the record; None if there is none."""
        return self.snapshot.similar.get(ref) or None

    def alike(self, ref: Any) -> Sequence[str] | None:
        """Return the reporter's earlier refs that look like the record's; None if there are none."""
        return self.snapshot.alike.get(ref) or None

    def former(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the reporter's open needs of the previous period; None if there are none."""
        return self.snapshot.former or None

    def unread(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the parts of the submitted file that were not read; None if all was read."""
        return self.unread_parts or None
