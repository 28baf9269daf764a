"""Findings and accounts of files as they are stored, in the language of their reader.

Stored texts are English, beside the templates and values that they were made from, under `texts`. A finding carries its
rule's translations, since rules change.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.i18n import ENGLISH, LANGUAGE_NAMES, Text, Translated, translate, untranslated, without_texts
from shared.i18n.languages import SERBIAN_CYRILLIC, SERBIAN_LATIN
from shared.i18n.packing import unpack_texts
from shared.i18n.texts import text_of
from shared.reference.unread import expected_of, message_of

TRANSLATED = ("title", "message", "expected", "why")
"""The texts of a rule that have translations."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""An expression in a text of a rule."""


def finding_in(finding: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a group of findings in a language. A text without a translation is English, and `language` says so."""
    shared_texts, places = finding.get("texts"), finding["places"]
    if shared_texts:
        places = unpack_texts(places, shared_texts) if language != ENGLISH else places
    own = rule_texts(finding.get("translations", {}), language)
    members = {
        name: value for name, value in finding.items() if name not in ("texts", "translations", "places")
    }
    translated: dict[str, Any] = {
        name: own[name] for name in ("title", "why") if name in own and name in members
    }
    rest = {name: value for name, value in members.items() if name not in translated}
    is_faulty = finding.get("outcome") == "errored"
    return {
        **members,
        **without_texts(rest, language),
        **translated,
        # The places of a faulty rule say that it is faulty, not what it would say.
        "places": [_place_in(place, {} if is_faulty else own, language) for place in places],
    }


def findings_in(findings: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return groups of findings in a language."""
    return [finding_in(each, language) for each in findings]


def marked_in(findings: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return groups of findings for a document in a language, which marks each text that is English instead."""
    return [
        _marked({**finding, "places": [_marked(place) for place in finding["places"]]})
        for finding in findings_in(findings, language)
    ]


def marked_reading(reading: Mapping[str, Any] | None, language: str) -> dict[str, Any] | None:
    """Return the account of a file for a document in a language."""
    shown = reading_in(reading, language)
    return shown and {**shown, "unread": [_marked(part) for part in shown["unread"]]}


def marked_unread(part: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return an unread part of a file for a document in a language."""
    return _marked(unread_in(part, language))


def _marked(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value} ({LANGUAGE_NAMES[ENGLISH]})"
        if isinstance(value, Translated) and value.language == ENGLISH
        else value
        for name, value in members.items()
    }


def _place_in(place: Mapping[str, Any], own: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return a place with its texts from the rule's translations, and else from the catalogues."""
    members = {name: value for name, value in place.items() if name != "texts"}
    if language == ENGLISH:
        return members
    templates = place.get("texts", {})
    said: dict[str, str] = {}
    for name in ("message", "expected"):
        written = templates.get(name, {"template": "", "values": {}})
        # The text of a rule that only quotes another text needs no translation.
        template = own.get(name) or (written["template"] if _only_quotes(written["template"]) else "")
        if template:
            said[name] = fill(template, written["values"], language)
    rest = {name: value for name, value in place.items() if name not in said}
    return {**members, **without_texts(rest, language), **said}


def _only_quotes(template: str) -> bool:
    return bool(template) and not PLACEHOLDER.sub("", template).strip()


def rule_texts(translations: Mapping[str, Mapping[str, str]], language: str) -> Mapping[str, str]:
    """Return the translated texts of a rule. Serbian in Latin letters is made from Cyrillic where it is not given."""
    if language == SERBIAN_LATIN and language not in translations:
        from shared.i18n.transliteration import to_latin  # noqa: PLC0415 - only readers of this language need it

        cyrillic = translations.get(SERBIAN_CYRILLIC, {})
        return {name: to_latin(text) for name, text in cyrillic.items()}
    return translations.get(language, {})


def fill(template: str, values: Mapping[str, Any], language: str) -> str:
    """Fill the expressions of a rule's text with their stored values. An unknown one stays as it is written."""
    return PLACEHOLDER.sub(lambda found: _shown(values.get(found[1], found[0]), language), template)


def _shown(value: Any, language: str) -> str:
    """Return a value as text; it may be a stored text itself."""
    if isinstance(value, Mapping):
        try:
            return translate(text_of(value), language)
        except (AttributeError, LookupError, TypeError, ValueError):
            return ""
    return str(value)


def unread_in(part: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return an unread part of a file in a language."""
    shown = dict(part)
    if language == ENGLISH:
        return shown
    texts = {name: translate(text, language) for name, text in unread_texts(part).items()}
    return shown | texts | untranslated(texts.values(), language)


def unread_texts(part: Mapping[str, Any]) -> dict[str, Text]:
    """Return the message and the expectation of an unread part, with their templates if they are those of today."""
    texts = {}
    for name, make in (("message", message_of), ("expected", expected_of)):
        stored = str(part.get(name, ""))
        try:
            text = make(part["reason"], part.get("values", {}))
        except (LookupError, ValueError):
            text = Text(stored)
        texts[name] = text if text == stored else Text(stored)
    return texts


def reading_in(reading: Mapping[str, Any] | None, language: str) -> dict[str, Any] | None:
    """Return the account of a file in a language."""
    if reading is None:
        return None
    return {**reading, "unread": [unread_in(part, language) for part in reading.get("unread", ())]}
