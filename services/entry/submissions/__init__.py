"""Submissions, their versions, and their verdicts."""
