"""Choices of a column: the codes that are valid in the period, with their labels in the language of the template."""

from shared.reference import CODELISTS, PARTNERS, Field, codes_valid_in_period, label

SELF_EXPLANATORY = frozenset(("currency",))
"""Code lists whose codes need no label."""


def list_choices(field: Field, *, pillar: str, period: str, language: str) -> dict[str, str]:
    """Return the entries of the drop-down list by code; empty for a field with free values."""
    entry = field.items if field.items is not None else field
    # Each pillar has its own themes.
    name = f"theme:{pillar}" if entry.codelist == "theme" else entry.codelist or ""
    if name in CODELISTS:
        return {code: _shown(name, code, language) for code in codes_valid_in_period(name, period)}
    return {
        code: _shown("beneficiary", code, language) if code in PARTNERS else code for code in entry.allowed
    }


def _shown(name: str, code: str, language: str) -> str:
    """Return the label, preceded by a code that is a number or an abbreviation."""
    if name in SELF_EXPLANATORY:
        return code
    words = label(name, code, language)
    return f"{code} {words}" if code.isdigit() or code.isupper() else words
