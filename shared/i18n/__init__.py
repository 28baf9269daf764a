"""Texts that people read, in the languages of the partners."""

from shared.i18n.languages import ENGLISH, LANGUAGE_NAMES, LANGUAGES, canonical_language, first_known
from shared.i18n.texts import Entries, Label, RuleText, Text
from shared.i18n.translating import Translated, translate, untranslated, with_texts, without_texts

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "LANGUAGE_NAMES",
    "Entries",
    "Label",
    "RuleText",
    "Text",
    "Translated",
    "canonical_language",
    "first_known",
    "translate",
    "untranslated",
    "with_texts",
    "without_texts",
]
