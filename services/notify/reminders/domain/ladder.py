"""The ladder of reminders as data: the days before a deadline on which a message of some kind is sent."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.notify.reminders.domain.obligations import Obligation

REMINDER = "reminder"
"""The kind of message about an obligation that is due today or later."""
OVERDUE = "overdue"
"""The kind of message about an obligation whose deadline has passed."""
DATE_CHANGED = "date_changed"
"""The kind of message about a moved meeting. It is also the step of its notices, which are not on the ladder."""


CANCELLED = "cancelled"
"""The kind of message about a cancelled meeting, and the step of its notices."""
NOTICES = frozenset({DATE_CHANGED, CANCELLED})
"""The steps of notices about a meeting."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder."""

    name: str
    days_before: int
    """Days before the deadline, not the meeting; negative: after it."""
    kind: str
    """The kind of message that the step sends."""

    def send_on(self, obligation: Obligation) -> date:
        """Return the day on which the step is due, at the earliest the day on which the window opens."""
        return max(obligation.due_on - timedelta(days=self.days_before), obligation.opens_on)


LADDER = (
    Step("T-30", 30, REMINDER),
    Step("T-14", 14, REMINDER),
    Step("T-7", 7, REMINDER),
    Step("T-1", 1, REMINDER),
    Step("overdue", -1, OVERDUE),
)
"""The steps, the earliest first."""


def find_step(name: str) -> Step | None:
    """Return the step of the ladder with this name, or None: notices are not on the ladder."""
    return next((step for step in LADDER if step.name == name), None)


def is_overtaken(obligation: Obligation, step: Step, day: date) -> bool:
    """Return whether a later step of the ladder is due."""
    later = LADDER[LADDER.index(step) + 1 :]
    return any(other.send_on(obligation) <= day for other in later)
