"""Words that several services use for the same thing."""

KIND_TITLES = {"need": "Needs", "response": "Responses", "support": "Support"}
"""The title of each kind of mapping."""

VERDICT_REASONS = {
    "data_changed": "your data changed",
    "rules_changed": "the rules changed",
    "references_changed": "a record that you refer to changed",
    "waiver_changed": "a waiver was granted or revoked",
}
"""The reasons of later verdicts, as their reporters read them."""


def pluralise(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 rule, 2 rules, 1,000 deliveries."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
