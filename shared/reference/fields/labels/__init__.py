"""Labels of fields by language: short headings for the columns of a spreadsheet."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from shared.reference.fields.labels.albanian import ALBANIAN
from shared.reference.fields.labels.bosnian import BOSNIAN
from shared.reference.fields.labels.croatian import CROATIAN
from shared.reference.fields.labels.english import ENGLISH
from shared.reference.fields.labels.macedonian import MACEDONIAN
from shared.reference.fields.labels.montenegrin import MONTENEGRIN
from shared.reference.fields.labels.serbian import SERBIAN

_PAIRS = {"lj": "љ", "nj": "њ", "dž": "џ", "Lj": "Љ", "Nj": "Њ", "Dž": "Џ"}
_LETTERS = str.maketrans(
    "abvgdđežzijklmnoprstćufhcčšABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠ",
    "абвгдђежзијклмнопрстћуфхцчшАБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ",
)
_WORD = re.compile(r"\w+")


def _in_cyrillic(label: str) -> str:
    """Return a Serbian label in Cyrillic. Abbreviations such as TLP and IATI stay in Latin letters."""
    return _WORD.sub(lambda word: word[0] if word[0].isupper() else _transliterated(word[0]), label)


def _transliterated(word: str) -> str:
    for latin, cyrillic in _PAIRS.items():
        word = word.replace(latin, cyrillic)
    return word.translate(_LETTERS)


LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": ENGLISH,
        "sq": ALBANIAN,
        "bs": BOSNIAN,
        "hr": CROATIAN,
        "sr": SERBIAN,
        "sr-Cyrl": {name: _in_cyrillic(label) for name, label in SERBIAN.items()},
        "cnr": MONTENEGRIN,
        "mk": MACEDONIAN,
    }
)

LANGUAGES = tuple(LABELS)
"""English and the partners' languages, with Serbian in both its alphabets."""
