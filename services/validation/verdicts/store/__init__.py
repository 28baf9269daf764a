"""Tables and queries of verdicts."""
