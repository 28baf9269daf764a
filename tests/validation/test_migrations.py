"""Verdicts and records from before re-judging keep their verdict and their place in the index."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.validation.engine.domain.references.lookups import request_lookups
from services.validation.verdicts.store import index, same_refs, submission_states, verdicts
from services.validation.verdicts.store.record_states import LookupScope
from services.validation.verdicts.store.tables import known_records
from shared.clock import SystemClock
from shared.database import Database
from tests.former_databases import create_former, fill_former, migrate_fully
from tests.validation.conftest import submission_id

VERDICT = {
    "verdict": 1,
    "reporter": "AL-WBCTi",
    "ruleset": "WBCTi 1",
    "ruleset_hash": "0" * 64,
    "counts": {"error": 0},
    "outcomes": {"passed": 1},
    "report": "1" * 64,
    "judged_at": datetime(2026, 6, 1, tzinfo=UTC),
}
RECORD = {"ref": "CT-001", "reporter": "AL-WBCTi", "kind": "need", "period": "2025-2026", "version": 1}

FORMER: dict[str, list[dict[str, Any]]] = {
    "judged_versions": [
        {"submission": submission_id(1), "version": 1, "is_withdrawn": False},
        {"submission": submission_id(2), "version": 2, "is_withdrawn": False},
        {"submission": submission_id(3), "version": 1, "is_withdrawn": True},
    ],
    "verdicts": [
        {"submission": submission_id(1), "version": 1, "outcome": "accepted", **VERDICT},
        {"submission": submission_id(2), "version": 1, "outcome": "accepted", **VERDICT},
        {"submission": submission_id(2), "version": 2, "outcome": "returned", **VERDICT},
    ],
    "known_records": [{"submission": submission_id(1), **RECORD}],
}
"""One accepted, one returned after it was accepted, one withdrawn before anybody looked."""


@pytest.fixture(params=["sqlite", "postgresql"])
def former_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database migrated to validation's first tables only, with verdicts."""
    return create_former(request, tmp_path, service="validation", revision="0001", rows_of=FORMER)


def test_former_verdicts_stand_and_former_records_can_be_referred_to(former_url: str) -> None:
    migrate_fully(former_url, service="validation")
    database = Database(former_url, "validation", clock=SystemClock())
    wanted = {("need", "AL-WBCTi", "2025-2026", ref) for ref in ("CT-001", "CT-002")}
    with database.begin() as tx:
        found = [submission_states.find_state(tx, submission_id(number)) for number in (1, 2, 3)]
        assert [(each.version, each.judged, each.outcome) for each in found] == [
            (1, 1, "accepted"),
            (2, 2, "returned"),
            (1, None, None),
        ]
        assert [each.is_withdrawn for each in found] == [False, False, True]
        assert index.list_states(tx, wanted) == {("need", "AL-WBCTi", "2025-2026", "CT-001"): "in_force"}
        assert verdicts.find_verdict(tx, submission_id(2)).reason == "data_changed"
        # What was received then is not known, so nothing can be judged again.
        assert submission_states.list_judged(tx, closed=(), limit=9) == []
        assert submission_states.list_unsettled(tx, limit=9) == []
        # It may still be withdrawn.
        assert submission_states.update_withdrawn(tx, submission=submission_id(1), version=2)
        assert set(index.list_states(tx, wanted).values()) == {"withdrawn"}
    database.dispose()


def test_former_refs_are_compared_in_one_form_and_those_that_fall_together_stay_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'iisgd.sqlite'}"
    row = {"reporter": "AL-WBCTi", "kind": "need", "period": "2025-2026", "version": 1}
    composed, decomposed, old = "\u0160-1", "S\u030c-1", "CT-01"
    rows = [
        {"submission": submission_id(1), "ref": decomposed, **row},
        {"submission": submission_id(2), "ref": composed, **row},
        {"submission": submission_id(3), "ref": composed, **row},
        {"submission": submission_id(3), "ref": decomposed, **row},
        {"submission": submission_id(3), "ref": old, **row},
    ]
    state = {
        "version": 1,
        "is_withdrawn": False,
        "verdict": 1,
        "judged": 1,
        "outcome": "accepted",
        "is_settled": True,
    }
    submissions = [submission_id(number) for number in (1, 2, 3)]
    rows_of = {
        "indexed_records": rows,
        "judged_submissions": [{"submission": each, **state} for each in submissions],
        "verdicts": [
            {"submission": each, "version": 1, "outcome": "accepted", **VERDICT} for each in submissions
        ],
    }
    fill_former(url, service="validation", revision="0003", rows_of=rows_of)
    migrate_fully(url, service="validation")
    database = Database(url, "validation", clock=SystemClock())
    with database.read() as tx:
        (same,) = same_refs.list_same_refs(tx)
        assert same == {
            "reporter": "AL-WBCTi",
            "kind": "need",
            "period": "2025-2026",
            "refs": f"{decomposed}, {composed}",
        }
        scope = LookupScope(reporter="AL-WBCTi", kind="need", period="2025-2026")
        lookups = request_lookups(
            [{"ref": "CT-1"}, {"ref": composed}], kind="need", reporter="AL-WBCTi", period="2025-2026"
        )
        assert index.look_up(tx, lookups, scope).alike == {"CT-1": [old]}
        stored = tx.execute(select(known_records.c.ref, known_records.c.spelling))
        assert Counter((ref, spelling) for ref, spelling in stored if ref != old) == Counter(
            [(composed, decomposed), (composed, None), (composed, None), (decomposed, decomposed)]
        )
    database.dispose()
