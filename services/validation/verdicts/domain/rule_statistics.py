"""How rules fare: how often each fails and for whom, how often it is excused, and what it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NEARLY_ALL = 0.9
"""A rule that fails so large a share of what it judges says more about itself than about the records. It is not 1: a
reporter or two may have found out how to please it."""

FEWEST_REPORTERS = 3
"""One or two reporters may well be wrong in everything; where nearly all of several are, the rule is."""


@dataclass
class Fare:
    """What one rule found in the submissions that stand, by reporter."""

    judged: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    errored: int = 0
    excused: Counter[str] = field(default_factory=Counter)

    def add(self, reporter: str, counts: Mapping[str, Any]) -> None:
        """Count one verdict's outcomes of the rule. What was skipped was not judged."""
        judged = counts["passed"] + counts["failed"] + counts["errored"]
        if judged:
            self.judged[reporter] += judged
            self.failed[reporter] += counts["failed"]
            self.errored += counts["errored"]

    @property
    def share(self) -> float:
        """The share of what was judged that failed; 0 where nothing was."""
        return self.failed.total() / (self.judged.total() or 1)

    @property
    def for_reporters(self) -> int:
        """For how many reporters it failed."""
        return sum(1 for count in self.failed.values() if count)

    @property
    def fails_everybody(self) -> bool:
        """Whether it fails nearly all records of nearly all reporters: the rule's problem, not theirs."""
        refused = sum(
            1 for reporter, judged in self.judged.items() if self.failed[reporter] >= NEARLY_ALL * judged
        )
        return len(self.judged) >= FEWEST_REPORTERS and refused >= NEARLY_ALL * len(self.judged)
