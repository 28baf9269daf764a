"""An example of each kind of record, which breaks no rule of the pillar WBCTi, for developers of portals."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "need": {
        "ref": "CT-2025-04",
        "title": "Open-source analysis for the counter-terrorism unit",
        "description": "Analysts cannot follow extremist content in closed groups.",
        "category": "operational",
        "theme": "jap25_prevention",
        "perspective": "prevention",
        "strand": "prevent",
        "priority_level": "high",
        "disposition": "open",
        "capabilities": ["training", "it"],
        "beneficiary_institutions": ["General Directorate of Police"],
        "estimated_cost": 90000,
        "currency": "EUR",
        "price_year": 2025,
        "target_date": "2026-12-31",
        "training": {
            "topic": "Open-source analysis",
            "proficiency": "practitioner",
            "urgency": 4,
            "officials": 20,
            "profile": "Analysts",
        },
    },
    "response": {
        "ref": "CT-R-2026-01",
        "title": "First course on open-source analysis",
        "type": "training",
        "status": "completed",
        "theme": "jap25_prevention",
        "perspective": "prevention",
        "strand": "prevent",
        "start": "2026-02-02",
        "end": "2026-02-06",
        "responsible_institution": "General Directorate of Police",
        "own_budget": 8500.5,
        "currency": "EUR",
        "result": "Eleven analysts passed the final exercise.",
        "needs": [{"ref": "CT-2025-04", "coverage": "partial", "share": 55}],
    },
    "support": {
        "ref": "CT-S-17",
        "title": "Mentoring of analysts of online extremism",
        "support_type": "training",
        "activity_status": "2",
        "themes": [{"code": "jap25_prevention", "percentage": 100}],
        "sectors": [{"code": "15210", "percentage": 100}],
        "beneficiaries": [{"code": "AL", "percentage": 50}, {"code": "XK", "percentage": 50}],
        "organisations": [
            {"name": "European Commission", "role": "1", "type": "15"},
            {"name": "CEPOL", "role": "4", "type": "15"},
        ],
        "planned_start": "2026-01-12",
        "planned_end": "2027-06-30",
        "actual_start": "2026-01-19",
        "budget": 400000,
        "currency": "EUR",
        "transactions": [
            {"type": "2", "date": "2026-01-19", "amount": 400000},
            {"type": "3", "date": "2026-03-02", "amount": 100000.5},
        ],
        "participants": [{"sex": "female", "profile": "Analysts", "number": 9}],
        "needs": [{"ref": "CT-2025-04", "reporter": "AL-WBCTi", "coverage": "partial"}],
    },
}

PERIODS: Mapping[str, str] = {"need": "2025-2026", "response": "2026", "support": "2026"}
"""A period of each example."""


def example_submission(kind: str) -> dict[str, Any]:
    """Return a submission with the example of a kind."""
    return {
        "pillar": "WBCTi",
        "kind": kind,
        "period": PERIODS[kind],
        "tlp": "TLP:AMBER",
        "records": [EXAMPLES[kind]],
    }
