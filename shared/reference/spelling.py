"""Spellings of words that people type: their form for comparison, and the entries of a code list that they mean."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from shared.i18n import Entries
from shared.reference.codelists import CODELISTS, context_of, label, labels_of
from shared.reference.pillars import PILLARS

MAX_COMPARED = 60
"""The number of characters of a word that are compared with the entries of a list."""

MIN_BEGINNING = 4
"""The number of characters from which the beginning of an entry stands for it."""

MIN_MISSPELT_BEGINNING = 12
"""The number of characters from which a misspelt beginning stands for an entry."""

_SIMILAR_BEGINNING = 0.9
_SIMILARITY = 0.7
"""The similarity from which a word is taken for an entry that was misspelt."""


def normalise(text: str) -> str:
    """Return a text for comparison: without case, accents and punctuation, its words separated by one space."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    letters_only = (each if each.isalnum() else " " for each in letters if not unicodedata.combining(each))
    return " ".join("".join(letters_only).split())


def spellings_of(list_name: str, code: str) -> tuple[str, ...]:
    """Return the spellings that mean a code: the code and its labels in every language, the labels also with the code."""
    known = labels_of(list_name, code) if list_name in CODELISTS else labels_of("beneficiary", code)
    both = [each for words in known for each in (words, f"{code} {words}", f"{words} {code}")]
    return (code, *both)


def lists_of(codelist: str) -> tuple[str, ...]:
    """Return the names of the lists that a field's code list stands for: `theme` is a list for each pillar."""
    if codelist == "theme":
        return tuple(f"theme:{pillar}" for pillar in PILLARS)
    return (codelist,) if codelist in CODELISTS else ()


@lru_cache(maxsize=4_096)
def nearest_code(word: str, codelist: str, allowed: tuple[str, ...]) -> str | None:
    """Return the allowed code that a word means in any language, or whose spelling is the nearest; None if none is near.

    The result is cached, since many rows of a file share an error.
    """
    spellings = _spellings(codelist, allowed)
    written = normalise(word[:MAX_COMPARED])
    if written in spellings:
        return spellings[written]
    begun = _begun(written, spellings)
    if begun is not None:
        return begun
    near = get_close_matches(written, spellings, n=1, cutoff=_SIMILARITY)
    return spellings[near[0]] if near else None


def _begun(written: str, spellings: Mapping[str, str]) -> str | None:
    """Return the code of the entry that begins with the written words, or nearly so."""
    codes = {code for spelling, code in spellings.items() if spelling.startswith(written)}
    if len(codes) == 1 and len(written) >= MIN_BEGINNING:
        return codes.pop()
    if len(written) < MIN_MISSPELT_BEGINNING:
        return None
    beginnings = {spelling[: len(written)]: code for spelling, code in spellings.items()}
    near = get_close_matches(written, beginnings, n=1, cutoff=_SIMILAR_BEGINNING)
    return beginnings[near[0]] if near else None


@lru_cache(maxsize=256)
def _spellings(codelist: str, allowed: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for list_name in lists_of(codelist) or ("",):
        for code in allowed:
            for spelling in spellings_of(list_name, code):
                found.setdefault(normalise(spelling), code)
    return {spelling: code for spelling, code in found.items() if spelling}


def entries(list_name: str, codes: Iterable[str]) -> Entries:
    """Return entries of a code list as people read them: each label with its code in brackets."""
    names = lists_of(list_name) or ("beneficiary",)
    found = {
        code: next((name for name in names if code in CODELISTS[name].codes), names[0]) for code in codes
    }
    contexts = set(found.values())
    context = contexts.pop() if len(contexts) == 1 else names[0]
    return Entries(context_of(context), {code: label(name, code) for code, name in found.items()})
