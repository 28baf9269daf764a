"""The fields of each mapping, as tables. To change a template, change these data; the code stays.

`type` is one of ref, text, date, code, number, integer, block, list. `list` names a code list, and `values` lists codes.
`also` names a code list whose codes are accepted too, but not offered.
A text has at most 20,000 characters and a list 1,000 entries, unless `at_most` sets a lower limit.
"""

from typing import Any

from shared.reference.partners import PARTNERS

VERSION = "2026.2"
"""The version of these tables. Every change needs a new one, which changes every ruleset's hash."""

_REF: dict[str, Any] = {"type": "ref", "required": True}
_PARTNER: dict[str, Any] = {"type": "code", "values": list(PARTNERS)}
_MONEY: dict[str, Any] = {"type": "number", "at_least": 0}
_CURRENCY: dict[str, Any] = {"type": "text", "at_most": 3}
_SHARE: dict[str, Any] = {"type": "number", "at_least": 0, "at_most": 100}
_PURPOSE: dict[str, Any] = {"type": "text", "at_most": 10}
_HEADS: dict[str, Any] = {"type": "integer", "at_least": 0, "at_most": 1_000_000}


def _text(longest: int, **more: Any) -> dict[str, Any]:
    return {"type": "text", **more, "at_most": longest}


def _code(codelist: str, **more: Any) -> dict[str, Any]:
    return {"type": "code", "list": codelist, **more}


def _list_of(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "list", **more, "items": item}


def _blocks_of(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return _list_of({"type": "block", "fields": fields}, **more)


_COMMON: dict[str, Any] = {
    "ref": _REF,
    "title": _text(2_000, required=True),
    "description": {"type": "text"},
    "source_document": _text(500),
    "tlp": _code("tlp"),
}

_BENEFICIARY = _code("beneficiary", also="outside")

_CLASSIFIED: dict[str, Any] = {
    "category": _code("category"),
    "perspective": _code("perspective"),
    "strand": _code("strand"),
}

_LINK: dict[str, Any] = {"ref": _REF, "reporter": _text(40), "period": _text(9)}

_NEED_LINKS = _blocks_of({**_LINK, "coverage": _code("coverage", required=True), "share": _SHARE})

NEED: dict[str, Any] = {
    **_COMMON,
    "category": _code("category", required=True),
    "theme": _text(60, required=True),
    "perspective": _code("perspective", required=True),
    "strand": _code("strand"),
    "priority": {"type": "text"},
    "objective": {"type": "text"},
    "measure": {"type": "text"},
    "action": {"type": "text"},
    "priority_level": _code("priority_level", required=True),
    "urgency": _code("urgency"),
    "capabilities": _list_of(_code("capability")),
    "beneficiary_institutions": _list_of(_text(300)),
    "estimated_cost": _MONEY,
    "currency": _CURRENCY,
    "price_year": {"type": "integer", "at_least": 2000, "at_most": 2099},
    "target_date": {"type": "date"},
    "cross_border_with": _list_of(_PARTNER),
    "carried_over_from": {"type": "ref"},
    "disposition": _code("disposition", required=True),
    "training": {
        "type": "block",
        "fields": {
            "topic": _text(500),
            "proficiency": _code("proficiency"),
            "urgency": {"type": "integer", "at_least": 1, "at_most": 6},
            "officials": _HEADS,
            "profile": _text(500),
        },
    },
}

RESPONSE: dict[str, Any] = {
    **_COMMON,
    **_CLASSIFIED,
    "type": _code("response_type", required=True),
    "status": _code("response_status", required=True),
    "theme": _text(60, required=True),
    "start": {"type": "date"},
    "end": {"type": "date"},
    "responsible_institution": _text(300, required=True),
    "own_budget": _MONEY,
    "currency": _CURRENCY,
    "legal_reference": _text(500),
    "result": {"type": "text"},
    "partner": _PARTNER,
    "needs": _NEED_LINKS,
}

SUPPORT: dict[str, Any] = {
    **_COMMON,
    **_CLASSIFIED,
    "support_type": _code("support_type", required=True),
    "activity_status": _code("activity_status", required=True),
    "themes": _blocks_of({"code": _text(60, required=True), "percentage": _SHARE}, at_most=20),
    "sectors": _blocks_of({"code": {**_PURPOSE, "required": True}, "percentage": _SHARE}, at_most=20),
    "beneficiaries": _blocks_of(
        {"code": {**_BENEFICIARY, "required": True}, "percentage": _SHARE},
        required=True,
        at_most=300,  # more than there are codes
    ),
    "organisations": _blocks_of(
        {
            "name": _text(500, required=True),
            "role": _code("organisation_role", required=True),
            "type": _code("organisation_type"),
        },
        required=True,
    ),
    "planned_start": {"type": "date"},
    "planned_end": {"type": "date"},
    "actual_start": {"type": "date"},
    "actual_end": {"type": "date"},
    # De-commitments are negative and legitimate, so neither budgets nor transactions have a lower bound.
    "budget": {"type": "number"},
    "currency": _CURRENCY,
    "transactions": _blocks_of(
        {
            "type": _code("transaction_type", required=True),
            "date": {"type": "date", "required": True},
            "amount": {"type": "number", "required": True},
            "currency": _CURRENCY,
            "beneficiary": _BENEFICIARY,
            "sector": _PURPOSE,
        }
    ),
    "participants": _blocks_of(
        {"sex": _text(40), "profile": _text(300), "number": {**_HEADS, "required": True}}
    ),
    "equipment": _blocks_of({"item": _text(300, required=True), "quantity": {**_MONEY, "required": True}}),
    "iati_identifier": _text(200),
    "parent": {"type": "ref"},
    "needs": _NEED_LINKS,
    "responses": _blocks_of(_LINK),
}

FIELDS: dict[str, Any] = {
    "version": VERSION,
    "kinds": {"need": NEED, "response": RESPONSE, "support": SUPPORT},
}
"""The fields of every mapping, in the form that a ruleset's hash covers and that reporters read."""
