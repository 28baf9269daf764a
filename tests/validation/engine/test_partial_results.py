"""Partial results: stored, merged, and passed from one process to another."""

import json
from collections import Counter
from typing import Any

import pytest

from services.validation.engine.domain.evaluation.partial_results import (
    PartialResult,
    Rows,
    Tally,
    record_lookups,
)
from services.validation.engine.domain.evaluation.place_limits import PlaceLimit
from services.validation.engine.domain.findings import MAX_PLACES
from services.validation.engine.domain.references.lookups import Snapshot

SKIPPED = {"missing": 1, "condition": 2, "broken": 4, "nothing": 8}


def place(ref: str) -> dict[str, Any]:
    return {"ref": ref}


def places(first: int, count: int) -> list[dict[str, Any]]:
    return [place(f"R-{at}") for at in range(first, first + count)]


def told(part: PartialResult, outcome: str = "failed") -> list[str]:
    return [each["ref"] for each in part.places["GEN-01", outcome]]


def test_a_tally_counts_outcomes_and_why_a_rule_was_skipped() -> None:
    tally = Tally(passed=16, failed=32, errored=64, **SKIPPED)
    assert tally.skipped == 15
    assert tally.written == {"passed": 16, "failed": 32, "skipped": SKIPPED, "errored": 64}
    for outcome in ("passed", "missing", "missing"):
        tally.count(outcome)
    assert (tally.passed, tally.missing, tally.skipped) == (17, 3, 17)


def test_a_tally_is_added_to_another() -> None:
    tally = Tally(passed=1, **SKIPPED)
    tally.add(Tally(passed=10, failed=20, errored=30, **SKIPPED))
    assert tally == Tally(
        passed=11, failed=20, errored=30, **{why: 2 * count for why, count in SKIPPED.items()}
    )


def test_a_tally_that_was_never_counted_says_nothing_happened() -> None:
    assert PartialResult().tally("GEN-01") == Tally()
    part = PartialResult()
    part.tally("GEN-01").count("failed")
    assert part.tally("GEN-01").failed == 1


def test_a_hundred_places_of_a_finding_are_told_and_no_more() -> None:
    part = PartialResult()
    assert part.remaining_places("GEN-01", "failed") == MAX_PLACES == 100
    part.add_places("GEN-01", "failed", *places(0, 99))
    assert part.remaining_places("GEN-01", "failed") == 1
    part.add_places("GEN-01", "failed", *places(99, 3))
    assert part.remaining_places("GEN-01", "failed") == 0
    assert told(part) == [f"R-{at}" for at in range(100)]
    assert part.remaining_places("GEN-01", "errored") == part.remaining_places("GEN-02", "failed") == 100


def test_a_finding_with_enough_places_in_the_records_before_lists_none() -> None:
    after = PartialResult(full=frozenset({("GEN-01", "failed")}))
    assert after.remaining_places("GEN-01", "failed") == 0
    after.add_places("GEN-01", "failed", *places(98, 5))
    assert told(after) == []
    assert after.remaining_places("GEN-01", "errored") == 100


def test_what_is_told_is_settled_by_all_that_is_counted_and_by_what_broke() -> None:
    part = PartialResult(
        tallies={"GEN-01": Tally(failed=500)}, place_limit=PlaceLimit(per_finding=400, in_total=600)
    )
    part.resolve_limit()
    assert part.max_places == 400
    part.tally("GEN-01").errored = 300
    part.resolve_limit()
    assert part.max_places == 300
    part.tally("GEN-02").failed = 300
    part.add_places("GEN-02", "failed", *places(0, 300))
    part.resolve_limit()
    assert (part.max_places, len(part.places["GEN-02", "failed"])) == (200, 200)


