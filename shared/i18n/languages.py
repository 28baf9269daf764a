"""The languages of the partners, their tags and aliases, and their plural forms."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

ENGLISH = "en"
"""The language of the templates, of stored texts, and of every text without a translation."""

SERBIAN_CYRILLIC = "sr-Cyrl"
SERBIAN_LATIN = "sr-Latn"
"""Serbian in Latin letters, which is made from the Cyrillic catalogue."""

LANGUAGES = (ENGLISH, "sq", "bs", "hr", SERBIAN_LATIN, SERBIAN_CYRILLIC, "cnr", "mk")
"""English and the partners' languages, with Serbian in both its alphabets."""

LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        ENGLISH: "English",
        "sq": "shqip",
        "bs": "bosanski",
        "hr": "hrvatski",
        SERBIAN_LATIN: "srpski (latinica)",
        SERBIAN_CYRILLIC: "српски (ћирилица)",
        "cnr": "crnogorski",
        "mk": "македонски",
    }
)
"""The name of each language in itself."""

_PRIMARY: Mapping[str, str] = {
    **dict.fromkeys(("en", "eng"), ENGLISH),
    **dict.fromkeys(("sq", "sqi", "alb", "als", "aln"), "sq"),
    **dict.fromkeys(("bs", "bos"), "bs"),
    **dict.fromkeys(("hr", "hrv"), "hr"),
    # The old tag of Serbo-Croatian means Serbian in Latin letters in Unicode's tables.
    **dict.fromkeys(("sr", "srp", "sh", "hbs"), SERBIAN_LATIN),
    # Portals send the code of Montenegro where they lack a tag of its language, which is recent.
    **dict.fromkeys(("cnr", "me"), "cnr"),
    **dict.fromkeys(("mk", "mkd", "mac"), "mk"),
}
_CYRILLIC = "cyrl"


def canonical_language(tag: str) -> str | None:
    """Return the language of `LANGUAGES` that a tag means, such as sr-Latn for sr, sr_RS or sr-Latn-RS; else None.

    Regions do not matter, and neither do scripts, except in Serbian.
    """
    primary, *rest = tag.strip().replace("_", "-").lower().split("-")
    language = _PRIMARY.get(primary)
    return SERBIAN_CYRILLIC if language == SERBIAN_LATIN and _CYRILLIC in rest else language


def first_known(tags: Iterable[str]) -> str:
    """Return the language of the first tag that means one of `LANGUAGES`; English if none does."""
    return next((language for tag in tags if (language := canonical_language(tag))), ENGLISH)


def _germanic(count: int) -> int:
    return int(count != 1)


def _south_slavic(count: int) -> int:
    """Return the form of 1, 21, 31 ..., of 2 to 4, 22 to 24 ..., or of all others."""
    if count % 10 == 1 and count % 100 != 11:  # noqa: PLR2004 - eleven is not one
        return 0
    return 1 if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else 2  # noqa: PLR2004 - see above


def _macedonian(count: int) -> int:
    return int(count % 10 != 1 or count % 100 == 11)  # noqa: PLR2004 - eleven is not one


_THREE = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
)

PLURALS: Mapping[str, tuple[int, str, Callable[[int], int]]] = MappingProxyType(
    {
        ENGLISH: (2, "nplurals=2; plural=(n != 1);", _germanic),
        "sq": (2, "nplurals=2; plural=(n != 1);", _germanic),
        "mk": (2, "nplurals=2; plural=(n%10!=1 || n%100==11);", _macedonian),
        # To Babel, cnr is unknown.
        **dict.fromkeys(("bs", "hr", SERBIAN_LATIN, SERBIAN_CYRILLIC, "cnr"), (3, _THREE, _south_slavic)),
    }
)
"""By language: the number of plural forms, their rule as catalogues state it, and the form of a count."""
