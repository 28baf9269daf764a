"""The contribution of one submission, added up before its fold takes the lock."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from services.reporting.figures.domain.cube import Figures, total_of
from services.reporting.figures.domain.facts import Entry
from services.reporting.figures.domain.precedence import Claim


@dataclass(frozen=True, slots=True)
class Counting:
    """The number of a submission's records that count, and of those that each other submission supersedes."""

    submission: str
    records: int
    counted: int
    superseded_by: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contribution:
    """The entries of a submission with their figures; empty for a returned or withdrawn submission."""

    entries: tuple[Entry, ...] = ()
    figures: Figures = field(default_factory=dict)
    """The figures to add if all entries are in force."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Contribution":
        """Create a contribution from entries, with the sum of their figures."""
        entries = tuple(entries)
        return cls(entries, total_of(entry.facts for entry in entries))

    def claims(self, submission: str, identities: Collection[str]) -> list[Claim]:
        """Return the entries with these identities as claims of the submission."""
        return [
            Claim(entry.identity, submission, entry.facts, place=entry.place or "")
            for entry in self.entries
            if entry.identity in identities
        ]
