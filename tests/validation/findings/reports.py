"""Reports as the engine gives them, put together by hand."""

from datetime import UTC, datetime
from typing import Any

from services.validation.findings.domain.finding_lifecycle import TrackedFinding
from services.validation.findings.domain.reports import ReportHeader

PLACE: dict[str, Any] = {
    "ref": "AL-CT-1",
    "pointer": "/records/0/end",
    "value": "2026-02-01",
    "message": "The end, 2026-02-01, lies before the start, 2026-06-30.",
    "expected": "An end on or after 2026-06-30.",
}

HEADING = ReportHeader(
    reporter="AL-WBCTi",
    judged_at=datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC),
    pillar="WBCTi",
    kind="response",
    period="2026",
    tlp="TLP:AMBER+STRICT",
    submission="01920000-0000-7000-8000-000000000001",
    version=2,
    verdict=3,
    reason="the rules changed",
)
CHECK = ReportHeader(reporter="AL-WBCTi", judged_at=HEADING.judged_at, tlp="TLP:GREEN")


def place(number: int = 0, **facts: Any) -> dict[str, Any]:
    return {**PLACE, "ref": f"AL-CT-{number + 1}", "pointer": f"/records/{number}/end", **facts}


def group(*places: dict[str, Any], left_out: int = 0, **facts: Any) -> dict[str, Any]:
    return {
        "rule": "GEN-04",
        "version": "2026.1",
        "title": "A response ends after it starts",
        "severity": "error",
        "outcome": "failed",
        "why": "How long things take is reported from these two dates.",
        "reference": "IATI 2.03 activity dates",
        "count": len(places) + left_out,
        "places": list(places),
        "left_out": left_out,
        **facts,
    }


def report(*groups: dict[str, Any]) -> dict[str, Any]:
    counts = {
        severity: sum(each["count"] for each in groups if each["severity"] == severity)
        for severity in ("blocker", "error", "warning", "info")
    }
    return {
        "outcome": "returned" if counts["blocker"] or counts["error"] else "accepted",
        "records": 1200,
        "stamp": {
            "ruleset": {"name": "WBCTi", "version": "2026.1+general.2026.1", "hash": "9f" * 32},
            "codelists": "ab12" * 4,
            "engine": "3",
            "snapshot": "0c" * 32,
        },
        "counts": counts,
        "outcomes": {"passed": 90, "failed": sum(counts.values()), "skipped": 7, "errored": 0},
        "rules": {
            "GEN-04": {
                "passed": 1199,
                "failed": 1,
                "skipped": {"missing": 1, "condition": 4, "broken": 0, "nothing": 2},
                "errored": 0,
            }
        },
        "findings": list(groups),
    }


MANY = group(*(place(number) for number in range(100)), left_out=150)
"""The hundred places that are listed of two hundred and fifty."""

WARNING = group(
    place(3, value="Cars", message="The title has 4 characters.", expected="Between 8 and 250 characters."),
    rule="GEN-03",
    title="The title is short enough to be read",
    severity="warning",
    reference="",
)
BROKEN = group(
    place(4, value=None, message="This rule could not be judged.", expected="Send the same again."),
    rule="GEN-31",
    title="The themes are known",
    outcome="errored",
    cause="ZeroDivisionError",
)
IN_FILE = group(
    place(5, sheet="Needs", row=7, cell="F7", heading="End"), rule="GEN-20", title="The year is a year"
)


def finding(**facts: Any) -> TrackedFinding:
    """Return a tracked finding."""
    ordinary = {
        "finding": "f",
        "submission": "s",
        "reporter": "AL-WBCTi",
        "rule": "GEN-30",
        "severity": "warning",
        "ref": "A",
        "place": "/tlp",
        "value": None,
        "message": "It is open.",
        "state": "open",
        "first_version": 1,
        "last_version": 1,
    }
    return TrackedFinding(**ordinary | facts)
