"""How many places of a finding are told. The others are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.validation.engine.domain.findings import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Bound:
    """So many places of each finding at the most, and, where that is bounded too, so many of all together.

    Of each finding the first `MOST_PLACES` are told whatever all of them come to.
    """

    of_each: int = MAX_PLACES
    of_all: int | None = None

    def most(self, counts: Iterable[int]) -> int:
        """How many places of each finding are told where findings have so many: all share what there is alike.

        It only falls as counts grow. So what is told of all records is among what is told of some of them.
        """
        if self.of_all is None:
            return self.of_each
        left, waiting = self.of_all, sorted(min(count, self.of_each) for count in counts)
        for number, count in enumerate(waiting):
            share = left // (len(waiting) - number)
            if count > share:
                return max(share, MAX_PLACES)
            left -= count
        return self.of_each


IN_BRIEF = Bound()
"""For who reads what is wrong."""

IN_FULL = Bound(of_each=5_000, of_all=20_000)
"""For a file that is given back with each cell marked."""
