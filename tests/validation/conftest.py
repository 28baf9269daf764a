"""Submissions as validation meets them."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from services.validation.domain.engine.judging import Submission, judge
from services.validation.domain.engine.origins import Origins
from services.validation.domain.findings.findings import Judgement, canonical
from services.validation.domain.references.lookups import Known, Snapshot
from services.validation.domain.rulesets.rule import Ruleset
from shared.events import SubmissionReceived, SubmissionWithdrawn
from shared.resources import Runtime
from shared.settings import Settings
from tests.shipped import ruleset_for
from tests.validation.desk import Desk

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
    "organisations": [
        {"name": "European Commission", "role": "1", "type": "15"},
        {"name": "CEPOL", "role": "4", "type": "15"},
    ],
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


@dataclass(frozen=True)
class Handed:
    """A submission and its records."""

    submission: Submission
    records: Sequence[Any]


@dataclass(frozen=True)
class Told:
    """One place of a finding, with what the finding says of its rule."""

    rule: str
    severity: str
    outcome: str
    ref: str | None
    pointer: str
    value: Any
    message: str
    expected: str


def submission_of(*records: Any, kind: str = "need", pillar: str = "WBCTi", **facts: Any) -> Handed:
    ordinary = {
        "period": PERIODS[kind],
        "tlp": "TLP:AMBER",
        "reporter": f"AL-{pillar}",
        "partner": "AL",
        "received_on": "2026-11-23",
    }
    return Handed(Submission(pillar=pillar, kind=kind, **{**ordinary, **facts}), records)


def judgement_on(
    handed: Handed, known: Collection[Known] = (), *, ruleset: Ruleset | None = None, **snapshot: Any
) -> Judgement:
    """`known` are in force; `snapshot` gives what else was looked up."""
    ruleset = ruleset or ruleset_for(handed.submission.pillar)
    found = Snapshot(known=dict.fromkeys(known, "in_force"), **snapshot)
    return judge(ruleset, handed.submission, handed.records, lambda _wanted: found, former=found.former)


def told_by(judgement: Judgement) -> list[Told]:
    """All places of all findings."""
    return [
        Told(finding.rule, finding.severity, finding.outcome, **_of_record(place))
        for finding in judgement.findings
        for place in finding.places
    ]


def _of_record(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in ("ref", "pointer", "value", "message", "expected")}


def rules_of(judgement: Judgement) -> list[str]:
    """The rules that found something, once each."""
    return [finding.rule for finding in judgement.findings]


def submission_id(number: int) -> str:
    return f"01920000-0000-7000-8000-{number:012d}"


def body_of(*records: Any, **about: Any) -> bytes:
    """A body as entry writes it: each record on a line of its own."""
    envelope = json.dumps({**about, "records": []}, sort_keys=True, separators=(",", ":"))
    lines = ",\n".join(json.dumps(record, sort_keys=True, ensure_ascii=False) for record in records)
    return envelope.replace('"records":[]', f'"records":[\n{lines}\n]').encode()


@pytest.fixture
def received() -> Callable[..., SubmissionReceived]:
    """Stores a body, as entry does, and gives the event that tells of it; `origins` is where a file has its records."""

    def make(
        runtime: Runtime,
        *records: Any,
        number: int = 1,
        version: int = 1,
        kind: str = "need",
        received_at: str = "2026-11-23T09:00:00.000Z",
        origins: Origins | None = None,
        **facts: Any,
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
        with runtime.database.begin() as tx:
            named = {"origins": runtime.blobs.put(tx, canonical(vars(origins)))} if origins else {}
            sha256 = runtime.blobs.put(tx, body_of(*records, **about, **named))
        return SubmissionReceived(
            **about,
            submission=submission_id(number),
            version=version,
            body=sha256,
            records=len(records),
            received_at=received_at,
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
def desk(
    runtime_of: Callable[[str], Runtime], received: Callable[..., SubmissionReceived], settings: Settings
) -> Iterator[Desk]:
    """Validation with all its handlers at work, on the test's database."""
    with Desk.opened(runtime_of("validation"), received, settings) as desk:
        yield desk
