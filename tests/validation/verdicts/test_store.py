from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from services.validation.engine.domain.references.lookups import LookupRequest, Snapshot, request_lookups
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.store import (
    calendar,
    chunks,
    index,
    record_states,
    submission_states,
    tables,
    verdicts,
)
from shared.database import Database, RowExists
from shared.resources import Runtime
from tests.validation.conftest import NEED, PERIODS, RESPONSE, SUPPORT, submission_id

ONE = submission_id(1)


@pytest.fixture
def database(runtime_of: Callable[[str], Runtime]) -> Database:
    return runtime_of("validation").database


def received(number: int = 1, version: int = 1, *, kind: str = "need", **facts: Any) -> Received:
    ordinary = {
        "submission": submission_id(number),
        "version": version,
        "reporter": "AL-WBCTi",
        "partner": "AL",
        "pillar": "WBCTi",
        "kind": kind,
        "period": PERIODS[kind],
        "tlp": "TLP:GREEN",
        "body": "0" * 64,
        "records": 1,
        "received_at": f"2026-11-23T09:00:{number:02d}.000Z",
    }
    return Received(**{**ordinary, **facts})


def claim(database: Database, version: int, *, number: int = 1, **given: Any) -> bool:
    with database.begin() as tx:
        return submission_states.advance_version(tx, received=received(number, version), **given)


def withdraw(database: Database, version: int, *, number: int = 1) -> bool:
    with database.begin() as tx:
        return submission_states.update_withdrawn(tx, submission=submission_id(number), version=version)


def state_of(database: Database, number: int = 1) -> submission_states.SubmissionState:
    with database.read() as tx:
        found = submission_states.find_state(tx, submission_id(number))
    assert found is not None
    return found


def row_of(version: int, verdict: int = 1, outcome: str = "accepted", **given: Any) -> verdicts.VerdictRow:
    ordinary: dict[str, Any] = {
        "submission": ONE,
        "reporter": "AL-WBCTi",
        "partner": "AL",
        "tlp": "TLP:GREEN",
        "reason": "data_changed",
        "ruleset": "WBCTi 1",
        "ruleset_hash": "0" * 64,
        "stamp": {"engine": "2"},
        "counts": {"error": 0},
        "outcomes": {"passed": 3},
        "rules": {"GEN-01": {"failed": 0}},
        "report": "1" * 64,
        "judgement": "2" * 64,
        "judged_at": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    }
    return verdicts.VerdictRow(version=version, verdict=verdict, outcome=outcome, **{**ordinary, **given})


def keep(
    database: Database,
    *records: dict[str, Any],
    outcome: str = "accepted",
    number: int = 1,
    version: int = 1,
    kind: str = "need",
    **facts: Any,
) -> LookupRequest:
    """Store a version with its verdict, its records in the index, and its links."""
    about = received(number, version, kind=kind, **facts)
    lookups = request_lookups(records, kind=kind, reporter=about.reporter, period=about.period)
    with database.begin() as tx:
        assert submission_states.advance_version(tx, received=about, verdict=1, outcome=outcome)
        verdicts.insert_verdict(tx, row_of(version, outcome=outcome, submission=about.submission))
        known = index.list_states(tx, lookups.known)
        index.upsert_links(
            tx, submission=about.submission, version=version, lookups=lookups.known, known=known
        )
        index.insert_entries(tx, received=about, entries=lookups.entries)
    return lookups


def look_up(
    database: Database, *records: dict[str, Any], number: int = 9, version: int = 1, **facts: Any
) -> Snapshot:
    """Return the look-ups for a received submission."""
    about = received(number, version, **facts)
    lookups = request_lookups(records, kind=about.kind, reporter=about.reporter, period=about.period)
    with database.read() as tx:
        return index.look_up(tx, lookups, record_states.LookupScope.of(about))


def states(database: Database, *refs: str) -> dict[str, str]:
    with database.read() as tx:
        found = index.list_states(tx, {("need", "AL-WBCTi", "2025-2026", ref) for ref in refs})
    return {ref: state for (*_, ref), state in found.items()}


def needs(*refs: str, **fields: Any) -> list[dict[str, Any]]:
    return [{**NEED, "ref": ref, **fields} for ref in refs]


