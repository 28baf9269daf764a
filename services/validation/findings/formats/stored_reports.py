"""Reports as they were kept: those of today, and those that verdicts had before findings were grouped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import MOST_PLACES, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.validation.findings.domain.reports import Report

_OF_RULE = ("rule", "title", "severity", "outcome", "why", "reference")
_BETWEEN_SERVICES = ("faulty", "faulty_places", "whole")
_OF_PLACE = ("ref", "pointer", "value", "message", "expected")


def read_report(content: bytes) -> Report:
    """The report that is kept with a verdict."""
    written: Mapping[str, Any] = json.loads(content)
    return written if "stamp" in written else _as_today(written)


def in_brief(report: Report) -> Report:
    """The report as it is answered: of each finding the first places, and nothing that only services ask for.

    Of what came in a file more is kept, so that each of its cells can be marked.
    """
    shown = {name: value for name, value in report.items() if name not in _BETWEEN_SERVICES}
    return {**shown, "findings": [_first_places(finding) for finding in report["findings"]]}


def _first_places(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    places = finding["places"][:MOST_PLACES]
    return {**finding, "places": places, "left_out": finding["count"] - len(places)}


def _as_today(former: Mapping[str, Any]) -> Report:
    """A former report: it counted no records, kept no outcomes of single rules, and listed every place by itself."""
    groups: dict[bytes, dict[str, Any]] = {}
    for finding in former["findings"]:
        of_rule = {name: finding[name] for name in _OF_RULE}
        empty = {**of_rule, "version": former["ruleset"]["version"], "count": 0, "places": [], "left_out": 0}
        group = groups.setdefault(canonical(of_rule), empty)
        group["places"].append({name: finding[name] for name in _OF_PLACE})
        group["count"] += 1
    return {
        "outcome": former["outcome"],
        "records": None,
        "stamp": {"ruleset": former["ruleset"], "codelists": None, "engine": "1", "snapshot": None},
        "counts": former["counts"],
        "outcomes": former["outcomes"],
        "rules": {},
        "findings": list(groups.values()),
    }
