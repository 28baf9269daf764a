"""The report of a run: outcomes by file, and the shares that were killed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.figures import Figure
from tests.mutants.changes import Mutant

BAR = 0.85

OUTCOMES = ("killed", "refused", "timeout", "survived")
"""A test fails, the rule cannot even be loaded, the tests hang: all three are noticed."""


@dataclass
class Half:
    """The mutants of the engine, or of the rules: their number, and the outcomes of those that were tried."""

    name: str
    total: int
    tried: list[tuple[Mutant, str]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of the tried mutants that were killed."""
        return 1 - len(self.survivors) / max(1, len(self.tried))

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that survived."""
        return [mutant for mutant, outcome in self.tried if outcome == "survived"]


def figures_of(halves: Sequence[Half]) -> Iterator[Figure]:
    """Return the share over all, each half weighted by its number of mutants, then of each half; the bar holds for each."""
    total = sum(half.total for half in halves)
    share = sum(half.share * half.total for half in halves) / max(1, total)
    yield Figure(
        "mutants killed",
        share,
        "share",
        f"of {total} in {' and '.join(half.name for half in halves)}",
        bar=BAR,
    )
    for half in halves:
        how = f"{len(half.tried)} tried of {half.total}"
        yield Figure(f"mutants killed: {half.name}", half.share, "share", how, bar=BAR)


def by_file(halves: Sequence[Half]) -> list[dict[str, Any]]:
    """Return a row for each file: the number of its mutants by outcome."""
    counted: dict[str, Counter[str]] = {}
    for half in halves:
        for mutant, outcome in half.tried:
            counted.setdefault(mutant.file, Counter())[outcome] += 1
    return [{"file": file, **{each: counts[each] for each in OUTCOMES}} for file, counts in counted.items()]


def table_of(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return the rows for a terminal."""
    yield "".join(f"{each:>10}" for each in OUTCOMES)
    for row in rows:
        yield "".join(f"{row[each]:>10}" for each in OUTCOMES) + f"  {row['file']}"
