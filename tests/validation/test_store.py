from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services.validation import store
from shared.database import Database, RowExists
from shared.service import Runtime
from tests.validation.conftest import submission_id

ONE = submission_id(1)
NEEDS_OF_AL = {"reporter": "AL-WBCTi", "kind": "need", "period": "2025-2026"}


@pytest.fixture
def database(runtime_of: Callable[[str], Runtime]) -> Database:
    return runtime_of("validation").database


def claim(database: Database, version: int, *, withdrawn: bool = False, submission: str = ONE) -> bool:
    with database.begin() as tx:
        return store.claim_version(tx, submission=submission, version=version, is_withdrawn=withdrawn)


def row_of(version: int, verdict: int = 1, outcome: str = "accepted") -> store.VerdictRow:
    return store.VerdictRow(
        submission=ONE,
        version=version,
        verdict=verdict,
        reporter="AL-WBCTi",
        outcome=outcome,
        ruleset="WBCTi 1",
        ruleset_hash="0" * 64,
        counts={"error": 0},
        outcomes={"passed": 3},
        report="1" * 64,
        judged_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    )


def test_only_a_higher_version_can_be_claimed(database: Database) -> None:
    assert [claim(database, version) for version in (2, 1, 2, 3)] == [True, False, False, True]
    assert claim(database, 1, submission=submission_id(2))


def test_after_a_withdrawal_no_version_can_be_claimed(database: Database) -> None:
    assert claim(database, 3, withdrawn=True)
    assert [claim(database, version) for version in (1, 3, 4)] == [False, False, False]


def test_the_standing_verdict_is_the_last_on_the_highest_version(database: Database) -> None:
    with database.begin() as tx:
        for version, verdict in ((2, 1), (1, 1), (1, 2)):
            store.add_verdict(tx, row_of(version, verdict))
    with database.read() as tx:
        assert store.find_verdict(tx, ONE) == row_of(2)
        assert store.find_verdict(tx, submission_id(9)) is None


def test_a_verdict_is_given_once(database: Database) -> None:
    with database.begin() as tx:
        store.add_verdict(tx, row_of(1))
    with pytest.raises(RowExists), database.begin() as tx:
        store.add_verdict(tx, row_of(1, outcome="returned"))


def test_known_records_are_found_by_kind_reporter_period_and_ref(database: Database) -> None:
    with database.begin() as tx:
        store.replace_known(tx, submission=ONE, version=1, refs=["A", "B"], **NEEDS_OF_AL)
    a = ("need", "AL-WBCTi", "2025-2026", "A")
    others = {
        ("response", "AL-WBCTi", "2025-2026", "A"),
        ("need", "BA-WBCTi", "2025-2026", "A"),
        ("need", "AL-WBCTi", "2023-2024", "A"),
        ("need", "AL-WBCTi", "2025-2026", "C"),
    }
    with database.read() as tx:
        assert store.known_among(tx, {a, *others}) == {a}


def test_a_later_version_replaces_the_known_records_of_a_former_one(database: Database) -> None:
    with database.begin() as tx:
        store.replace_known(tx, submission=ONE, version=1, refs=["A", "B"], **NEEDS_OF_AL)
    with database.begin() as tx:
        store.replace_known(tx, submission=ONE, version=2, refs=["B", "C"], **NEEDS_OF_AL)
    wanted = {("need", "AL-WBCTi", "2025-2026", ref) for ref in "ABC"}
    with database.read() as tx:
        assert {ref for *_, ref in store.known_among(tx, wanted)} == {"B", "C"}


def test_more_refs_than_a_statement_holds_are_looked_up(database: Database) -> None:
    refs = [f"CT-{number:04d}" for number in range(1200)]
    with database.begin() as tx:
        store.replace_known(tx, submission=ONE, version=1, refs=refs, **NEEDS_OF_AL)
    with database.read() as tx:
        assert len(store.known_among(tx, {("need", "AL-WBCTi", "2025-2026", ref) for ref in refs})) == 1200


def test_verdicts_are_counted_by_outcome(database: Database) -> None:
    with database.begin() as tx:
        for version, outcome in ((1, "returned"), (2, "returned"), (3, "accepted")):
            store.add_verdict(tx, row_of(version, outcome=outcome))
    with database.read() as tx:
        assert store.count_verdicts(tx) == {"accepted": 1, "returned": 2}