def outdated_by(database: Database, number: int) -> set[str]:
    with database.read() as tx:
        return index.list_outdated(tx, [submission_id(number)])


# --- Submissions ------------------------------------------------------------------------------------------------------


def test_only_a_higher_version_can_be_claimed(database: Database) -> None:
    assert [claim(database, version) for version in (2, 1, 2, 3)] == [True, False, False, True]
    assert claim(database, 1, number=2)


def test_after_a_withdrawal_no_version_can_be_claimed(database: Database) -> None:
    assert withdraw(database, 3)
    assert [claim(database, version) for version in (1, 3, 4)] == [False, False, False]


def test_a_version_that_waits_for_its_verdict_leaves_the_former_standing(database: Database) -> None:
    claim(database, 1, verdict=1, outcome="returned")
    claim(database, 2)
    found = state_of(database)
    assert (found.version, found.verdict, found.judged, found.outcome) == (2, 0, 1, "returned")
    assert found.received == received(version=2)


def test_a_verdict_follows_the_one_before_it_and_no_other(database: Database) -> None:
    claim(database, 1, verdict=1, outcome="accepted")

    def advance(version: int, verdict: int) -> bool:
        with database.begin() as tx:
            return submission_states.advance_verdict(
                tx, submission=ONE, version=version, verdict=verdict, outcome="returned"
            )

    tried = [advance(*step) for step in ((1, 1), (1, 3), (2, 2), (1, 2), (1, 2), (1, 3))]
    assert tried == [False, False, False, True, False, True]
    withdraw(database, 2)
    assert not advance(1, 4)


def test_only_what_has_a_verdict_and_is_open_can_be_outdated(database: Database) -> None:
    for number in (1, 2, 3, 4):
        claim(database, 1, number=number, verdict=1, outcome="accepted")
    claim(database, 2, number=2)
    withdraw(database, 2, number=3)
    ids = [submission_id(number) for number in (1, 2, 3, 4, 5)]
    closed = [("need", "2023-2024")]
    with database.begin() as tx:
        marked = submission_states.update_outdated(tx, ids[:3], reason="rules_changed", closed=closed)
        again = submission_states.update_outdated(tx, ids, reason="references_changed", closed=closed)
        assert (
            submission_states.update_outdated(tx, ids, reason="rules_changed", closed=[("need", "2025-2026")])
            == []
        )
    assert [each.submission for each in marked] == [ids[0]]
    assert [each.submission for each in again] == [ids[0], ids[3]]
    assert state_of(database, 1).outdated == "references_changed"


def test_a_verdict_that_follows_is_no_longer_outdated(database: Database) -> None:
    claim(database, 1, verdict=1, outcome="accepted")
    with database.begin() as tx:
        submission_states.update_outdated(tx, [ONE], reason="rules_changed", closed=())
        submission_states.advance_verdict(tx, submission=ONE, version=1, verdict=2, outcome="accepted")
    assert state_of(database).outdated is None


def test_submissions_of_open_periods_are_listed_page_by_page(database: Database) -> None:
    for number in (1, 2, 3, 4):
        claim(database, 1, number=number, verdict=1, outcome="accepted")
    withdraw(database, 2, number=2)
    with database.read() as tx:
        first = submission_states.list_judged(tx, closed=[("need", "2023-2024")], limit=2)
        second = submission_states.list_judged(tx, closed=(), after=first[-1].submission, limit=2)
        assert submission_states.list_judged(tx, closed=[("need", "2025-2026")], limit=2) == []
    assert [each.submission for each in (*first, *second)] == [submission_id(each) for each in (1, 3, 4)]


def test_what_changes_while_it_is_settled_is_not_settled(database: Database) -> None:
    for number in (1, 2):
        claim(database, 1, number=number, verdict=1, outcome="accepted")
    with database.read() as tx:
        unsettled = submission_states.list_unsettled(tx, limit=10)
    claim(database, 2, number=2, verdict=1, outcome="accepted")
    with database.begin() as tx:
        submission_states.update_settled(tx, unsettled)
    with database.read() as tx:
        left = submission_states.list_unsettled(tx, limit=10)
    assert [(each.submission, each.version) for each in left] == [(submission_id(2), 2)]


