"""Findings as the sender sees them: a group for each rule, with the places that break it."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_PLACES = 100
"""The maximum number of places per finding. The stored report has more, so that every cell of a workbook can be marked."""

PLACE_FIELDS = ("ref", "pointer", "value", "message", "expected")
"""The fields of an ungrouped finding that describe its place. The others describe its rule."""


def group_findings(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the groups of a report. In old reports each place is a finding of its own: a group of one."""
    return [finding if "places" in finding else _alone(finding) for finding in findings]


def first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """Limit a group to its first places, without the templates of its texts."""
    places = [_without_texts(place) for place in finding["places"][:MAX_PLACES]]
    return {**_without_texts(finding), "places": places, "left_out": finding["count"] - len(places)}


def _without_texts(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name != "texts"}


def _alone(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    rule_fields = {name: value for name, value in finding.items() if name not in PLACE_FIELDS}
    place = {name: finding[name] for name in PLACE_FIELDS}
    return rule_fields | {"count": 1, "places": [place], "left_out": 0}
