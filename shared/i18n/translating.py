"""Texts in their reader's language."""

from collections.abc import Mapping
from typing import Any, Self

from shared.i18n.catalogues import MESSAGES, find_forms, label_in
from shared.i18n.languages import ENGLISH, PLURALS
from shared.i18n.texts import Entries, Label, Text, text_of


class Translated(str):
    """A text as its reader sees it, with its language: English where a translation is missing."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str) -> Self:
        """Name the language of a text."""
        translated = super().__new__(cls, text)
        translated.language = language
        return translated


def translate(text: str, language: str, *, domain: str = MESSAGES, context: str | None = None) -> Translated:
    """Return a text in a language, in English where it has no translation. A plain text is its own template."""
    if isinstance(text, Entries):
        labels = {
            code: label_in(language, label, context=text.context) for code, label in text.labels.items()
        }
        return Translated(Entries(text.context, labels), language)
    if isinstance(text, Entries):
        return _entries(text, language)
    if isinstance(text, Label):
        return Translated(label_in(language, str(text), context=text.context), language)
    template, plural, values = (
        (text.template, text.plural, text.values) if isinstance(text, Text) else (text, None, {})
    )
    forms = () if language == ENGLISH else find_forms(template, language, domain=domain, context=context)
    if not forms:
        return Translated(text, ENGLISH)
    form = forms[PLURALS[language][2](values["count"])] if plural is not None else forms[0]
    try:
        return Translated(form.format(**_translated_values(values, language)) if values else form, language)
    except (AttributeError, LookupError, ValueError):
        # A value of another type than the template expects: the English text was filled when it was made.
        return Translated(text, ENGLISH)


def _entries(entries: Entries, language: str) -> Translated:
    """Return entries of a code list with their labels in a language. A label without a translation is English."""
    shown = []
    for code, english in entries.labels.items():
        label = label_in(language, english, context=entries.context)
        shown.append(code if english == code else f"{label} ({code})")
    return Translated(", ".join(shown), language)


def _translated_values(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: translate(value, language) if isinstance(value, Text) else value
        for name, value in values.items()
    }


STORED = ("title", "message", "expected", "why")
"""Members that hold texts of ours."""


def with_texts(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return members to store, with the templates and values of texts under `texts`.

    A text without values is its own template.
    """
    texts = {
        name: value.written for name, value in members.items() if isinstance(value, Text) and value.values
    }
    plain = {name: str(value) if isinstance(value, Text) else value for name, value in members.items()}
    return plain | {"texts": texts} if texts else plain


def without_texts(stored: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return stored members as a reader sees them: their texts in a language.

    The member `language` marks texts of which one has no translation, and is English.
    """
    members = {name: value for name, value in stored.items() if name != "texts"}
    if language == ENGLISH:
        return members
    templates = stored.get("texts", {})
    found = {
        name: _restored(value, templates.get(name), language)
        for name, value in members.items()
        if (name in STORED or name in templates) and isinstance(value, str) and value
    }
    return members | found | untranslated(found.values(), language)


def _restored(english: str, written: Mapping[str, Any] | None, language: str) -> Translated:
    try:
        return translate(english if written is None else text_of(written), language)
    except (AttributeError, LookupError, TypeError, ValueError):
        return Translated(english, ENGLISH)


def untranslated(texts: Any, language: str) -> dict[str, str]:
    """Return the member that marks texts of which one has no translation; empty if all have one."""
    foreign = any(each.language != language for each in texts)
    return {"language": ENGLISH} if foreign else {}
