"""Partial results: the outcomes of some records of a submission, ready to merge with those of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT, PlaceLimit
from services.validation.engine.domain.findings import MAX_PLACES
from services.validation.engine.domain.language.rule_translation import SKIPS
from services.validation.engine.domain.references.lookups import Snapshot


@dataclass
class Tally:
    """The counts of a rule's outcomes: passed, failed, errored, and skipped by reason."""

    passed: int = 0
    failed: int = 0
    missing: int = 0
    condition: int = 0
    broken: int = 0
    nothing: int = 0
    errored: int = 0

    def add(self, other: Tally) -> None:
        """Add the other tally's counts."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)

    def count(self, outcome: str) -> None:
        """Count one more outcome, or one more reason for skipping."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def skipped(self) -> int:
        """The number of times the rule was skipped."""
        return self.missing + self.condition + self.broken + self.nothing

    @property
    def written(self) -> dict[str, Any]:
        """The tally as the report writes it."""
        why = {name: getattr(self, name) for name in SKIPS}
        return {"passed": self.passed, "failed": self.failed, "skipped": why, "errored": self.errored}


@dataclass
class PartialResult:
    """The result of evaluating consecutive records.

    `places` are the first of each (rule id, outcome), as the report writes them; `faulty` counts, by the index of a
    record, its places that return the submission, listed or not; `causes` explain why rules errored; `columns` hold the
    fields that submission rules read; `snapshot` holds the look-ups for these records; `absent` holds the place of each
    column that the table lacks, by path.
    """

    records: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    faulty: Counter[int] = field(default_factory=Counter)
    causes: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    snapshot: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    full: frozenset[tuple[str, str]] = frozenset()
    """The findings for which preceding records have as many places as are listed. Further places are only counted."""
    place_limit: PlaceLimit = BRIEF_LIMIT
    max_places: int = MAX_PLACES
    """The current maximum number of places per finding, by the latest counts."""

    def tally(self, rule: str) -> Tally:
        """Return the rule's tally; create it if necessary."""
        return self.tallies.setdefault(rule, Tally())

    def remaining_places(self, rule: str, outcome: str) -> int:
        """Return the number of places that this finding may still list."""
        if (rule, outcome) in self.full:
            return 0
        return max(0, self.max_places - len(self.places.get((rule, outcome), ())))

    def add_places(self, rule: str, outcome: str, *places: Mapping[str, Any]) -> None:
        """Add places up to the limit."""
        remaining = self.remaining_places(rule, outcome)
        self.places.setdefault((rule, outcome), []).extend(places[:remaining])

    def resolve_limit(self) -> None:
        """Compute the maximum number of places per finding from the counts, and drop places beyond it."""
        self.max_places = self.place_limit.for_counts(self._counts())
        for places in self.places.values():
            del places[self.max_places :]

    def _counts(self) -> Iterable[int]:
        for tally in self.tallies.values():
            yield tally.failed
            yield tally.errored

    @property
    def counts(self) -> dict[str, list[int]]:
        """The number of failed and of errored places of each rule that has any."""
        return {
            rule: [tally.failed, tally.errored]
            for rule, tally in self.tallies.items()
            if tally.failed or tally.errored
        }

    def add(self, after: PartialResult) -> None:
        """Add the result of the records that follow."""
        self.records += after.records
        for rule, tally in after.tallies.items():
            self.tally(rule).add(tally)
        for found, places in after.places.items():
            self.places.setdefault(found, []).extend(places)
        self.resolve_limit()
        self.faulty.update(after.faulty)
        for rule, cause in after.causes.items():
            self.causes.setdefault(rule, cause)
        for name, values in after.columns.items():
            self.columns.setdefault(name, []).extend(values)
        for name, found in after.snapshot.items():
            self.snapshot.setdefault(name, {}).update(found)
        for path, place in after.absent.items():
            self.absent.setdefault(path, place)

    @property
    def written(self) -> dict[str, Any]:
        """The result as JSON, for another process."""
        return {
            "records": self.records,
            "tallies": {rule: list(vars(tally).values()) for rule, tally in self.tallies.items()},
            "places": [[rule, outcome, places] for (rule, outcome), places in self.places.items()],
            "faulty": [list(self.faulty.keys()), list(self.faulty.values())],
            "causes": self.causes,
            "columns": self.columns,
            "snapshot": self.snapshot,
            "absent": self.absent,
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> PartialResult:
        """Read a result that was written as JSON."""
        return cls(
            records=written["records"],
            tallies={rule: Tally(*counts) for rule, counts in written["tallies"].items()},
            places={(rule, outcome): places for rule, outcome, places in written["places"]},
            faulty=Counter(dict(zip(*written["faulty"], strict=True))),
            causes=dict(written["causes"]),
            columns=dict(written["columns"]),
            snapshot=dict(written["snapshot"]),
            absent=dict(written["absent"]),
        )


def record_lookups(snapshot: Snapshot) -> dict[str, Any]:
    """Return the part of a snapshot that concerns single records."""
    return {name: found for name, found in snapshot.written.items() if name != "former"}


class Rows:
    """All records of a submission, reduced to columns. Each record is made on iteration, so that none is stored."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], length: int) -> None:
        self._columns = columns
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = tuple(self._columns)
        for values in zip(*self._columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def fields(self, names: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Return each record's index and its values in these columns."""
        return enumerate(zip(*(self._columns[name] for name in names), strict=True))

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {name: values[index] for name, values in self._columns.items()}
