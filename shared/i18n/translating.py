"""Texts in their reader's language."""

from collections.abc import Mapping
from typing import Any, Self

from shared.i18n.catalogues import MESSAGES, find_forms, label_in
from shared.i18n.languages import ENGLISH, PLURALS
from shared.i18n.texts import Entries, Text, text_of


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
    template, plural, values = (
        (text.template, text.plural, text.values) if isinstance(text, Text) else (text, None, {})
    )
    forms = () if language == ENGLISH else find_forms(template, language, domain=domain, context=context)
    if not forms:
        return Translated(text, ENGLISH)
    form = forms[PLURALS[language][2](values["count"])] if plural is not None else forms[0]
    try:
        return Translated(form.format(**_translated_values(values, language)) if values else form, language)
    except (LookupError, ValueError):
        # A value of another type than the template expects: the English text was filled when it was made.
        return Translated(text, ENGLISH)


def _translated_values(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: translate(value, language) if isinstance(value, Text) else value
        for name, value in values.items()
    }


def with_texts(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return members to store, with the templates and values of those that are texts under `texts`."""
    texts = {name: value.written for name, value in members.items() if isinstance(value, Text)}
    plain = {name: str(value) if isinstance(value, Text) else value for name, value in members.items()}
    return plain | {"texts": texts} if texts else plain


def without_texts(stored: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return stored members as a reader sees them: their texts in a language, or in English with its tag.

    The result names the language, as `language`, of texts that are not in the language of the reader.
    """
    members = {name: value for name, value in stored.items() if name != "texts"}
    if language == ENGLISH:
        return members
    found = {
        name: _restored(members[name], written, language) for name, written in stored.get("texts", {}).items()
    }
    return members | found | untranslated(found.values(), language)


def _restored(english: str, written: Mapping[str, Any], language: str) -> Translated:
    try:
        return translate(text_of(written), language)
    except (LookupError, TypeError, ValueError):
        return Translated(english, ENGLISH)


def untranslated(texts: Any, language: str) -> dict[str, str]:
    """Return the member that marks texts of which one has no translation; empty if all have one."""
    foreign = any(each.language != language for each in texts)
    return {"language": ENGLISH} if foreign else {}
