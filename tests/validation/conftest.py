"""Submissions and fixtures for tests of validation."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import Judgement, canonical
from services.validation.engine.domain.references.lookups import RecordIdentity, Snapshot
from services.validation.engine.domain.rules import Ruleset
from shared.events import SubmissionReceived, SubmissionWithdrawn
from shared.resources import Runtime
from shared.settings import Settings
from tests.bundled_rulesets import ruleset_for
from tests.validation.in_process import InProcessValidation

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
class Submitted:
    """A submission and its records."""

    submission: Submission
    records: Sequence[Any]


@dataclass(frozen=True)
class ListedPlace:
    """A place of a finding, with the facts of its rule."""

    rule: str
    severity: str
    outcome: str
    ref: str | None
    pointer: str
    value: Any
    message: str
    expected: str


def submission_of(*records: Any, kind: str = "need", pillar: str = "WBCTi", **facts: Any) -> Submitted:
    ordinary = {
        "period": PERIODS[kind],
        "tlp": "TLP:AMBER",
        "reporter": f"AL-{pillar}",
        "partner": "AL",
        "received_on": "2026-11-23",
    }
    return Submitted(Submission(pillar=pillar, kind=kind, **{**ordinary, **facts}), records)


def judgement_on(
    submitted: Submitted,
    known: Collection[RecordIdentity] = (),
    *,
    ruleset: Ruleset | None = None,
    **snapshot: Any,
) -> Judgement:
    """Judge a submission. The `known` records are in force; `snapshot` holds the other look-ups."""
    ruleset = ruleset or ruleset_for(submitted.submission.pillar)
    found = Snapshot(known=dict.fromkeys(known, "in_force"), **snapshot)
    return judge(ruleset, submitted.submission, submitted.records, lambda _wanted: found, former=found.former)


def list_places(judgement: Judgement) -> list[ListedPlace]:
    """Return all listed places of all findings."""
    return [
        ListedPlace(finding.rule, finding.severity, finding.outcome, **_of_record(place))
        for finding in judgement.findings
        for place in finding.places
    ]


def _of_record(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in ("ref", "pointer", "value", "message", "expected")}


def rules_of(judgement: Judgement) -> list[str]:
    """Return the rules of all findings, each once."""
    return [finding.rule for finding in judgement.findings]


def submission_id(number: int) -> str:
    return f"01920000-0000-7000-8000-{number:012d}"


def body_of(*records: Any, **about: Any) -> bytes:
    """Return a body in the canonical form: each record on a line of its own."""
    envelope = json.dumps({**about, "records": []}, sort_keys=True, separators=(",", ":"))
    lines = ",\n".join(json.dumps(record, sort_keys=True, ensure_ascii=False) for record in records)
    return envelope.replace('"records":[]', f'"records":[\n{lines}\n]').encode()


@pytest.fixture
def received() -> Callable[..., SubmissionReceived]:
    """Return a function that stores a body and returns its event; `origins` are the cells of a file's records."""

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
def validation(
    runtime_of: Callable[[str], Runtime], received: Callable[..., SubmissionReceived], settings: Settings
) -> Iterator[InProcessValidation]:
    """Validation with all its handlers, on the test's database."""
    with InProcessValidation.opened(runtime_of("validation"), received, settings) as validation:
        yield validation
