"""A minimal ruleset: a few fields and one rule."""

from collections.abc import Mapping
from typing import Any

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.rule_translation import (
    TranslatedRule,
    translate,
    translate_value,
)
from services.validation.engine.domain.language.scopes import Loads, Scope
from services.validation.engine.domain.reading import SUBMISSION, ruleset_of, shapes_of
from services.validation.engine.domain.rules import Rule, Ruleset, Shapes
from shared.reference.fields import Field
from tests.validation.conftest import submission_of

_FIELDS: dict[str, Any] = {
    "ref": {"type": "ref", "required": True},
    "title": {"type": "text"},
    "currency": {"type": "text"},
    "budget": {"type": "number"},
    "rank": {"type": "integer", "at_least": 1, "at_most": 6},
    "start": {"type": "date"},
    "end": {"type": "date"},
    "state": {"type": "code", "values": ["open", "closed"]},
    "tags": {"type": "list", "items": {"type": "text"}},
    "place": {"type": "block", "fields": {"town": {"type": "text"}, "people": {"type": "number"}}},
    "parts": {
        "type": "list",
        "items": {
            "type": "block",
            "fields": {
                "code": {"type": "text"},
                "share": {"type": "number"},
                "days": {"type": "list", "items": {"type": "date"}},
            },
        },
    },
}

SHAPES: Shapes = shapes_of(
    {"version": "1", "kinds": {kind: dict(_FIELDS) for kind in ("need", "response", "support")}}
)
FIELDS = SHAPES.names(["need"])
SCOPE = Scope(FIELDS, SUBMISSION)
RECORDS = Field("records", "list", items=Field("record", "block", fields=FIELDS))
OVER_RECORDS = Scope({"records": RECORDS}, SUBMISSION)
EACH_RECORD = Scope({"records": RECORDS}, SUBMISSION, RECORDS.items)
EACH_PART = Scope(FIELDS, SUBMISSION, FIELDS["parts"].items)

FACTS = submission_of().submission.facts
"""The facts of an ordinary submission: needs of Albania for 2025-2026."""

ENDS_LATER: dict[str, Any] = {
    "id": "TST-01",
    "title": "It ends after it starts",
    "severity": "error",
    "level": "record",
    "kinds": ["need"],
    "assert": "start <= end",
    "field": "end",
    "message": "The end, {end}, lies before the start.",
    "expected": "An end on or after {start}.",
    "why": "How long things take is reported.",
}


def written(**parts: Any) -> dict[str, Any]:
    """Return an ordinary rule with changed parts; None removes a part."""
    return {part: said for part, said in {**ENDS_LATER, **parts}.items() if said is not None}


def ruleset(*rules: Mapping[str, Any], name: str = "WBCTi", **parts: Any) -> Ruleset:
    file = {"name": name, "version": "1", "title": "A few rules", "rules": list(rules), **parts}
    return ruleset_of(file, SHAPES)


def rule(**parts: Any) -> Rule:
    return ruleset(written(**parts)).rules[0]


def translated(
    expression: str, *, when: str | None = None, missing: str = "skip", scope: Scope = SCOPE
) -> TranslatedRule:
    return translate(when, expression, missing=missing, scope=scope, loads=Loads())


def outcome(
    expression: str,
    record: Mapping[str, Any] | None = None,
    *,
    when: str | None = None,
    missing: str = "skip",
    scope: Scope = SCOPE,
    item: Any = None,
    context: Context | None = None,
) -> bool | str:
    """Return True, False, or the reason for skipping."""
    loads = Loads()
    test = translate(when, expression, missing=missing, scope=scope, loads=loads).test(loads)
    return test(record or {}, FACTS, item, context or Context())


def value(
    expression: str, record: Mapping[str, Any] | None = None, *, scope: Scope = SCOPE, item: Any = None
) -> Any:
    return translate_value(expression, scope=scope).of(record or {}, FACTS, item, Context())
