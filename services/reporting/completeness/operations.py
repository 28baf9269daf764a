"""Remember what the calendar tells: completeness is read against it."""

from services.reporting.completeness import store
from shared.database import Transaction
from shared.events import DeadlineSet, MeetingMoved, ObligationSet


def note_obligation(tx: Transaction, *, event: ObligationSet) -> None:
    """Remember what a structure owes, unless something later is known."""
    store.save_obligation(tx, event.payload() | {"noted_at": tx.now})


def note_deadline(tx: Transaction, *, event: DeadlineSet) -> None:
    """Remember when a mapping is due, unless something later is known."""
    store.save_deadline(tx, event.payload() | {"noted_at": tx.now})


def note_meeting(tx: Transaction, *, event: MeetingMoved) -> None:
    """Remember when a meeting is held, unless something later is known."""
    row = {
        "meeting": event.meeting,
        "title": event.title,
        "held_on": event.held_on,
        "sequence": event.sequence,
        "noted_at": tx.now,
    }
    store.save_meeting(tx, row)
