"""Stored reports: the current format, and the early one, which did not group findings."""

import json
from collections.abc import Mapping
from typing import Any

from services.validation.engine.domain.findings import MAX_PLACES, canonical
from services.validation.findings.domain.reports import Report

_OF_RULE = ("rule", "title", "severity", "outcome", "why", "reference")
_FOR_SERVICES = ("faulty", "faulty_places", "whole")
_OF_PLACE = ("ref", "pointer", "value", "message", "expected")


def read_report(content: bytes) -> Report:
    """Read the report of a verdict, in either format."""
    written: Mapping[str, Any] = json.loads(content)
    return written if "stamp" in written else _converted(written)


def shorten_report(report: Report) -> Report:
    """Limit a report to the first places of each finding, without the fields and templates that only services need.

    The stored report of a file lists more places, so that each of its cells can be marked.
    """
    shown = {name: value for name, value in report.items() if name not in _FOR_SERVICES}
    return {**shown, "findings": [_first_places(finding) for finding in report["findings"]]}


def _first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    places = finding["places"][:MAX_PLACES]
    return {**finding, "places": places, "left_out": finding["count"] - len(places)}


def _converted(early: Mapping[str, Any]) -> Report:
    """Convert an early report, which had no number of records, no outcomes of rules, and one finding per place."""
    groups: dict[bytes, dict[str, Any]] = {}
    for finding in early["findings"]:
        of_rule = {name: finding[name] for name in _OF_RULE}
        empty = {**of_rule, "version": early["ruleset"]["version"], "count": 0, "places": [], "left_out": 0}
        group = groups.setdefault(canonical(of_rule), empty)
        group["places"].append({name: finding[name] for name in _OF_PLACE})
        group["count"] += 1
    return {
        "outcome": early["outcome"],
        "records": None,
        "stamp": {"ruleset": early["ruleset"], "codelists": None, "engine": "1", "snapshot": None},
        "counts": early["counts"],
        "outcomes": early["outcomes"],
        "rules": {},
        "findings": list(groups.values()),
    }
