"""The code lists by name, and what may be asked of them. A code is valid on a day, or in a period."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from shared.reference.codelists.fields import FIELDS
from shared.reference.codelists.model import Code, CodeList
from shared.reference.codelists.standards import STANDARDS
from shared.reference.codelists.themes import SUCCESSORS, THEMES
from shared.reference.periods import bounds

__all__ = [
    "CODELISTS",
    "Code",
    "CodeList",
    "codelists_hash",
    "codes_valid_in_period",
    "is_valid",
    "is_valid_in_period",
    "label",
    "successors",
]

CODELISTS: Mapping[str, CodeList] = MappingProxyType(
    {each.name: each for each in (*THEMES, *FIELDS, *STANDARDS)}
)


@lru_cache(maxsize=1)
def codelists_hash() -> str:
    """Which code lists these are: the same for the same codes, labels and dates, in 16 hexadecimal digits."""
    written = [(each.name, each.version, *map(repr, each.codes.values())) for each in CODELISTS.values()]
    return hashlib.sha256(repr(written).encode()).hexdigest()[:16]


def is_valid(list_name: str, code: str, on: date) -> bool:
    """Whether `code` is in the list and valid on that day; raises KeyError for an unknown list."""
    found = CODELISTS[list_name].codes.get(code)
    return found is not None and found.is_valid_between(on, on)


def is_valid_in_period(list_name: str, code: str, period: str) -> bool:
    """Whether `code` is valid on at least one day of `period`: in a biennium that spans two lists, both are."""
    found = CODELISTS[list_name].codes.get(code)
    return found is not None and found.is_valid_between(*bounds(period))


def codes_valid_in_period(list_name: str, period: str) -> tuple[str, ...]:
    """Return the codes one may choose from in `period`, in the list's order."""
    first, last = bounds(period)
    return tuple(
        code.code for code in CODELISTS[list_name].codes.values() if code.is_valid_between(first, last)
    )


def label(list_name: str, code: str) -> str:
    """Return what to print for `code`: its label, or the code itself where the list does not know it."""
    found = CODELISTS[list_name].codes.get(code)
    return code if found is None else found.label


def successors(code: str) -> tuple[str, ...]:
    """Return the themes that followed a closed `code`; none for one that is still open."""
    return SUCCESSORS.get(code, ())
