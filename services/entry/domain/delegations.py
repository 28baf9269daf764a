"""Who may act for a structure: its coordinator always, and a backup that it named, until a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.reference import COORDINATORS, STRUCTURES

LONGEST_DELEGATION = timedelta(days=366)
"""Staff change often: within a year somebody looks again."""


@dataclass(frozen=True)
class Delegation:
    """A structure lets another act for it until a day, that day included."""

    id: str
    structure: str
    to: str
    kind: str
    given_by: str
    given_at: datetime
    expires_on: date
    reason: str
    ended_at: datetime | None = None

    def holds(self, on: date) -> bool:
        """Whether it lets anybody act on the day."""
        return self.ended_at is None and on <= self.expires_on


class DelegationIsOver(Exception):
    """A delegation was ended before, or has expired."""

    def __init__(self) -> None:
        super().__init__("The delegation is over: nobody acts by it any more.")


def backups_of(structure: str) -> list[str]:
    """Who can be named as its backup: the other structures of its partner, and its coordinator."""
    partner = STRUCTURES[structure].partner
    others = (code for code, each in STRUCTURES.items() if each.partner == partner and code != structure)
    return [*others, *(code for code, each in COORDINATORS.items() if each.partner == partner)]


def coordinates(reporter: str, structure: str) -> bool:
    """Whether the reporter is the coordinator of the structure's partner."""
    coordinator = COORDINATORS.get(reporter)
    return coordinator is not None and coordinator.partner == STRUCTURES[structure].partner
