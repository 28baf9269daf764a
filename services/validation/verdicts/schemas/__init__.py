"""Request and response schemas of verdicts."""
