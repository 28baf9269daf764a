"""What the rules found, as its sender sees it: a group for each rule, with the places at which it does not hold."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_PLACES = 100
"""So many places of a rule are shown. The report of a file tells more, so that each of its cells can be marked."""

OF_PLACE = ("ref", "pointer", "value", "message", "expected")
"""What a finding of a former report says of its place; the rest is said of its rule."""


def grouped(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The groups of a report. Former reports have a finding for each place: a group of one."""
    return [_first_places(finding) if "places" in finding else _alone(finding) for finding in findings]


def _first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    places = finding["places"][:MAX_PLACES]
    return {**finding, "places": places, "left_out": finding["count"] - len(places)}


def _alone(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    of_rule = {name: value for name, value in finding.items() if name not in OF_PLACE}
    place = {name: finding[name] for name in OF_PLACE}
    return of_rule | {"count": 1, "places": [place], "left_out": 0}
