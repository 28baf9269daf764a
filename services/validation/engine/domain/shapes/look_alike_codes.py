"""Codes with characters that only look like those of the code, such as a Cyrillic letter in AL."""

from functools import lru_cache

from shared.reference import CODELISTS
from shared.reference.fields import CODES, Field
from shared.reference.look_alikes import without_strangers
from shared.reference.spelling import lists_of

MAX_CODE = 60
"""The maximum length of a text that the rules compare with a code list."""


def meant_code(value: str, spec: Field, path: str) -> str | None:
    """Return the code that a value looks like, if some of its characters only look like those of the code."""
    if value.isascii():
        return None
    meant = without_strangers(value[: 2 * MAX_CODE])
    codes = _codes(spec.accepted, path)
    return next(
        (each for each in (meant, meant.upper(), meant.lower()) if each != value and each in codes), None
    )


def codelist_of(spec: Field, path: str) -> str:
    """Return the name of a field's code list; empty without one."""
    return spec.codelist or CODES.get(".".join(step for step in path.split(".") if not step.isdigit()), "")


@lru_cache(maxsize=256)
def _codes(accepted: frozenset[str], path: str) -> frozenset[str]:
    """Return the codes of a field. For a text, the rules decide which of them are valid in a period."""
    if accepted:
        return accepted
    names = lists_of(codelist_of(Field("", "text"), path))
    return frozenset(code for name in names for code in CODELISTS[name].codes)
