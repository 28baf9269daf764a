"""Queries for figures, and their result."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.reporting.figures.domain.cube import MANY_VALUED, Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuery:
    """A query for figures. `filters` maps a key to the values that match; only these `markings` count."""

    group_by: tuple[str, ...] = ()
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    markings: Collection[str]

    @property
    def must_count_facts(self) -> bool:
        """Whether a record may count in several of the stored figures that would be added up."""
        return any(len(self.filters.get(key, ())) > 1 and key not in self.group_by for key in MANY_VALUED)


@dataclass(slots=True)
class FigureGroup:
    """The number of distinct records, and the cents of each currency."""

    records: int = 0
    amounts: dict[str, Figure] = field(default_factory=dict)


FigureGroups = dict[tuple[str, ...], FigureGroup]
