"""Serbian in Latin letters, made from Serbian in Cyrillic."""

import re

import cyrtranslit

_PROTECTED = re.compile(r"\{[^{}]*\}|https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+")
"""Placeholders, URLs and addresses, whose letters name something."""

_WORD = re.compile(r"\w+")
_DIGRAPHS = {"Lj": "LJ", "Nj": "NJ", "Dž": "DŽ"}


def to_latin(text: str) -> str:
    """Return a Serbian text in Latin letters. Placeholders, URLs and everything in Latin letters stay as they are."""
    pieces: list[str] = []
    end = 0
    for protected in _PROTECTED.finditer(text):
        pieces += (_WORD.sub(_word, text[end : protected.start()]), protected[0])
        end = protected.end()
    return "".join((*pieces, _WORD.sub(_word, text[end:])))


def _word(found: re.Match[str]) -> str:
    """Return a word in Latin letters: the digraphs of a word in capitals are capitals."""
    cyrillic = found[0]
    latin: str = cyrtranslit.to_latin(cyrillic, "sr")
    if len(cyrillic) > 1 and cyrillic.isupper():
        for mixed, capitals in _DIGRAPHS.items():
            latin = latin.replace(mixed, capitals)
    return latin
