"""How many places of a finding are told. The others are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.validation.engine.domain.findings import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class PlaceLimit:
    """So many places of each finding at the most, and, where that is bounded too, so many of all together.

    Of each finding the first `MOST_PLACES` are told whatever all of them come to.
    """

    per_finding: int = MAX_PLACES
    in_total: int | None = None

    def most(self, counts: Iterable[int]) -> int:
        """How many places of each finding are told where findings have so many: all share what there is alike.

        It only falls as counts grow. So what is told of all records is among what is told of some of them.
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


BRIEF_LIMIT = PlaceLimit()
"""For who reads what is wrong."""

FILE_LIMIT = PlaceLimit(per_finding=5_000, in_total=20_000)
"""For a file that is given back with each cell marked."""
