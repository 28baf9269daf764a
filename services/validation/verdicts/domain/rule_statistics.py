"""Statistics of a rule: its failures, for how many reporters, and its exemptions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEARLY_ALL = 0.9
"""The share of failures from which a rule, rather than the records, is suspected. It is below 1 because a few reporters
may have found out how to pass the rule."""

MIN_REPORTERS = 3
"""The minimum number of reporters for that suspicion: one or two may be wrong in everything."""


@dataclass
class RuleStatistics:
    """The outcomes of one rule in the current verdicts, by reporter, and its exemptions by state."""

    judged: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    errored: int = 0
    exempted: Counter[str] = field(default_factory=Counter)

    def add(self, reporter: str, counts: Mapping[str, Any]) -> None:
        """Add the rule's outcomes in one verdict. Skipped places are not counted as judged."""
        judged = counts["passed"] + counts["failed"] + counts["errored"]
        if judged:
            self.judged[reporter] += judged
            self.failed[reporter] += counts["failed"]
            self.errored += counts["errored"]

    @property
    def share(self) -> float:
        """The share of the judged places that failed; 0 if none was judged."""
        return self.failed.total() / (self.judged.total() or 1)

    @property
    def failing_reporters(self) -> int:
        """The number of reporters for which the rule failed."""
        return sum(1 for count in self.failed.values() if count)

    @property
    def fails_everybody(self) -> bool:
        """Whether the rule fails nearly all records of nearly all reporters, so that the rule is likely wrong."""
        failing = sum(
            1 for reporter, judged in self.judged.items() if self.failed[reporter] >= NEARLY_ALL * judged
        )
        return len(self.judged) >= MIN_REPORTERS and failing >= NEARLY_ALL * len(self.judged)