def test_parts_are_put_together_in_the_order_of_their_records() -> None:
    whole = PartialResult(
        records=1, columns={"ref": ["A"]}, causes={"GEN-01": "first"}, snapshot={"previous": {"A": 1}}
    )
    whole.faulty.update([0])
    whole.tally("GEN-01").passed = 1
    whole.add_places("GEN-01", "failed", place("A"))
    after = PartialResult(
        records=2,
        columns={"ref": ["B", "C"], "title": ["x", "y"]},
        causes={"GEN-01": "second", "GEN-02": "other"},
        snapshot={"previous": {"B": 2}, "known": {"k": "in_force"}},
    )
    after.faulty.update([2, 2, 1])
    after.tally("GEN-01").passed = 2
    after.tally("GEN-02").errored = 1
    after.add_places("GEN-01", "failed", place("B"))
    after.add_places("GEN-02", "errored", place("C"))
    whole.add(after)
    assert whole == PartialResult(
        records=3,
        tallies={"GEN-01": Tally(passed=3), "GEN-02": Tally(errored=1)},
        places={("GEN-01", "failed"): [place("A"), place("B")], ("GEN-02", "errored"): [place("C")]},
        faulty=Counter({0: 1, 1: 1, 2: 2}),
        causes={"GEN-01": "first", "GEN-02": "other"},
        columns={"ref": ["A", "B", "C"], "title": ["x", "y"]},
        snapshot={"previous": {"A": 1, "B": 2}, "known": {"k": "in_force"}},
    )
    assert after.columns == {"ref": ["B", "C"], "title": ["x", "y"]}


def test_of_all_parts_together_the_first_hundred_places_are_told() -> None:
    whole, after = PartialResult(), PartialResult()
    whole.add_places("GEN-01", "failed", *places(0, 60))
    after.add_places("GEN-01", "failed", *places(60, 60))
    whole.add(after)
    assert told(whole) == [f"R-{at}" for at in range(100)]


def test_another_process_reads_what_one_has_written() -> None:
    part = PartialResult(
        records=3,
        tallies={"GEN-01": Tally(1, 2, 3, 4, 5, 6, 7)},
        faulty=Counter({7: 1, 3: 2}),
        causes={"GEN-01": "KeyError: 'x'"},
        columns={"ref": ["A", None]},
        snapshot={"known": {"need|A|2026|B": "in_force"}},
    )
    part.add_places("GEN-01", "errored", place("A"))
    written = json.loads(json.dumps(part.written))
    assert written == {
        "records": 3,
        "tallies": {"GEN-01": [1, 2, 3, 4, 5, 6, 7]},
        "places": [["GEN-01", "errored", [place("A")]]],
        "faulty": [[7, 3], [1, 2]],
        "causes": {"GEN-01": "KeyError: 'x'"},
        "columns": {"ref": ["A", None]},
        "snapshot": {"known": {"need|A|2026|B": "in_force"}},
        "absent": {},
    }
    assert PartialResult.read(written) == part


def test_a_part_keeps_what_was_looked_up_but_for_what_the_whole_submission_asks() -> None:
    snapshot = Snapshot(
        known={("need", "A", "2026", "B"): "in_force"},
        previous={"A": {"title": "x"}},
        similar={"A": [{"ref": "Q"}]},
        former=[{"ref": "F"}],
    )
    assert record_lookups(snapshot) == {
        "known": {"need|A|2026|B": "in_force"},
        "previous": {"A": {"title": "x"}},
        "similar": {"A": [{"ref": "Q"}]},
        "alike": {},
    }


def test_the_records_of_a_submission_are_made_of_their_columns() -> None:
    rows = Rows({"ref": ["A", "B"], "title": ["x", None]}, 2)
    assert len(rows) == 2
    assert list(rows) == [{"ref": "A", "title": "x"}, {"ref": "B", "title": None}]
    assert rows[1] == {"ref": "B", "title": None}
    assert list(rows.fields(["title", "ref"])) == [(0, ("x", "A")), (1, (None, "B"))]
    assert len(Rows({}, 7)) == 7


def test_columns_of_unequal_length_are_a_mistake_of_ours_and_not_a_shorter_submission() -> None:
    rows = Rows({"ref": ["A", "B"], "title": ["x"]}, 2)
    with pytest.raises(ValueError, match="zip"):
        list(rows)
    with pytest.raises(ValueError, match="zip"):
        list(rows.fields(["ref", "title"]))