# --- Verdicts ---------------------------------------------------------------------------------------------------------


def test_the_standing_verdict_is_the_last_on_the_highest_version(database: Database) -> None:
    with database.begin() as tx:
        for version, verdict in ((2, 1), (1, 1), (1, 2)):
            verdicts.insert_verdict(tx, row_of(version, verdict))
    with database.read() as tx:
        assert verdicts.find_verdict(tx, ONE) == row_of(2)
        assert verdicts.list_verdicts(tx, ONE) == [row_of(2), row_of(1, 2), row_of(1)]
        assert verdicts.find_verdict(tx, submission_id(9)) is None


def test_a_verdict_is_given_once(database: Database) -> None:
    with database.begin() as tx:
        verdicts.insert_verdict(tx, row_of(1))
    with pytest.raises(RowExists), database.begin() as tx:
        verdicts.insert_verdict(tx, row_of(1, outcome="returned"))


def test_a_judgement_is_found_by_its_name_the_first_that_was_given(database: Database) -> None:
    first = row_of(1, submission=submission_id(2))
    later = row_of(1, judged_at=datetime(2026, 11, 24, tzinfo=UTC))
    with database.begin() as tx:
        for row in (later, first):
            verdicts.insert_verdict(tx, row)
    with database.read() as tx:
        assert verdicts.find_same_judgement(tx, "2" * 64) == first
        assert verdicts.find_same_judgement(tx, "3" * 64) is None


def test_verdicts_are_counted_by_outcome(database: Database) -> None:
    with database.begin() as tx:
        for version, outcome in ((1, "returned"), (2, "returned"), (3, "accepted")):
            verdicts.insert_verdict(tx, row_of(version, outcome=outcome))
    with database.read() as tx:
        assert verdicts.count_verdicts(tx) == {"accepted": 1, "returned": 2}


# --- The index --------------------------------------------------------------------------------------------------------


def test_records_are_found_by_kind_reporter_period_and_ref(database: Database) -> None:
    keep(database, *needs("A", "B"))
    a = ("need", "AL-WBCTi", "2025-2026", "A")
    others = {
        ("response", "AL-WBCTi", "2025-2026", "A"),
        ("need", "BA-WBCTi", "2025-2026", "A"),
        ("need", "AL-WBCTi", "2023-2024", "A"),
        ("need", "AL-WBCTi", "2025-2026", "C"),
    }
    with database.read() as tx:
        assert index.list_states(tx, {a, *others}) == {a: "in_force"}


def test_a_record_stands_as_its_submission_does(database: Database) -> None:
    keep(database, *needs("A", "B"))
    keep(database, *needs("B", "C"), version=2)
    assert states(database, "A", "B", "C") == {"A": "withdrawn", "B": "in_force", "C": "in_force"}
    keep(database, *needs("C", "D"), version=3, outcome="returned")
    assert states(database, "A", "B", "C", "D") == dict.fromkeys("ABC", "returned")
    withdraw(database, 4)
    assert states(database, "A", "B", "C", "D") == dict.fromkeys("ABC", "withdrawn")


def test_a_record_that_two_submissions_hold_is_in_force_as_long_as_one_does(database: Database) -> None:
    for number in (1, 2, 3):
        keep(database, *needs("A"), number=number)
    keep(database, *needs("A"), number=1, version=2, outcome="returned")
    assert states(database, "A") == {"A": "in_force"}
    withdraw(database, 2, number=2)
    withdraw(database, 2, number=3)
    assert states(database, "A") == {"A": "returned"}


def test_more_refs_than_a_statement_holds_are_looked_up(database: Database) -> None:
    refs = [f"CT-{number:04d}" for number in range(1200)]
    keep(database, *needs(*refs))
    assert len(states(database, *refs)) == 1200


def test_a_ref_that_comes_twice_is_kept_once(database: Database) -> None:
    keep(database, *needs("A"), *needs("A", title="Another"))
    assert look_up(database, *needs("A")).previous["A"]["title"] == "Another"


