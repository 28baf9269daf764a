"""The gap rule, which classifies a need by the responses and support for it, and the matrix per partner and pillar."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
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

REPORTED = "reported"
PARTLY_REPORTED = "partly_reported"
"""Of a total: some of its structures have reported."""
NOT_REPORTED = "not_reported"
UNKNOWN = "unknown"
"""The reader sees no needs, and may not know whether the structure has reported."""
STATES = (REPORTED, PARTLY_REPORTED, NOT_REPORTED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cell:
    """The needs of one structure, or the sum over several. Without a report there are no numbers, not even zeros."""

    state: str
    gap: Gap | None
    structures: int = 1
    reported: int = 0
    """The number of structures that have reported, as far as the reader may know."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Partners by pillars in their canonical order, with the sums."""

    cells: Mapping[Place, Cell]
    partners: Mapping[str, Cell]
    pillars: Mapping[str, Cell]
    total: Cell


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


def matrix_of(
    counted: Mapping[Place, Gap],
    *,
    reported: Collection[Place],
    known: Collection[Place],
    partners: Collection[str] = (),
    pillars: Collection[str] = (),
) -> Matrix:
    """Complete the matrix of these partners and pillars, by default of all.

    `reported` are the structures that have reported, and `known` those of which the reader may know it. A need has one
    partner and one pillar, so the sums count each need once.
    """
    cells = {
        (partner, pillar): _cell(counted.get((partner, pillar)), (partner, pillar), reported, known)
        for partner in PARTNERS
        for pillar in PILLARS
        if partner in (partners or PARTNERS) and pillar in (pillars or PILLARS)
    }
    return Matrix(
        cells=cells,
        partners={
            code: _sum(cell for (partner, _), cell in cells.items() if partner == code)
            for code in dict.fromkeys(partner for partner, _ in cells)
        },
        pillars={
            code: _sum(cell for (_, pillar), cell in cells.items() if pillar == code)
            for code in dict.fromkeys(pillar for _, pillar in cells)
        },
        total=_sum(cells.values()),
    )


def _cell(gap: Gap | None, place: Place, reported: Collection[Place], known: Collection[Place]) -> Cell:
    if gap is not None or (place in known and place in reported):
        return Cell(REPORTED, gap or Gap(), reported=1)
    return Cell(NOT_REPORTED if place in known else UNKNOWN, None)


def _sum(cells: Iterable[Cell]) -> Cell:
    cells = tuple(cells)
    states = {cell.state for cell in cells}
    if REPORTED in states:
        state = REPORTED if states == {REPORTED} else PARTLY_REPORTED
    else:
        state = UNKNOWN if UNKNOWN in states else NOT_REPORTED
    gaps = [cell.gap for cell in cells if cell.gap is not None]
    return Cell(state, sum(gaps, Gap()) if gaps else None, structures=len(cells), reported=len(gaps))
