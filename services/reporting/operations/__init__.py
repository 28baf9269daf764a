"""What reporting does: folds verdicts in, notes the calendar, answers, rebuilds."""

from services.reporting.operations.folding import (
    fold_submission,
    note_arrival,
    read_holding,
    remove_submission,
)
from services.reporting.operations.noting import note_deadline, note_meeting, note_obligation
from services.reporting.operations.reading import Reader, read_aggregates, read_completeness, read_gaps
from services.reporting.operations.rebuilding import RebuildIsSuperseded, Summary, rebuild

__all__ = [
    "Reader",
    "RebuildIsSuperseded",
    "Summary",
    "fold_submission",
    "note_arrival",
    "note_deadline",
    "note_meeting",
    "note_obligation",
    "read_aggregates",
    "read_completeness",
    "read_gaps",
    "read_holding",
    "rebuild",
    "remove_submission",
]
