"""Use cases of verdicts."""
