"""Wording that commands share."""


def pluralise(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 rule, 2 rules, 1,000 deliveries."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