def test_previous_is_what_was_accepted_last_before(database: Database) -> None:
    keep(database, *needs("A", estimated_cost=1))
    keep(database, *needs("A", estimated_cost=2), version=2)
    keep(database, *needs("A", estimated_cost=3), version=3, outcome="returned")
    keep(database, *needs("A", estimated_cost=4), number=5)

    def cost(**asker: Any) -> Any:
        found = look_up(database, *needs("A", "B"), **asker).previous
        assert set(found) <= {"A"}
        return found["A"]["estimated_cost"] if found else None

    # Whoever is judged again finds what was before it, not itself and not what came later.
    assert [cost(number=1, version=version) for version in (1, 2, 3, 4)] == [None, 1, 2, 2]
    assert [cost(number=5), cost(number=6)] == [2, 4]
    assert cost(number=6, period="2023-2024") is None
    assert cost(number=6, reporter="BA-WBCTi") is None


def test_support_is_the_same_from_period_to_period(database: Database) -> None:
    keep(database, {**SUPPORT, "budget": 7}, kind="support", period="2025")
    assert look_up(database, SUPPORT, kind="support").previous["P-1"]["budget"] == 7


def test_without_a_submission_everything_was_before(database: Database) -> None:
    keep(database, *needs("A"))
    lookups = request_lookups(needs("A"), kind="need", reporter="AL-WBCTi", period="2025-2026")
    with database.read() as tx:
        asker = record_states.LookupScope(reporter="AL-WBCTi", kind="need", period="2025-2026")
        assert set(index.look_up(tx, lookups, asker).previous) == {"A"}


def test_former_needs_are_those_in_force_that_were_left_open(database: Database) -> None:
    former = {"period": "2023-2024"}
    dispositions = ("open", "partly_covered", "covered", "merged", "withdrawn")
    keep(database, *({**NEED, "ref": each, "disposition": each} for each in dispositions), **former)
    keep(database, *needs("RETURNED"), number=2, outcome="returned", **former)
    keep(database, *needs("OTHER"), number=3, reporter="BA-WBCTi", **former)
    keep(database, *needs("NOW"), number=4)
    with database.read() as tx:
        found = index.list_previous_needs(tx, record_states.LookupScope.of(received(9)))
        assert index.list_previous_needs(tx, record_states.LookupScope.of(received(9, kind="response"))) == []
    assert [need["ref"] for need in found] == ["open", "partly_covered"]
    assert found[0]["title"] == NEED["title"]


# --- Similar support --------------------------------------------------------------------------------------------------

OTHER = {"number": 9, "kind": "support", "reporter": "CEPOL", "partner": None}
MINE = {**SUPPORT, "ref": "C-1"}


def similar_support(database: Database, *records: dict[str, Any], **asker: Any) -> list[tuple[str, str]]:
    found = look_up(database, *(records or (MINE,)), **{**OTHER, **asker}).similar
    assert set(found) <= {"C-1"}
    return [(like["reporter"], like["ref"]) for like in found.get("C-1", ())]


@pytest.mark.parametrize(
    ("tlp", "of_record", "is_told"),
    [
        ("TLP:CLEAR", None, True),
        ("TLP:GREEN", None, True),
        ("TLP:AMBER", None, False),
        ("TLP:RED", None, False),
        ("TLP:GREEN", "TLP:AMBER", False),
        ("TLP:AMBER", "TLP:CLEAR", True),
    ],
)
def test_anothers_support_is_told_of_where_its_marking_lets_members_see_it(
    database: Database, tlp: str, of_record: str | None, is_told: bool
) -> None:
    keep(database, {**SUPPORT, "tlp": of_record}, kind="support", tlp=tlp)
    assert similar_support(database) == ([("AL-WBCTi", "P-1")] if is_told else [])
    assert similar_support(database, reporter="AL-WBCTi") == [("AL-WBCTi", "P-1")]


@pytest.mark.parametrize(
    ("tlp", "asker", "is_told"),
    [
        ("TLP:GREEN", "FRONTEX", False),
        ("TLP:GREEN", "EUROJUST", True),
        ("TLP:GREEN", "RS-WBBSi", False),
        ("TLP:GREEN", "NOBODY", False),
        ("TLP:CLEAR", "FRONTEX", True),
    ],
)
def test_support_of_pillars_that_a_reporter_takes_no_part_in_is_told_of_only_if_it_is_public(
    database: Database, tlp: str, asker: str, is_told: bool
) -> None:
    keep(database, SUPPORT, kind="support", tlp=tlp)
    assert similar_support(database, reporter=asker) == ([("AL-WBCTi", "P-1")] if is_told else [])


