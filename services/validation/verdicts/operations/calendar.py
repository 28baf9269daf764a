"""Remember what the calendar tells: a period is open until the meeting that adopts it was held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.validation.verdicts.store import calendar

if TYPE_CHECKING:
    from shared.database import Transaction
    from shared.events import MeetingMoved, WindowSet


def note_window(tx: Transaction, *, event: WindowSet) -> None:
    """Remember which meeting adopts what a window collects, unless something later is known."""
    calendar.save_window(tx, event.payload())


def note_meeting(tx: Transaction, *, event: MeetingMoved) -> None:
    """Remember when a meeting is held, unless something later is known."""
    calendar.save_meeting(tx, event.payload())
