"""The reasons of verdicts in words."""

REASONS = {
    "data_changed": "your data changed",
    "rules_changed": "our rules changed",
    "references_changed": "what you refer to changed",
    "waiver_changed": "a waiver was given or ended",
}
"""The reasons of verdicts, as reporters read them."""


def reason_text(reason: str, *, version: int, verdict: int) -> str:
    """Return a verdict's reason as its reporter reads it; the first verdict has none."""
    return "the first verdict" if (version, verdict) == (1, 1) else REASONS.get(reason, reason)
