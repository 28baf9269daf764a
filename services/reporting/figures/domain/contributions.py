"""What one submission holds, with what it adds up to: put together before its turn to write comes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.reporting.figures.domain.cube import Figures, contribution, total
from services.reporting.figures.domain.facts import Entry
from services.reporting.figures.domain.precedence import Copy


@dataclass(frozen=True, slots=True)
class Holding:
    """Nothing where the submission was returned or withdrawn."""

    entries: tuple[Entry, ...] = ()
    figures: Figures = field(default_factory=dict)
    """What they add to the kept figures if all of them are in force."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Holding":
        """Add the entries up."""
        held = tuple(entries)
        return cls(held, total(contribution(entry.facts) for entry in held))

    def copies(self, submission: str, identities: Collection[str]) -> list[Copy]:
        """Those of its entries, as copies that come."""
        return [
            Copy(entry.identity, submission, entry.facts)
            for entry in self.entries
            if entry.identity in identities
        ]
