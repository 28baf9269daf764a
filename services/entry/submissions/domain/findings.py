"""Findings as the sender sees them: a group for each rule, with the places that break it."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_PLACES = 100
"""The maximum number of places per finding. The stored report has more, so that every cell of a workbook can be marked."""

OF_PLACE = ("ref", "pointer", "value", "message", "expected")
"""The fields of an ungrouped finding that describe its place. The others describe its rule."""


def group_findings(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the groups of a report. In old reports each place is a finding of its own: a group of one."""
    return [_first_places(finding) if "places" in finding else _alone(finding) for finding in findings]


def _first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    places = finding["places"][:MAX_PLACES]
    return {**finding, "places": places, "left_out": finding["count"] - len(places)}


def _alone(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    of_rule = {name: value for name, value in finding.items() if name not in OF_PLACE}
    place = {name: finding[name] for name in OF_PLACE}
    return of_rule | {"count": 1, "places": [place], "left_out": 0}
