"""What may be chosen in a column: the codes that are valid in the period, as a person knows them."""

from shared.reference import CODELISTS, PARTNERS, Field, codes_valid_in_period, label

SELF_EXPLANATORY = frozenset(("currency",))
"""Lists whose codes are what people write."""


def choices_of(field: Field, *, pillar: str, period: str) -> dict[str, str]:
    """What stands in the list to choose from, by codes; nothing where anything may be written."""
    entry = field.items if field.items is not None else field
    # Each pillar has themes of its own.
    name = f"theme:{pillar}" if entry.codelist == "theme" else entry.codelist or ""
    if name in CODELISTS:
        return {code: _shown(name, code) for code in codes_valid_in_period(name, period)}
    return {code: f"{code} {PARTNERS[code].label}" if code in PARTNERS else code for code in entry.allowed}


def _shown(name: str, code: str) -> str:
    """Where a code is a word, its label says the same better; a number or an abbreviation is known by itself."""
    if name in SELF_EXPLANATORY:
        return code
    return f"{code} {label(name, code)}" if code.isdigit() or code.isupper() else label(name, code)
