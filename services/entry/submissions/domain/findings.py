"""Findings as the sender sees them: a group for each rule, with the places that break it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.i18n import Text

MAX_PLACES = 100
"""The maximum number of places per finding. The stored report has more, so that every cell of a workbook can be marked."""

MAX_LEFT_OUT = 1_000
"""The maximum number of left-out records with reasons. The report has all."""

NO_REF = "(no ref)"
"""The name of a left-out record that has no ref."""

LEFT_OUT = "The records have errors; the sender asked to accept the rest."

RETURNING = ("blocker", "error")
"""The severities that return a submission."""

PLACE_FIELDS = ("ref", "pointer", "value", "message", "expected")
"""The fields of an ungrouped finding that describe its place. The others describe its rule."""


REASON_FIELDS = ("pointer", "sheet", "row", "cell", "value", "message", "expected")
"""The fields of a place that a reason has."""


def group_findings(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the groups of a report. In old reports each place is a finding of its own: a group of one."""
    return [finding if "places" in finding else _alone(finding) for finding in findings]


def left_out_reasons(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the findings for which each record of a report cannot be accepted, by the order of the records.

    A report lists only the first places of a rule. A record whose places are all beyond has the rules as its reasons.
    """
    reasons: dict[int, list[Mapping[str, Any]]] = {at: [] for at in report.get("faulty", ())}
    refs: dict[int, str | None] = {}
    unlisted = []
    for finding in report["findings"]:
        if finding["severity"] not in RETURNING or "places" not in finding:
            continue
        of_rule = {name: finding[name] for name in ("rule", "title", "severity")}
        for place in finding["places"]:
            at = _record_of(place["pointer"])
            if at in reasons and "state" not in place:
                refs[at] = place["ref"]
                reasons[at].append(of_rule | {name: place[name] for name in REASON_FIELDS if name in place})
        if finding["count"] > len(finding["places"]):
            unlisted.append(_unlisted(of_rule, finding))
    return [
        {
            "ref": refs.get(at),
            "reasons": found or [each | {"pointer": f"/records/{at}"} for each in unlisted],
        }
        for at, found in list(reasons.items())[:MAX_LEFT_OUT]
    ]


def _record_of(pointer: str) -> int:
    index = pointer.removeprefix("/records/").partition("/")[0]
    return int(index) if pointer.startswith("/records/") and index.isdecimal() else -1


def _unlisted(of_rule: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, Any]:
    message = Text(
        "The record is among the {count} places of this rule, of which the report lists the first {listed}.",
        count=f"{finding['count']:,}",
        listed=f"{len(finding['places']):,}",
    )
    expected = finding["places"][0]["expected"] if finding["places"] else ""
    return {**of_rule, "value": None, "message": message, "expected": expected}


def first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """Limit a group to its first places."""
    places = finding["places"][:MAX_PLACES]
    return {**finding, "places": places, "left_out": finding["count"] - len(places)}


def _alone(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    rule_fields = {name: value for name, value in finding.items() if name not in PLACE_FIELDS}
    place = {name: finding[name] for name in PLACE_FIELDS}
    return rule_fields | {"count": 1, "places": [place], "left_out": 0}
