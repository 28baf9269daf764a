"""Obligations: the mappings that structures owe, with their windows and deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Obligation:
    """A mapping of one period that a structure owes. It is met while a submission is received or accepted."""

    structure: str
    kind: str
    period: str
    meeting: str
    opens_on: date
    due_on: date
    closes_on: date
    is_met: bool = False
    is_returned: bool = False
    """Whether a submission was returned. Unless another submission meets the obligation, a corrected version is due."""

    @property
    def code(self) -> str:
        """The obligation's name: `AL-WBCTi/need/2025-2026`."""
        return f"{self.structure}/{self.kind}/{self.period}"

    @property
    def collection(self) -> str:
        """The code of the collection."""
        return f"{self.kind}-{self.period}"

    def is_open(self, day: date) -> bool:
        """Return whether the mapping is missing and its window has not closed."""
        return not self.is_met and day <= self.closes_on

    def state(self, day: date) -> str:
        """Return the state on a day: met, open, overdue (the window is still open) or closed."""
        if self.is_met:
            return "met"
        if day > self.closes_on:
            return "closed"
        return "overdue" if day > self.due_on else "open"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Obligations, and the current date of each meeting by its code; None for a cancelled meeting."""

    obligations: tuple[Obligation, ...]
    meeting_dates: Mapping[str, date | None]
