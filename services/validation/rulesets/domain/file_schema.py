"""Whether a file of rules has the form of one, before anything in it is understood.

rulesets/schema.json says the same to editors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services.validation.domain.language.slips import did_you_mean
from services.validation.rulesets.domain.examples import BEHAVIOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_TITLE = 200
"""Of a file; it stands in tables."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
_FACTS = {"pillar", "kind", "period", "tlp", "reporter", "partner", "received_on"}


def problems_in_form(written: Mapping[str, Any]) -> Iterator[str]:
    """Say what has another form than it should; nothing when all is well, or is not there at all."""
    yield from _problems(written, _OF_FILE)
    words = (*_OF_FILE, "name")
    yield from (f"'{each}' is not known{did_you_mean(each, words)}" for each in written if each not in words)
    rules = written.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else (), start=1):
        if not isinstance(rule, dict):
            yield f"rule {number}: it is a group of names and values"
            continue
        yield from (f"{rule.get('id', f'rule {number}')}: {problem}" for problem in _problems(rule, _OF_RULE))


def _problems(written: Mapping[str, Any], forms: Mapping[str, _Form]) -> Iterator[str]:
    for name, (has_form, form) in forms.items():
        if name in written and not has_form(written[name]):
            yield f"'{name}' is {form}"


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


_Form = tuple["Callable[[Any], bool]", str]
"""Whether a value has a form, and the form in words."""

_TEXT: _Form = (_is_text, "a text that is not blank")

_OF_FILE: Mapping[str, _Form] = {
    "version": (_is_version, "a text, in quotation marks: at most 20 letters, digits, dots and hyphens"),
    "title": (
        lambda value: _is_text(value) and len(value) <= LONGEST_TITLE,
        f"a text that is not blank, of at most {LONGEST_TITLE} characters",
    ),
    "rules": (lambda value: isinstance(value, list) and bool(value), "a list of rules, at least one"),
}
_OF_RULE: Mapping[str, _Form] = {
    **dict.fromkeys(
        ("id", "title", "assert", "when", "for_each", "message", "expected", "why", "reference"), _TEXT
    ),
    "field": (lambda value: isinstance(value, str), "the name of a field, or empty for the whole"),
    "kinds": (_are_kinds, "a list of need, response, support, each once"),
    "periods": (_are_periods, "'from' and 'to', each a year"),
    "examples": (
        _are_examples,
        "lists of what passes, fails and skips; an example has a 'record', or 'records', and under 'submission' its facts",
    ),
}
