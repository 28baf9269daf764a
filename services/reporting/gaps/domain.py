"""The gap matrix: per partner and pillar, how far the needs are met."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from shared.reference.partners import PARTNERS
from shared.reference.pillars import PILLARS

WHOLE = 10_000
"""100 % in hundredths of a per cent: from this sum of shares on, a need is covered."""

CLOSED = ("merged", "withdrawn")
"""Dispositions of needs that ask for nothing any more: they are not in the matrix."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of needs. needs = covered + partly + open, and those partly met are answered, supported or both."""

    needs: int = 0
    answered: int = 0
    """By at least one response."""
    supported: int = 0
    """By at least one support record."""
    covered: int = 0
    """In full by one record, or by shares that sum to 100 %."""
    partly: int = 0
    open: int = 0
    """Neither answered nor supported."""

    def __add__(self, other: "Gap") -> "Gap":
        return Gap(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


Place = tuple[str, str]
"""(partner, pillar)"""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every partner by every pillar in their canonical order, with the sums."""

    cells: Mapping[Place, Gap]
    partners: Mapping[str, Gap]
    pillars: Mapping[str, Gap]
    total: Gap


def matrix_of(counted: Mapping[Place, Gap]) -> Matrix:
    """Complete the matrix: a need has one partner and one pillar, so the sums count each need once."""
    cells = {
        (partner, pillar): counted.get((partner, pillar), Gap()) for partner in PARTNERS for pillar in PILLARS
    }
    return Matrix(
        cells=cells,
        partners={
            code: _sum(gap for (partner, _), gap in cells.items() if partner == code) for code in PARTNERS
        },
        pillars={code: _sum(gap for (_, pillar), gap in cells.items() if pillar == code) for code in PILLARS},
        total=_sum(cells.values()),
    )


def _sum(gaps: Iterable[Gap]) -> Gap:
    total = Gap()
    for gap in gaps:
        total += gap
    return total
