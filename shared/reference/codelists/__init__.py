"""The code lists by name, and queries on them. A code is valid on a day, or in a period."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from shared.i18n.catalogues import label_in
from shared.i18n.languages import ENGLISH, LANGUAGES
from shared.reference.codelists.fields import FIELDS
from shared.reference.codelists.model import Code, CodeList
from shared.reference.codelists.outside import OUTSIDE
from shared.reference.codelists.standards import STANDARDS
from shared.reference.codelists.themes import SUCCESSORS, THEMES
from shared.reference.periods import bounds

__all__ = [
    "CODELISTS",
    "Code",
    "CodeList",
    "codelists_hash",
    "codes_valid_in_period",
    "context_of",
    "is_valid",
    "is_valid_in_period",
    "label",
    "labels_of",
    "successors",
]

CODELISTS: Mapping[str, CodeList] = MappingProxyType(
    {each.name: each for each in (*THEMES, *FIELDS, *STANDARDS, OUTSIDE)}
)


@lru_cache(maxsize=1)
def codelists_hash() -> str:
    """Return a hash of the code lists, in 16 hexadecimal digits. It changes with codes, labels and dates."""
    written = [(each.name, each.version, *map(repr, each.codes.values())) for each in CODELISTS.values()]
    return hashlib.sha256(repr(written).encode()).hexdigest()[:16]


def is_valid(list_name: str, code: str, on: date) -> bool:
    """Return whether a code is in the list and valid on a day; raise KeyError for an unknown list."""
    found = CODELISTS[list_name].codes.get(code)
    return found is not None and found.is_valid_between(on, on)


def is_valid_in_period(list_name: str, code: str, period: str) -> bool:
    """Return whether a code is valid on at least one day of a period. A biennium may span two lists; it accepts both."""
    found = CODELISTS[list_name].codes.get(code)
    return found is not None and found.is_valid_between(*bounds(period))


def codes_valid_in_period(list_name: str, period: str) -> tuple[str, ...]:
    """Return the codes that are valid in a period, in the list's order."""
    first, last = bounds(period)
    return tuple(
        code.code for code in CODELISTS[list_name].codes.values() if code.is_valid_between(first, last)
    )


def label(list_name: str, code: str, language: str = ENGLISH) -> str:
    """Return the label of a code in a language, in English where it has no translation.

    Return the code itself if the list does not contain it.
    """
    found = CODELISTS[list_name].codes.get(code)
    return code if found is None else label_in(language, found.label, context=context_of(list_name))


def labels_of(list_name: str, code: str) -> tuple[str, ...]:
    """Return the labels of a code in all languages, each once, the English one first."""
    return tuple(dict.fromkeys(label(list_name, code, language) for language in LANGUAGES))


def context_of(list_name: str) -> str:
    """Return the context of a list's labels in the catalogues."""
    return f"list {list_name}"


def successors(code: str) -> tuple[str, ...]:
    """Return the themes that replace a closed theme; none for an open one."""
    return SUCCESSORS.get(code, ())
