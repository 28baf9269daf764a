"""Record windows and meetings: a period is open until the meeting that adopts it was held."""

from services.validation.verdicts.store import calendar
from shared.database import Transaction
from shared.events import MeetingCancelled, MeetingMoved, WindowSet


def record_window(tx: Transaction, *, event: WindowSet) -> None:
    """Record the meeting that adopts a window's period, unless a later change is known."""
    calendar.upsert_window(tx, event.payload())


def record_meeting(tx: Transaction, *, event: MeetingMoved | MeetingCancelled) -> None:
    """Record the date of a meeting, or that it is cancelled, unless a later change is known."""
    calendar.upsert_meeting(tx, event.payload(), is_cancelled=isinstance(event, MeetingCancelled))
