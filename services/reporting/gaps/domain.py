"""The gap rule, which classifies a need by the responses and support for it, and the matrix per partner and pillar."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from services.reporting.figures.domain.needs import LinkedNeeds, LinkTotals
from shared.reference.partners import PARTNERS
from shared.reference.pillars import PILLARS

WHOLE = 10_000
"""100 % in hundredths of a per cent: a need is covered from this sum of shares on."""

CLOSED = ("merged", "withdrawn")
"""Dispositions of needs that are no longer open to support. The matrix excludes these needs."""

COVERED = "covered"
PARTLY = "partly"
OPEN = "open"


def classify(links: LinkTotals) -> str:
    """Classify one need by the links to it.

    A need without links is open. A need is covered if one record meets it in full, or if shares sum to 100 %; otherwise
    its links meet it partly.
    """
    if not links.responses and not links.supports:
        return OPEN
    if links.full or links.share >= WHOLE:
        return COVERED
    return PARTLY


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of needs. needs = covered + partly + open; a need that is partly met is answered, supported or both."""

    needs: int = 0
    answered: int = 0
    """Needs with at least one response."""
    supported: int = 0
    """Needs with at least one support record."""
    covered: int = 0
    partly: int = 0
    open: int = 0

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


def count_gaps(needs: Iterable[LinkedNeeds]) -> dict[Place, Gap]:
    """Classify each need and count per partner and pillar."""
    numbers: Counter[tuple[str, str, bool, bool, str]] = Counter()
    for partner, pillar, links, number in needs:
        numbers[partner, pillar, links.responses > 0, links.supports > 0, classify(links)] += number
    counted: dict[Place, Gap] = defaultdict(Gap)
    for (partner, pillar, is_answered, is_supported, state), number in numbers.items():
        counted[partner, pillar] += Gap(
            needs=number, answered=number * is_answered, supported=number * is_supported, **{state: number}
        )
    return dict(counted)


def matrix_of(counted: Mapping[Place, Gap]) -> Matrix:
    """Complete the matrix. A need has one partner and one pillar, so the sums count each need once."""
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
    return sum(gaps, Gap())
