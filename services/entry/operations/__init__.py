"""What entry does: takes submissions and corrections, takes them back, and notes what becomes of them."""

from services.entry.operations.handing_in import (
    Handed,
    check_handed,
    correct_submission,
    receive_submission,
    withdraw_submission,
)
from services.entry.operations.noting import note_progress, note_verdict, set_window
from services.entry.operations.reading import get_own, get_visible, list_visible, read_findings

__all__ = [
    "Handed",
    "check_handed",
    "correct_submission",
    "get_own",
    "get_visible",
    "list_visible",
    "note_progress",
    "note_verdict",
    "read_findings",
    "receive_submission",
    "set_window",
    "withdraw_submission",
]
