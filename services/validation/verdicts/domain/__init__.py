"""Values of verdicts."""
