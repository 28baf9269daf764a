"""What was found in some records of a submission, so that it can be put together with what was found in the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT
from services.validation.engine.domain.findings import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.validation.engine.domain.evaluation.place_limits import PlaceLimit
    from services.validation.engine.domain.references.lookups import Snapshot


@dataclass
class Tally:
    """How often a rule passed, failed, was skipped (and why) and broke."""

    passed: int = 0
    failed: int = 0
    missing: int = 0
    condition: int = 0
    broken: int = 0
    nothing: int = 0
    errored: int = 0

    def add(self, other: Tally) -> None:
        """Count what the other counted."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)

    def count(self, outcome: str) -> None:
        """Count one more outcome, or one more reason why it was skipped."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def skipped(self) -> int:
        """How often it was skipped."""
        return self.missing + self.condition + self.broken + self.nothing

    @property
    def written(self) -> dict[str, Any]:
        """As the report has it."""
        why = {name: getattr(self, name) for name in ("missing", "condition", "broken", "nothing")}
        return {"passed": self.passed, "failed": self.failed, "skipped": why, "errored": self.errored}


@dataclass
class PartialResult:
    """What was found in records that stand one after another.

    `places` are the first of each (rule id, outcome), as the report has them; `faulty` counts, by the index of a record,
    the places in it that return the submission, told or not; `causes` say why rules broke; `columns` hold what the rules
    over the whole submission read; `snapshot` is what was looked up for these records.
    """

    records: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    faulty: Counter[int] = field(default_factory=Counter)
    causes: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    snapshot: dict[str, Any] = field(default_factory=dict)
    before: PartialResult | None = None
    """What was found in the records before, where it is at hand: places for which it has no room are not described."""
    place_limit: PlaceLimit = BRIEF_LIMIT
    most: int = MAX_PLACES
    """So many places of each finding are told, by what was counted last."""

    def tally(self, rule: str) -> Tally:
        """The rule's tally, begun if it is not there."""
        return self.tallies.setdefault(rule, Tally())

    def remaining_places(self, rule: str, outcome: str) -> int:
        """How many more places of this finding would be told."""
        return max(0, self.most - self.told(rule, outcome))

    def told(self, rule: str, outcome: str) -> int:
        """How many places of this finding are told, those in the records before included."""
        before = 0 if self.before is None else self.before.told(rule, outcome)
        return before + len(self.places.get((rule, outcome), ()))

    def add_places(self, rule: str, outcome: str, *places: Mapping[str, Any]) -> None:
        """Keep places, as far as there is room."""
        remaining_places = self.remaining_places(rule, outcome)
        self.places.setdefault((rule, outcome), []).extend(places[:remaining_places])

    def resolve_limit(self) -> None:
        """Work out from all that is counted how many places of each finding are told, and forget the others."""
        self.most = self.place_limit.most(self._counts())
        for places in self.places.values():
            del places[self.most :]

    def _counts(self) -> Iterable[int]:
        tallies: list[Mapping[str, Tally]] = [self.tallies]
        if self.before is not None:
            tallies.append(self.before.tallies)
        for rule in {rule for each in tallies for rule in each}:
            its = [each[rule] for each in tallies if rule in each]
            yield sum(tally.failed for tally in its)
            yield sum(tally.errored for tally in its)

    def add(self, after: PartialResult) -> None:
        """Add what was found in the records that come next."""
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

    @property
    def written(self) -> dict[str, Any]:
        """As JSON, so that another process can go on."""
        return {
            "records": self.records,
            "tallies": {rule: list(vars(tally).values()) for rule, tally in self.tallies.items()},
            "places": [[rule, outcome, places] for (rule, outcome), places in self.places.items()],
            "faulty": [list(self.faulty.keys()), list(self.faulty.values())],
            "causes": self.causes,
            "columns": self.columns,
            "snapshot": self.snapshot,
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> PartialResult:
        """The part that was written."""
        return cls(
            records=written["records"],
            tallies={rule: Tally(*counts) for rule, counts in written["tallies"].items()},
            places={(rule, outcome): places for rule, outcome, places in written["places"]},
            faulty=Counter(dict(zip(*written["faulty"], strict=True))),
            causes=dict(written["causes"]),
            columns=dict(written["columns"]),
            snapshot=dict(written["snapshot"]),
        )


def record_lookups(snapshot: Snapshot) -> dict[str, Any]:
    """What a snapshot says about records, as a part keeps it."""
    return {name: found for name, found in snapshot.written.items() if name != "former"}


class Rows:
    """All records of a submission, of each only the columns: made as they are walked, so that none is kept."""

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
        """Each record's index and its values in these columns."""
        return enumerate(zip(*(self._columns[name] for name in names), strict=True))

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {name: values[index] for name, values in self._columns.items()}
