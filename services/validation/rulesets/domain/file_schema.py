"""The schema of a file of rules, checked before the file is translated.

Editors use the same schema in rulesets/schema.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.validation.engine.domain.language.expression_errors import did_you_mean
from services.validation.rulesets.domain.examples import BEHAVIOURS

MAX_TITLE = 200
"""The maximum length of a file's title, which tables show."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
_FACTS = {"pillar", "kind", "period", "tlp", "reporter", "partner", "received_on"}


def check_schema(written: Mapping[str, Any]) -> Iterator[str]:
    """Describe the values that do not match the schema. Missing names are not reported."""
    yield from _problems(written, _OF_FILE)
    names = (*_OF_FILE, "name")
    yield from (f"'{each}' is not known{did_you_mean(each, names)}" for each in written if each not in names)
    rules = written.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else (), start=1):
        if not isinstance(rule, dict):
            yield f"rule {number}: a rule must be a group of names and values"
            continue
        yield from (f"{rule.get('id', f'rule {number}')}: {problem}" for problem in _problems(rule, _OF_RULE))


def _problems(written: Mapping[str, Any], schemas: Mapping[str, _Schema]) -> Iterator[str]:
    for name, (matches, words) in schemas.items():
        if name in written and not matches(written[name]):
            yield f"'{name}' must be {words}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def _are_kinds(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(each, str) for each in value)
        and len(value) == len(set(value))
    )


def _are_periods(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and {"from", "to"}.issuperset(value)
        and all(type(year) is int and 0 <= year <= 9999 for year in value.values())  # noqa: PLR2004 - years have four digits
    )


def _are_examples(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(BEHAVIOURS).issuperset(value)
        and all(isinstance(each, list) and each and all(map(_is_example, each)) for each in value.values())
    )


def _are_translations(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(language, str)
        and isinstance(texts, dict)
        and all(isinstance(name, str) and _is_text(text) for name, text in texts.items())
        for language, texts in value.items()
    )


def _is_example(value: Any) -> bool:
    if not isinstance(value, dict) or ("record" in value) == ("records" in value):
        return False
    records = value.get("records", [value.get("record")])
    facts = value.get("submission", {})
    return (
        isinstance(records, list)
        and all(isinstance(record, dict) for record in records)
        and isinstance(facts, dict)
        and _FACTS.issuperset(facts)
        and all(isinstance(fact, str | None) for fact in facts.values())
    )


_Schema = tuple["Callable[[Any], bool]", str]
"""The check of a value, and its schema in words."""

_TEXT: _Schema = (_is_text, "a text that is not blank")

_OF_FILE: Mapping[str, _Schema] = {
    "version": (_is_version, "a text, in quotation marks: at most 20 letters, digits, dots and hyphens"),
    "title": (
        lambda value: _is_text(value) and len(value) <= MAX_TITLE,
        f"a text that is not blank, of at most {MAX_TITLE} characters",
    ),
    "rules": (lambda value: isinstance(value, list) and bool(value), "a list of rules, at least one"),
}
_OF_RULE: Mapping[str, _Schema] = {
    **dict.fromkeys(
        ("id", "title", "assert", "when", "for_each", "message", "expected", "why", "reference"), _TEXT
    ),
    "field": (lambda value: isinstance(value, str), "the name of a field, or empty for the whole"),
    "kinds": (_are_kinds, "a list of need, response, support, each once"),
    "periods": (_are_periods, "'from' and 'to', each a year"),
    "translations": (
        _are_translations,
        "texts by language: title, message, expected and why, none of them blank",
    ),
    "examples": (
        _are_examples,
        "lists of what passes, fails and skips; an example has a 'record', or 'records', and under 'submission' its facts",
    ),
}
