"""The catalogues: translations of texts and labels, one gettext file for each language and domain.

A catalogue is read when its language is first needed. Text that it lacks stays English.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from shared.i18n.languages import ENGLISH, canonical_language

LABELS = "labels"
"""The domain of short names: fields, and entries of code lists. Files are read in all languages, so it stays small."""

MESSAGES = "messages"
"""The domain of sentences."""

FOLDER = files(__package__) / "locale"

Forms = tuple[str, ...]
"""The translations of a text: one, or one for each plural form of the language."""


def catalogue_path(language: str, domain: str) -> str:
    """Return the path of a catalogue within the folder of catalogues."""
    return f"{language}/LC_MESSAGES/{domain}.po"


@lru_cache(maxsize=32)
def catalogue(language: str, domain: str) -> Mapping[tuple[str | None, str], Forms]:
    """Return the translations of a catalogue by context and English text, without missing and fuzzy ones."""
    known = canonical_language(language)
    if known in (None, ENGLISH):
        return {}
    from babel.messages.pofile import read_po  # noqa: PLC0415 - a tenth of a second that English does not need

    with (FOLDER / catalogue_path(known, domain)).open("rb") as file:
        messages = read_po(file)
    found: dict[tuple[str | None, str], Forms] = {}
    for message in messages:
        singular = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if singular and forms and all(forms) and not message.fuzzy:
            found[message.context, singular] = forms
    return found


def find_forms(english: str, language: str, *, domain: str = MESSAGES, context: str | None = None) -> Forms:
    """Return the translations of a text, or none."""
    return catalogue(language, domain).get((context, english), ())


def label_in(language: str, english: str, *, context: str) -> str:
    """Return a label in a language, in English where it has no translation."""
    return next(iter(find_forms(english, language, domain=LABELS, context=context)), english)