def test_only_support_in_force_that_came_before_is_told_of(database: Database) -> None:
    keep(database, {**SUPPORT, "ref": "FIRST"}, number=1, kind="support")
    keep(database, {**SUPPORT, "ref": "RETURNED"}, number=2, kind="support", outcome="returned")
    keep(database, {**SUPPORT, "ref": "LATE"}, number=9, kind="support")
    keep(database, {**SUPPORT, "ref": "OLD"}, number=3, kind="support")
    keep(database, {**SUPPORT, "ref": "NEW"}, number=3, version=2, kind="support")
    assert similar_support(database, number=5) == [("AL-WBCTi", "FIRST"), ("AL-WBCTi", "NEW")]
    withdraw(database, 2, number=1)
    assert similar_support(database, number=5) == [("AL-WBCTi", "NEW")]


def test_ones_own_record_of_the_same_ref_and_the_same_submission_are_not_told_of(database: Database) -> None:
    keep(database, MINE, number=1, kind="support", reporter="CEPOL", period="2025")
    keep(database, {**MINE, "ref": "C-2"}, number=9, kind="support", reporter="CEPOL")
    assert similar_support(database) == []
    assert similar_support(database, number=10) == [("CEPOL", "C-2")]


def test_support_of_another_type_or_for_others_is_not_even_looked_at(database: Database) -> None:
    keep(database, {**SUPPORT, "support_type": "equipment"}, number=1, kind="support")
    keep(database, {**SUPPORT, "beneficiaries": [{"code": "RS"}]}, number=2, kind="support")
    assert similar_support(database) == []


def test_what_everybody_says_is_looked_at_only_so_far(database: Database) -> None:
    """Without a limit, a file of 100,000 trainings would be compared with each of them."""
    keep(database, *({**SUPPORT, "ref": f"P-{number:03d}"} for number in range(300)), kind="support")
    found = look_up(database, MINE, **OTHER).similar["C-1"]
    assert [like["ref"] for like in found] == [f"P-{number:03d}" for number in range(5)]


# --- Links ------------------------------------------------------------------------------------------------------------


def test_who_found_a_record_otherwise_than_it_stands_is_outdated_by_it(database: Database) -> None:
    response = {"kind": "response", "number": 2}
    keep(database, {**RESPONSE, "needs": [{"ref": "A"}, {"ref": "B"}]}, **response)
    keep(database, *needs("C"))
    assert outdated_by(database, 1) == outdated_by(database, 2) == set()
    keep(database, *needs("A"), number=3)
    # From either side, whichever is looked at.
    assert outdated_by(database, 3) == outdated_by(database, 2) == {submission_id(2)}
    assert outdated_by(database, 1) == set()
    keep(database, {**RESPONSE, "needs": [{"ref": "A"}, {"ref": "B"}]}, version=2, **response)
    assert outdated_by(database, 3) == outdated_by(database, 2) == set()
    withdraw(database, 2, number=3)
    assert outdated_by(database, 3) == {submission_id(2)}


def test_tidying_keeps_of_each_record_what_stands_and_what_was_before(database: Database) -> None:
    keep(database, *needs("A", "B", estimated_cost=1))
    keep(database, *needs("A", "X"), version=2, outcome="returned")
    keep(database, *needs("A", estimated_cost=3), version=3)
    keep(database, *needs("A", estimated_cost=4), version=4)
    with database.begin() as tx:
        index.delete_stale(tx, state_of(database))
    records = tables.metadata.tables["validation.indexed_records"]
    with database.read() as tx:
        kept = {(ref, version) for ref, version in tx.execute(select(records.c.ref, records.c.version))}
    assert kept == {("A", 4), ("A", 3), ("B", 1)}
    assert states(database, "A", "B", "X") == {"A": "in_force", "B": "withdrawn"}


