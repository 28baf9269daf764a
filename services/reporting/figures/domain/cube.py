"""The stored figures, and the figures of one record.

A support record counts in several cells. So its stored figures also have a row for each combination of partner, theme
and period in which some of them are "*" (any). A record adds one to each row that it matches. So every query
finds rows of distinct records, which may be added up over the remaining keys, since these have one value per record.
Needs and responses have one value for every key and need no such rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from services.reporting.figures.domain.facts import Fact
from services.reporting.figures.domain.money import ANY

KEYS = ("pillar", "partner", "kind", "theme", "category", "period", "status")
MANY_VALUED = ("partner", "theme", "period")
"""The keys for which a support record may have several values."""

MEASURES = ("estimated", "committed", "spent")
MEASURES_OF = {"need": ("estimated",), "response": ("committed",), "support": ("committed", "spent")}
"""The measures of money that each kind has."""


class Cell(NamedTuple):
    """The key of a stored figure: with `currency` "" it counts records, otherwise money."""

    pillar: str
    partner: str
    kind: str
    theme: str
    category: str
    period: str
    status: str
    tlp: str
    currency: str


class Figure(NamedTuple):
    """The number of distinct records, and cents."""

    records: int = 0
    estimated: int = 0
    committed: int = 0
    spent: int = 0

    def plus(self, other: "Figure", *, times: int = 1) -> "Figure":
        """Add the other figure, or subtract it with `times=-1`."""
        # Spelled out for speed: a large submission adds millions of figures.
        return Figure(
            self.records + times * other.records,
            self.estimated + times * other.estimated,
            self.committed + times * other.committed,
            self.spent + times * other.spent,
        )


NOTHING = Figure()
Figures = dict[Cell, Figure]


def total(added: Iterable[Figures], *, less: Figures | None = None) -> Figures:
    """Add figures up and subtract others; return them without zeros."""
    sums: Figures = defaultdict(Figure)
    for figures in added:
        for cell, figure in figures.items():
            sums[cell] = sums[cell].plus(figure)
    for cell, figure in (less or {}).items():
        sums[cell] = sums[cell].plus(figure, times=-1)
    return {cell: figure for cell, figure in sums.items() if figure != NOTHING}


def total_of(records: Iterable[Sequence[Fact]]) -> Figures:
    """Return the figures of several records, given by their facts.

    Records that count in the same cells are added up first: a large submission has a hundred thousand records, and a few
    hundred ways to count.
    """
    alike: dict[tuple[Any, ...], list[Sequence[Fact]]] = defaultdict(list)
    for facts in records:
        alike[tuple(fact.cell for fact in facts)].append(facts)
    return total(figures_of(_added(same), records=len(same)) for same in alike.values())


def _added(same: Iterable[Sequence[Fact]]) -> Iterator[Fact]:
    """Add up the facts of records that count in the same cells."""
    for facts in zip(*same, strict=True):
        yield facts[0]._replace(
            estimated=sum(fact.estimated for fact in facts),
            committed=sum(fact.committed for fact in facts),
            spent=sum(fact.spent for fact in facts),
        )


def figures_of(facts: Iterable[Fact], *, records: int = 1) -> Figures:
    """Return the figures of one record: its share in each stored figure.

    The facts may also be the sums of several records that count in the same cells.
    """
    figures: Figures = defaultdict(Figure)
    for fact in facts:
        for partner, theme, period in _levels(fact):
            here = Cell(
                fact.pillar, partner, fact.kind, theme, fact.category, period, fact.status, fact.tlp, ""
            )
            figures[here] = Figure(records)
            if fact.currency:
                amounts = Figure(0, fact.estimated, fact.committed, fact.spent)
                priced = here._replace(currency=fact.currency)
                figures[priced] = figures[priced].plus(amounts)
    return figures


def _levels(fact: Fact) -> Iterable[tuple[str, str, str]]:
    values = (fact.partner, fact.theme, fact.period)
    if fact.kind != "support":
        return (values,)
    return product(*((value, ANY) for value in values))  # type: ignore[return-value]
