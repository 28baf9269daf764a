"""Submissions as validation meets them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.validation import operations
from services.validation.domain.findings import Finding, Verdict
from services.validation.domain.judging import Submission, check_records, judge
from shared.database import Transaction
from shared.events import Event, SubmissionReceived, SubmissionWithdrawn
from shared.service import Runtime

NEED: dict[str, Any] = {
    "ref": "CT-001",
    "title": "Open-source analysis for the counter-terrorism unit",
    "category": "operational",
    "theme": "jap25_prevention",
    "perspective": "prevention",
    "strand": "prevent",
    "priority_level": "high",
    "disposition": "open",
    "capabilities": ["training"],
    "training": {
        "topic": "Open-source analysis",
        "proficiency": "practitioner",
        "urgency": 4,
        "officials": 20,
        "profile": "analysts",
    },
    "estimated_cost": 90000,
    "currency": "EUR",
    "target_date": "2026-12-31",
}

SUPPORT: dict[str, Any] = {
    "ref": "P-1",
    "title": "Detecting explosives at public events",
    "support_type": "training",
    "activity_status": "2",
    "themes": [{"code": "jap25_protection"}],
    "sectors": [{"code": "15210", "percentage": 100}],
    "beneficiaries": [{"code": "AL", "percentage": 50}, {"code": "XK", "percentage": 50}],
    "organisations": [{"name": "European Commission", "role": "1", "type": "15"}],
    "actual_start": "2026-01-15",
    "budget": 400000,
    "currency": "EUR",
    "transactions": [{"type": "3", "date": "2026-03-01", "amount": 100000.5}],
    "needs": [{"ref": "CT-001", "reporter": "AL-WBCTi", "coverage": "partial"}],
}

RESPONSE: dict[str, Any] = {
    "ref": "R-1",
    "title": "First course on open-source analysis",
    "type": "training",
    "status": "completed",
    "theme": "jap25_prevention",
    "start": "2026-02-01",
    "end": "2026-02-05",
    "responsible_institution": "General Directorate of Police",
    "needs": [{"ref": "CT-001", "coverage": "partial"}],
}

SAMPLES = {"need": NEED, "response": RESPONSE, "support": SUPPORT}
PERIODS = {"need": "2025-2026", "response": "2026", "support": "2026"}


def submission_of(*records: Any, kind: str = "need", pillar: str = "WBCTi", **facts: Any) -> Submission:
    ordinary = {
        "period": PERIODS[kind],
        "tlp": "TLP:AMBER",
        "reporter": f"AL-{pillar}",
        "partner": "AL",
        "received_on": "2026-11-23",
    }
    return Submission(pillar=pillar, kind=kind, records=records, **{**ordinary, **facts})


def verdict_on(submission: Submission, known: frozenset[Any] = frozenset()) -> Verdict:
    ruleset = operations.ruleset_for(submission.pillar)
    return judge(ruleset, check_records(ruleset, submission), known)


def rules_of(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in findings]


def submission_id(number: int) -> str:
    return f"01920000-0000-7000-8000-{number:012d}"


@pytest.fixture
def received() -> Callable[..., SubmissionReceived]:
    """Stores a body, as entry does, and gives the event that tells of it."""

    def make(
        runtime: Runtime, *records: Any, number: int = 1, version: int = 1, kind: str = "need", **facts: Any
    ) -> SubmissionReceived:
        about = {
            "pillar": "WBCTi",
            "kind": kind,
            "period": PERIODS[kind],
            "tlp": "TLP:AMBER",
            "reporter": "AL-WBCTi",
            "partner": "AL",
            **facts,
        }
        body = json.dumps({**about, "records": records}, sort_keys=True).encode()
        with runtime.database.begin() as tx:
            sha256 = runtime.blobs.put(tx, body)
        return SubmissionReceived(
            **about,
            submission=submission_id(number),
            version=version,
            body=sha256,
            records=len(records),
            received_at="2026-11-23T09:00:00.000Z",
        )

    return make


def withdrawn(number: int, version: int) -> SubmissionWithdrawn:
    return SubmissionWithdrawn(
        submission=submission_id(number),
        version=version,
        reporter="AL-WBCTi",
        partner="AL",
        pillar="WBCTi",
        kind="need",
        period="2025-2026",
        reason="entered twice",
        withdrawn_at="2026-11-23T10:00:00.000Z",
    )


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """The events that were recorded, in order."""
    events: list[Event] = []
    from services.validation.operations import checking  # noqa: PLC0415 - patched where it is used

    real = checking.record

    def record(tx: Transaction, *given: Event) -> None:
        events.extend(given)
        real(tx, *given)

    monkeypatch.setattr(checking, "record", record)
    return events
