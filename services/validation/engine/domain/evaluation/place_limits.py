"""Limits on the places listed for a finding. Further places are only counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.validation.engine.domain.findings import MAX_PLACES


@dataclass(frozen=True)
class PlaceLimit:
    """The maximum number of places per finding, and optionally in total.

    The first `MAX_PLACES` of each finding are always listed, whatever the total.
    """

    per_finding: int = MAX_PLACES
    in_total: int | None = None

    def for_counts(self, counts: Iterable[int]) -> int:
        """Return the maximum per finding for findings with these counts of places. All findings share the total equally.

        It only falls as counts grow, so the places listed for all records are among those listed for some of them.
        """
        if self.in_total is None:
            return self.per_finding
        left, waiting = self.in_total, sorted(min(count, self.per_finding) for count in counts)
        for number, count in enumerate(waiting):
            share = left // (len(waiting) - number)
            if count > share:
                return max(share, MAX_PLACES)
            left -= count
        return self.per_finding

    def full_findings(self, counts: Iterable[Mapping[str, Sequence[int]]]) -> frozenset[tuple[str, str]]:
        """Return the findings that need no more places after these counts of failed and errored places, by rule.

        The counts may be those of any preceding records, since the limit only falls as counts grow.
        """
        total: Counter[tuple[str, str]] = Counter()
        for each in counts:
            for rule, (failed, errored) in each.items():
                total[rule, "failed"] += failed
                total[rule, "errored"] += errored
        most = self.for_counts(total.values())
        return frozenset(finding for finding, count in total.items() if count >= most)


BRIEF_LIMIT = PlaceLimit()
"""For a report that people read."""

FILE_LIMIT = PlaceLimit(per_finding=5_000, in_total=20_000)
"""For a file that is returned with a note at each cell."""
