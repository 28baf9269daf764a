"""The reasons of verdicts in words."""

REASONS = {
    "data_changed": "your data changed",
    "rules_changed": "our rules changed",
    "references_changed": "what you refer to changed",
    "waiver_changed": "a waiver was given or ended",
}
"""Why a verdict was given, as its reporter is told."""


def reason_text(reason: str, *, version: int, verdict: int) -> str:
    """A verdict's reason as its reporter is told; with the first one nothing has changed yet."""
    return "the first verdict" if (version, verdict) == (1, 1) else REASONS.get(reason, reason)
