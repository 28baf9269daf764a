"""National, EU and NATO classification markings, and the search for them in texts and JSON values.

No text with such a marking may be stored in this system. TLP markings (see `tlp`) are no classification.
"""

# ruff: noqa: RUF001 - some partners mark in Cyrillic, whose capitals look like Latin ones

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from shared.i18n import Text

# Unmistakable phrases: they match anywhere. Bilingual ones match in any case.
_BILINGUAL = (
    "TRÈS SECRET UE/EU TOP SECRET",
    "SECRET UE/EU SECRET",
    "CONFIDENTIEL UE/EU CONFIDENTIAL",
    "RESTREINT UE/EU RESTRICTED",
)
_PHRASES = (
    # The EU (Council Decision 2013/488/EU, article 2 and its abbreviations) and NATO.
    *("TRÈS SECRET UE", "SECRET UE", "CONFIDENTIEL UE", "RESTREINT UE"),
    *("EU TOP SECRET", "EU SECRET", "EU CONFIDENTIAL", "EU RESTRICTED"),
    *("TS-UE/EU-TS", "S-UE/EU-S", "C-UE/EU-C", "R-UE/EU-R"),
    *("COSMIC TOP SECRET", "NATO SECRET", "NATO CONFIDENTIAL", "NATO RESTRICTED"),
    # The partners, in Latin and Cyrillic.
    *("TEPËR SEKRETE", "TEPËR SEKRET", "I KUFIZUAR", "E KUFIZUAR"),
    *("DRŽAVNA TAJNA", "VRLO TAJNO", "STROGO TAJNO", "STROGO POVJERLJIVO", "STROGO POVERLJIVO"),
    *("ДРЖАВНА ТАЈНА", "ВРЛО ТАЈНО", "СТРОГО ТАЈНО", "СТРОГО ПОВЈЕРЉИВО", "СТРОГО ПОВЕРЉИВО"),
    *("СТРОГО ДОВЕРЛИВО",),
    # Members.
    *("STRENG GEHEIM", "VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-VERTRAULICH"),
    *("SECRET DÉFENSE", "TRÈS SECRET", "CONFIDENTIEL DÉFENSE", "DIFFUSION RESTREINTE"),
    *("UK TOP SECRET", "UK SECRET", "OFFICIAL-SENSITIVE", "TOP SECRET"),
)
# Ordinary words: they match only in capitals, and only if the adjacent words are not in capitals.
_WORDS = (
    *("SEKRETE", "SEKRET", "KONFIDENCIALE", "KONFIDENCIAL"),
    *("TAJNO", "POVJERLJIVO", "POVERLJIVO", "INTERNO", "ZAUPNO"),
    *("ТАЈНО", "ПОВЈЕРЉИВО", "ПОВЕРЉИВО", "ДОВЕРЛИВО", "ИНТЕРНО"),
    *("GEHEIM", "VERTRAULICH", "SEGRETISSIMO", "SEGRETO", "RISERVATISSIMO", "RISERVATO"),
    *("SECRET", "CONFIDENTIAL", "RESTRICTED"),
)


_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХЈЅІаеорсухјѕі", "ABEKMHOPCTXJSIaeopcyxjsi")
"""Cyrillic letters that look like Latin ones, and may be typed for them on a keyboard with both."""


def find_marking(text: str) -> str | None:
    """Return the classification marking that `text` carries, in its canonical spelling, or None.

    A marking differs from prose in its form: it is written in capitals and as whole words, so that "the secret service" or
    "confidential informants" pass. A single word such as SECRET or TAJNO does not count inside a run of capitals ("SECRET
    SERVICE ACADEMY" is a heading); a phrase such as RESTREINT UE always counts. Accents, kinds of blank and invisible
    characters make no difference. Prose that only *names* a marking in capitals is refused too: a wrong refusal costs a
    rewording, a wrong acceptance is a leak.
    """
    folded = _folded(text)
    if not _HINT.search(folded) or not any(pattern.search(folded) for pattern in _ANY):
        return None
    for pattern, marking in _PATTERNS:
        if pattern.search(folded):
            return marking
    return None


def _folded(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    folded = "".join(sign for sign in decomposed if unicodedata.category(sign) not in {"Mn", "Cf"})
    return folded.translate(_LOOK_ALIKE)


def _spelled(marking: str) -> str:
    blank = re.sub(r" ", r"\\s+", re.escape(_folded(marking)).replace(r"\ ", " "))
    return blank.replace("/", r"\s*/\s*")


def _phrase(*markings: str) -> str:
    return rf"(?<!\w)(?:{'|'.join(_spelled(marking) for marking in markings)})(?!\w)"


def _standing_out(*words: str) -> str:
    capitals = r"[A-ZА-ЯЂЈЉЊЋЏĐ]"
    return rf"(?<!{capitals}{capitals} )(?<!{capitals}-){_phrase(*words)}(?![ -]{capitals}{{2}})"


_PATTERNS = (
    *((re.compile(_phrase(marking), re.IGNORECASE), marking) for marking in _BILINGUAL),
    *((re.compile(_phrase(marking)), marking) for marking in _PHRASES),
    *((re.compile(_standing_out(word)), word) for word in _WORDS),
)

_HINT = re.compile(r"/|[A-ZА-ЯЂЈЉЊЋЏ]{5}")
"""A quick test: a text without a slash or five consecutive capitals contains no marking."""

_ANY = (
    re.compile(_phrase(*_BILINGUAL), re.IGNORECASE),
    re.compile(_phrase(*_PHRASES)),
    re.compile(_standing_out(*_WORDS)),
)
"""All patterns in three searches, for speed: every submitted text is searched, and almost none carries a marking."""


class TextIsClassified(Exception):
    """A text carries a classification marking. Nothing of the body that contains it is stored."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            Text(
                "The text at {pointer} carries the marking '{marking}'. This system accepts no classified information; no part of the body was stored. Remove the classified text, or send it through the channel meant for it.",
                pointer=pointer,
                marking=marking,
            )
        )
        self.marking = marking
        self.pointer = pointer


def check_unclassified(value: Any, *, at: str, first: int = 0) -> None:
    """Raise `TextIsClassified` if a text in a JSON value carries a marking; see `find_marked_text`."""
    if found := find_marked_text(value, at=at, first=first):
        raise TextIsClassified(*found)


def find_marked_text(value: Any, *, at: str, first: int = 0) -> tuple[str, str] | None:
    """Return the first marking in a JSON value and the pointer of its text, or None.

    Names of fields are texts too. `at` is the pointer of the value. `first` is the index of the first item of a list
    that is a slice of a longer one.
    """
    # Usually, one search over the whole value is enough. If serialising escaped a character, a marking may continue after
    # it, so the texts themselves are searched together. Only a match is located text by text.
    written = json.dumps(value, ensure_ascii=False)
    if "\\" not in written and find_marking(written) is None:
        return None
    texts = list(texts_in(value, at, first))
    if find_marking("\n".join(text for _, text in texts)) is None:
        return None
    return next(
        ((marking, pointer) for pointer, text in texts if (marking := find_marking(text)) is not None), None
    )


def texts_in(value: Any, pointer: str, first: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the text of each string in a JSON value, names of fields included."""
    waiting = [(pointer, value)]
    if first and isinstance(value, list):
        waiting = [(f"{pointer}/{index}", item) for index, item in enumerate(value, start=first)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]
