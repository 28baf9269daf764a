"""The report states for every record whether a place in it returns the submission, listed or not."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validation.engine.domain.evaluation.judging import (
    check_records,
    judge_records,
    outcomes_by_record,
)
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.evaluation.place_limits import PlaceLimit
from services.validation.engine.domain.findings import Judgement
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from services.validation.findings.domain.finding_lifecycle import apply_exemptions, finding_name
from tests.validation.conftest import Submitted, judgement_on, submission_of
from tests.validation.findings.reports import finding
from tests.validation.minimal_ruleset import ruleset, written

ONCE = {
    "id": "TST-09",
    "level": "submission",
    "for_each": "records",
    "field": "ref",
    "message": "{item.ref} is there twice.",
    "expected": "Once.",
    "assert": "times(records, 'ref', item.ref) == 1",
}
RULES = ruleset(
    written(),
    written(id="TST-02", severity="warning", field="title", message="M.", **{"assert": "title != 'n/a'"}),
    written(
        id="TST-03", for_each="parts", field="share", message="{item.share}", **{"assert": "item.share > 5"}
    ),
    written(id="TST-04", field="budget", message="M.", expected="E.", **{"assert": "1 / budget > 0"}),
    written(**ONCE),
)
NOT_CARRIED = {
    "id": "TST-08",
    "level": "history",
    "for_each": "former",
    "field": "",
    "message": "{item.ref} is gone.",
    "expected": "It.",
    "assert": "times(records, 'ref', item.ref) >= 1",
}

records = st.lists(
    st.fixed_dictionaries(
        {"ref": st.sampled_from(["A", "B", "C", "D", "E"])},
        optional={
            "title": st.sampled_from(["n/a", "Sound", 7]),
            "start": st.just("2026-03-01"),
            "end": st.sampled_from(["2026-02-01", "2026-04-01", "never"]),
            "budget": st.sampled_from([0, 5, "a lot"]),
            "parts": st.lists(st.fixed_dictionaries({"share": st.integers(4, 7)}), max_size=3),
            "unknown": st.just(1),
        },
    )
    | st.just(7),
    max_size=12,
)
FEW = PlaceLimit(per_finding=200, in_total=300)
COLUMNS = {"ref": 1, "title": 2, "end": 3, "parts.0.share": 4}


def in_file(rows: list[Any]) -> Submitted:
    origins = Origins("Needs", rows=[at + 5 for at in range(len(rows))], columns=COLUMNS)
    return submission_of(*rows, origins=origins, place_limit=FEW)


def in_parts(submitted: Submitted, sizes: list[int], rules: Ruleset = RULES) -> bytes:
    """Return the report on records judged in parts of these sizes, each in another process; the last has the rest."""
    rest, first, parts = list(submitted.records), 0, []
    for size in [*sizes, len(rest)]:
        checked = check_records(rules, submitted.submission, rest[:size], first=first)
        parts.append(judge_records(rules, checked, Snapshot()).written)
        rest, first = rest[size:], first + size
    read = [PartialResult.read(json.loads(json.dumps(part))) for part in parts]
    return merge(rules, submitted.submission, read).report()


def brute_force(submitted: Submitted) -> set[int]:
    """Return the records with a place that returns the submission, judged one by one."""
    severities = {rule: each.severity for rule, each in STRUCTURAL_RULES.items()}
    severities |= {rule.id: rule.severity for rule in RULES.rules}
    checked = check_records(RULES, submitted.submission, submitted.records)
    refs = Counter(record.get("ref") for record in checked.records)
    return {
        index
        for rule, index, outcome, _ in outcomes_by_record(RULES, checked, Snapshot())
        if outcome in ("failed", "errored") and severities[rule] in ("blocker", "error")
    } | {
        index
        for index, record in enumerate(checked.records)
        if record.get("ref") is not None and refs[record["ref"]] > 1
    }


@settings(max_examples=150, deadline=None)
@given(records)
def test_every_record_that_returns_the_submission_is_named_and_no_other(rows: list[Any]) -> None:
    submitted = submission_of(*rows)
    judgement = judgement_on(submitted, ruleset=RULES)
    assert judgement.faulty == sorted(brute_force(submitted))
    assert (judgement.outcome == "returned") == bool(judgement.faulty)
    assert sum(judgement.faulty_places) == judgement.counts["blocker"] + judgement.counts["error"]
    assert judgement.whole is False


@settings(max_examples=100, deadline=None)
@given(records, st.lists(st.integers(0, 5), max_size=4))
def test_a_file_in_parts_has_the_report_of_one_piece_with_its_cells(
    rows: list[Any], sizes: list[int]
) -> None:
    submitted = in_file(rows)
    report = in_parts(submitted, sizes)
    assert report == judgement_on(submitted, ruleset=RULES).report()
    told = [place for each in json.loads(report)["findings"] for place in each["places"]]
    assert all(place["sheet"] == "Needs" and place["row"] >= 5 for place in told)


def many(count: int) -> list[dict[str, Any]]:
    """Return records that each fail a rule in two places and another in one; every second fails a third rule."""
    return [
        {
            "ref": f"R-{at}",
            "parts": [{"share": 1}, {"share": 2}],
            "title": "n/a",
            **({"start": "2026-03-01", "end": "2026-02-01"} if at % 2 else {}),
        }
        for at in range(count)
    ]


@pytest.mark.parametrize("sizes", [[], [100], [1, 7, 40, 130], [60] * 5])
def test_the_places_of_a_file_are_shared_alike_however_it_is_cut(sizes: list[int]) -> None:
    submitted = in_file(many(400))
    report = json.loads(in_parts(submitted, sizes))
    places = {each["rule"]: each["places"] for each in report["findings"]}
    assert {rule: len(told) for rule, told in places.items()} == dict.fromkeys(
        ("TST-01", "TST-02", "TST-03"), 100
    )
    assert [each["row"] for each in places["TST-01"]] == [at + 5 for at in range(1, 200, 2)]
    assert [each["left_out"] for each in report["findings"]] == [100, 300, 700]
    assert (len(report["faulty"]), report["faulty_places"][:4]) == (400, [2, 3, 2, 3])


def test_rules_over_all_records_have_their_share_too() -> None:
    submitted = in_file([{**row, "ref": "A"} for row in many(400)])
    submitted = replace(
        submitted,
        submission=replace(submitted.submission, place_limit=PlaceLimit(per_finding=200, in_total=600)),
    )
    report = json.loads(in_parts(submitted, [130]))
    assert {each["rule"]: len(each["places"]) for each in report["findings"]} == dict.fromkeys(
        ("TST-01", "TST-02", "TST-03", "TST-09"), 150
    )
    assert report["faulty_places"][:4] == [3, 4, 3, 4]


def test_of_one_finding_in_a_file_as_many_places_are_told_as_a_finding_may_have() -> None:
    rows = [{"ref": f"R-{at}", "title": "n/a"} for at in range(250)]
    [found] = judgement_on(in_file(rows), ruleset=RULES).findings
    assert (found.count, len(found.places)) == (250, 200)
    without = replace(in_file(rows).submission, place_limit=submission_of().submission.place_limit)
    [found] = judgement_on(Submitted(without, rows), ruleset=RULES).findings
    assert (found.count, len(found.places)) == (250, 100)


def gone(*refs: str, severity: str = "error") -> Judgement:
    """Return a submission of one valid record, whose previous needs are all missing."""
    rules = ruleset(written(), written(**NOT_CARRIED, severity=severity))
    return judgement_on(
        submission_of({"ref": "A"}), ruleset=rules, former=[{"ref": ref, "title": ref} for ref in refs]
    )


def test_what_stands_in_no_record_is_said_of_the_submission_as_such() -> None:
    judgement = gone("OLD", "OLDER")
    assert (judgement.outcome, judgement.faulty, judgement.whole) == ("returned", [], True)
    assert gone("A").whole is False
    warned = gone("OLD", severity="warning")
    assert (warned.outcome, warned.whole) == ("accepted", False)


@settings(max_examples=100, deadline=None)
@given(records, st.data())
def test_a_record_is_faulty_until_all_that_returns_it_may_stand(rows: list[Any], data: st.DataObject) -> None:
    report = json.loads(judgement_on(submission_of(*rows), ruleset=RULES).report())
    names = sorted(
        {finding_name("s", each["rule"], place) for each in report["findings"] for place in each["places"]}
    )
    waived = set(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else set()
    told = apply_exemptions(report, "s", [finding(finding=name, state="waived") for name in waived]) or report
    expected = {
        int(place["pointer"].split("/")[2])
        for each in told["findings"]
        if each["severity"] in ("blocker", "error")
        for place in each["places"]
        if "state" not in place
    }
    assert told["faulty"] == sorted(expected)
    assert (told["outcome"] == "returned") == bool(told["faulty"])