def test_tidying_what_was_withdrawn_leaves_nothing_to_be_alike_or_to_be_judged_again(
    database: Database,
) -> None:
    keep(database, SUPPORT, kind="support")
    withdraw(database, 2)
    with database.begin() as tx:
        index.delete_stale(tx, state_of(database))
    with database.read() as tx:
        for name in ("sketches", "record_links"):
            table = tables.metadata.tables[f"validation.{name}"]
            assert tx.execute(select(func.count()).select_from(table)).scalar() == 0


# --- Chunks and the calendar ------------------------------------------------------------------------------------------

JUDGING = chunks.Judging(
    judging=submission_id(50),
    submission=ONE,
    version=1,
    reason="data_changed",
    basis="0" * 64,
    chunks=2,
    open=2,
    begun_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
)


def test_a_chunk_is_kept_once_and_parts_come_in_the_order_of_the_records(database: Database) -> None:
    with database.begin() as tx:
        chunks.insert_judging(tx, JUDGING)
        assert chunks.find_judging(tx, JUDGING.judging) == JUDGING
        given = [(1, "b"), (0, "a"), (1, "c")]
        kept = [
            chunks.insert_chunk(
                tx,
                judging=JUDGING.judging,
                number=number,
                part=part,
                judgement=f"judged {part}",
                counts={"GEN-01": [number, 0]},
            )
            for number, part in given
        ]
        assert kept == [True, True, False]
        assert chunks.list_parts(tx, JUDGING.judging) == ["a", "b"]
        assert chunks.list_counts(tx, JUDGING.judging, before=1) == [{"GEN-01": [0, 0]}]
        assert chunks.find_same_chunk(tx, "judged b") == ("b", {"GEN-01": [1, 0]})
        assert chunks.find_same_chunk(tx, "judged c") is None
        assert [chunks.update_open_chunks(tx, JUDGING.judging) for _ in range(2)] == [1, 0]


def test_a_judging_is_given_up_once_with_its_chunks(database: Database) -> None:
    with database.begin() as tx:
        chunks.insert_judging(tx, JUDGING)
        chunks.insert_chunk(tx, judging=JUDGING.judging, number=0, part="a", judgement="judged a", counts={})
        assert [chunks.delete_judging(tx, JUDGING.judging) for _ in range(2)] == [True, False]
        assert chunks.find_judging(tx, JUDGING.judging) is None
        assert chunks.list_parts(tx, JUDGING.judging) == []
        assert chunks.update_open_chunks(tx, JUDGING.judging) is None


def closed_on(database: Database, day: str) -> set[tuple[str, str]]:
    with database.read() as tx:
        return set(calendar.list_closed_periods(tx, today=date.fromisoformat(day)))


def window(code: str, meeting: str, *, sequence: int = 1) -> dict[str, Any]:
    return {
        "window": code,
        "kind": "need",
        "period": "2025-2026",
        "meeting": meeting,
        "sequence": sequence,
        "opens_on": "2026-01-01",
    }


def test_a_period_is_closed_once_the_last_meeting_that_adopts_it_was_held(database: Database) -> None:
    needs_of_now = {("need", "2025-2026")}
    with database.begin() as tx:
        calendar.upsert_window(tx, window("first", "board-8"))
    assert closed_on(database, "2099-01-01") == set()
    with database.begin() as tx:
        calendar.upsert_meeting(tx, {"meeting": "board-8", "held_on": "2026-12-15", "sequence": 2})
        calendar.upsert_meeting(tx, {"meeting": "board-8", "held_on": "2026-01-01", "sequence": 1})
    assert closed_on(database, "2026-12-15") == set()
    assert closed_on(database, "2026-12-16") == needs_of_now
    with database.begin() as tx:
        calendar.upsert_window(tx, window("second", "board-9"))
    assert closed_on(database, "2026-12-16") == set()
    with database.begin() as tx:
        calendar.upsert_window(tx, window("second", "board-8", sequence=2))
        calendar.upsert_window(tx, window("second", "board-9", sequence=1))
    assert closed_on(database, "2026-12-16") == needs_of_now
    with database.begin() as tx:
        cancelled = {"meeting": "board-8", "held_on": "2026-12-15", "sequence": 3}
        calendar.upsert_meeting(tx, cancelled, is_cancelled=True)
    assert closed_on(database, "2026-12-16") == set()
