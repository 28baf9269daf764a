"""The flat rows and their sixteen rules in the product's rule language, and the rule engine on them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from services.validation.engine.domain.evaluation.judging import check_records, judge, judge_records
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import Judgement
from services.validation.engine.domain.reading import ruleset_of, shapes_of
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Ruleset
from tests.bench.rules.rows import (
    CURRENCIES,
    HIGHEST_BUDGET,
    HIGHEST_URGENCY,
    NEEDS,
    STATUSES,
    TYPES,
    Finding,
    Row,
)

PIECE = 500
"""The rows per piece, few enough that a report lists all findings."""

KIND = "response"
NEEDS_PERIOD = "2025-2026"

FIELDS: dict[str, Any] = {
    "version": "1",
    "kinds": {
        KIND: {
            "ref": {"type": "ref"},
            "title": {"type": "text", "required": True},
            "institution": {"type": "text", "required": True},
            "type": {"type": "code", "values": list(TYPES)},
            "status": {"type": "code", "values": list(STATUSES), "required": True},
            "currency": {"type": "code", "values": list(CURRENCIES)},
            "decided": {"type": "date"},
            "start": {"type": "date"},
            "end": {"type": "date"},
            "budget": {"type": "number"},
            "spent": {"type": "number"},
            "share": {"type": "number"},
            "urgency": {"type": "integer"},
            "need": {"type": "ref"},
        }
    },
}
"""The fields of the file schema, which checks required fields and enumerations, and always types and dates."""

OF_SHAPE = {
    ("STR-02", "title"): "FLAT-01",
    ("STR-02", "institution"): "FLAT-02",
    ("STR-02", "status"): "FLAT-03",
    ("STR-04", "type"): "FLAT-04",
    ("STR-04", "status"): "FLAT-05",
    ("STR-04", "currency"): "FLAT-06",
}


def _rule(id_: str, title: str, assertion: str, field: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "title": title,
        "severity": "error",
        "level": "record",
        "kinds": [KIND],
        "assert": assertion,
        "field": field,
        "message": f"Here is {{{'item.' if 'for_each' in more else ''}{field}}}.",
        "expected": "Another value.",
        "why": "It is measured.",
        **more,
    }


RULES: dict[str, Any] = {
    "name": "flat",
    "version": "1",
    "title": "What every engine can express",
    "rules": [
        _rule("FLAT-07", "Decided before it starts", "decided <= start", "decided"),
        _rule("FLAT-08", "It ends after it starts", "start <= end", "end"),
        _rule("FLAT-09", "The budget is in bounds", f"between(budget, 0, {HIGHEST_BUDGET})", "budget"),
        _rule("FLAT-10", "The share is in bounds", "between(share, 0, 100)", "share"),
        _rule("FLAT-11", "The urgency is in bounds", f"between(urgency, 1, {HIGHEST_URGENCY})", "urgency"),
        _rule("FLAT-12", "A budget has its currency", "given(currency)", "currency", when="given(budget)"),
        _rule("FLAT-13", "What is over has an end", "given(end)", "end", when="status == 'completed'"),
        _rule("FLAT-14", "No more is spent than there is", "spent <= budget", "spent"),
        _rule(
            "FLAT-15",
            "Each ref is used once",
            "times(records, 'ref', item.ref) == 1",
            "ref",
            level="submission",
            for_each="records",
        ),
        _rule(
            "FLAT-16",
            "The need is known",
            f"known('need', submission.reporter, '{NEEDS_PERIOD}', need)",
            "need",
            level="reference",
        ),
    ],
}

SUBMISSION = Submission(
    pillar="WBBSi",
    kind=KIND,
    period="2026",
    tlp="TLP:AMBER",
    reporter="AL-WBBSi",
    partner="AL",
    received_on="2026-11-02",
)
SNAPSHOT = Snapshot(known={("need", SUBMISSION.reporter, NEEDS_PERIOD, need): "in_force" for need in NEEDS})


@cache
def ruleset() -> Ruleset:
    """Return the compiled rules."""
    return ruleset_of(RULES, shapes_of(FIELDS))


def judge_with_ours(rows: Sequence[Row]) -> Judgement:
    """Judge all rows in one piece."""
    return judge(ruleset(), SUBMISSION, rows, lambda _wanted: SNAPSHOT)


def counts_of(judgement: Judgement) -> Counter[str]:
    """Count the rows that break each rule, by the rule ids in reports."""
    return Counter({finding.rule: finding.count for finding in judgement.findings})


def counts_as_reported(found: Iterable[Finding]) -> Counter[str]:
    """Count (row, rule) findings by the rule ids in reports."""
    of_shape = {rule: structural for (structural, _), rule in OF_SHAPE.items()}
    return Counter(of_shape.get(rule, rule) for _, rule in found)


def all_findings(rows: Sequence[Row]) -> set[Finding]:
    """Return which row breaks which rule, judged in pieces, because a report lists only a rule's first places."""
    parts = []
    for first in range(0, len(rows), PIECE):
        checked = check_records(ruleset(), SUBMISSION, rows[first : first + PIECE], first=first)
        parts.append(judge_records(ruleset(), checked, SNAPSHOT))
    found = {
        _finding(rule, place)
        for part in parts
        for (rule, _), places in part.places.items()
        for place in places
    }
    whole = merge(ruleset(), SUBMISSION, parts)
    return found | {_finding(each.rule, place) for each in whole.findings for place in each.places}


def _finding(rule: str, place: Mapping[str, Any]) -> Finding:
    """Return a finding with its rule id; findings of the file schema are distinguished by their field."""
    _, _, at, field = place["pointer"].split("/")
    return int(at), OF_SHAPE.get((rule, field), rule)
