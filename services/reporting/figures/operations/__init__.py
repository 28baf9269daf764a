"""What reporting does: folds verdicts in, notes the calendar, answers, rebuilds."""
