"""Judging in parts, the generated function and the fast check: none of them changes a finding."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validation.engine.domain.evaluation.compiling import fast_check
from services.validation.engine.domain.evaluation.judging import (
    check_records,
    judge_records,
    outcomes_by_record,
)
from services.validation.engine.domain.evaluation.merging import judgement_key, merge
from services.validation.engine.domain.evaluation.origins import Origins, letters
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import MAX_PLACES
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.shapes.checks import check_shape
from tests.bundled_rulesets import ruleset_for
from tests.validation.conftest import (
    NEED,
    RESPONSE,
    SAMPLES,
    SUPPORT,
    Submitted,
    judgement_on,
    list_places,
    submission_of,
)
from tests.validation.engine.test_judging import inner_field, kinds, record_of

SNAPSHOT = Snapshot(
    known={("need", "AL-WBCTi", "2025-2026", "CT-001"): "in_force"},
    previous={
        "CT-001": {"title": "Before", "estimated_cost": 1000, "currency": "EUR"},
        "P-1": {"budget": 10},
    },
    similar={
        "P-1": [
            {"ref": "Q", "reporter": "OSCE", "title": "Alike", "score": 90, "reasons": ["the same title"]}
        ]
    },
)


def in_parts(submitted: Submitted, sizes: list[int], *, through_json: bool = False) -> bytes:
    """Return the report on a submission judged in parts of these sizes; the last part has the remaining records."""
    ruleset, parts, first = ruleset_for(submitted.submission.pillar), [], 0
    for size in [*sizes, len(submitted.records)]:
        records = submitted.records[first : first + size]
        checked = check_records(ruleset, submitted.submission, records, first=first)
        parts.append(judge_records(ruleset, checked, SNAPSHOT))
        first += len(records)
    if through_json:
        parts = [PartialResult.read(json.loads(json.dumps(part.written))) for part in parts]
    return merge(ruleset, submitted.submission, parts).report()


any_rows = kinds.flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(record_of(kind) | inner_field(kind), max_size=7))
)


@settings(max_examples=60, deadline=None)
@given(any_rows, st.lists(st.integers(0, 4), max_size=4))
def test_in_one_piece_or_in_parts_the_report_is_the_same_to_the_byte(rows: Any, sizes: list[int]) -> None:
    kind, records = rows
    submitted = submission_of(*records, kind=kind)
    whole = in_parts(submitted, [])
    assert in_parts(submitted, sizes) == whole
    assert in_parts(submitted, sizes, through_json=True) == whole


@settings(max_examples=200, deadline=None)
@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), record_of(kind) | inner_field(kind))))
def test_what_the_quick_test_lets_pass_has_no_fault_and_is_what_the_rules_see(given_row: Any) -> None:
    kind, row = given_row
    ruleset = ruleset_for("WBCTi")
    if fast_check(ruleset, kind)(row):
        sound = check_shape(row, ruleset.shapes.kinds[kind])
        assert sound.faults == ()
        assert sound.record == without_nothing(row)


def without_nothing(value: Any) -> Any:
    """Return the value without missing fields: rules read fields by name, so None is a missing field."""
    if isinstance(value, dict):
        return {name: without_nothing(each) for name, each in value.items() if each is not None}
    return [without_nothing(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003\u2003", "\u3000", "\u2028", "\x85"])
def test_a_title_of_the_blanks_of_any_script_is_missing_however_sound_the_rest_is(blank: str) -> None:
    judged = judgement_on(submission_of(SUPPORT | {"title": blank}, kind="support"))
    assert ("STR-02", "/records/0/title") in {(told.rule, told.pointer) for told in list_places(judged)}


@pytest.mark.parametrize("kind", SAMPLES)
def test_an_ordinary_record_passes_the_quick_test(kind: str) -> None:
    assert fast_check(ruleset_for("WBCTi"), kind)(SAMPLES[kind])


@settings(max_examples=60, deadline=None)
@given(any_rows)
def test_all_rules_in_one_function_say_what_each_says_alone(rows: Any) -> None:
    kind, records = rows
    submitted, ruleset = submission_of(*records, kind=kind), ruleset_for("WBCTi")
    checked = check_records(ruleset, submitted.submission, submitted.records)
    together = judge_records(ruleset, checked, SNAPSHOT)
    alone: Counter[tuple[str, str]] = Counter()
    for rule, _, outcome, why in outcomes_by_record(ruleset, checked, SNAPSHOT):
        alone[rule, why if outcome == "skipped" and why else outcome] += 1
    for rule, tally in together.tallies.items():
        if rule.startswith("STR-"):
            assert tally.passed == alone[rule, "passed"]
        else:
            assert {name: count for name, count in vars(tally).items() if count} == {
                outcome: count for (of, outcome), count in alone.items() if of == rule
            }


def test_a_record_with_a_broken_field_is_judged_like_its_neighbours_where_it_can_be() -> None:
    rows = [{**NEED, "ref": f"CT-{at}", "title": "n/a"} for at in range(3)]
    rows[1]["target_date"] = "never"
    judgement = judgement_on(submission_of(*rows))
    titles = [place.pointer for place in list_places(judgement) if place.rule == "GEN-02"]
    assert titles == ["/records/0/title", "/records/1/title", "/records/2/title"]
    assert judgement.rules["GEN-20"]["skipped"]["broken"] == 1


def test_a_finding_in_many_places_tells_the_first_hundred_and_counts_the_rest() -> None:
    rows = [{**NEED, "ref": f"CT-{at:03d}", "title": "n/a"} for at in range(250)]
    judgement = judgement_on(submission_of(*rows))
    finding = next(each.written for each in judgement.findings if each.rule == "GEN-02")
    assert (finding["count"], len(finding["places"]), finding["left_out"]) == (250, MAX_PLACES, 150)
    assert [place["ref"] for place in finding["places"]] == [f"CT-{at:03d}" for at in range(100)]
    assert judgement.counts["error"] == 250


def test_twenty_thousand_unknown_fields_are_one_finding() -> None:
    judgement = judgement_on(submission_of({**NEED, **{f"x{at}": at for at in range(20_000)}}))
    finding = next(each.written for each in judgement.findings if each.rule == "STR-06")
    assert (finding["count"], finding["left_out"]) == (20_000, 19_900)
    assert len(judgement.report()) < 200_000


def test_outcomes_add_up_for_every_rule_and_say_why_it_was_skipped() -> None:
    planned = {**RESPONSE, "ref": "R-2", "status": "planned", "end": None}
    judgement = judgement_on(submission_of(RESPONSE, planned, kind="response"))
    assert judgement.rules["GEN-04"] == {
        "passed": 1,
        "failed": 0,
        "skipped": {"missing": 1, "condition": 0, "broken": 0, "nothing": 0},
        "errored": 0,
    }
    for outcome in ("passed", "failed", "errored"):
        assert judgement.outcomes[outcome] == sum(each[outcome] for each in judgement.rules.values())


def test_the_stamp_names_rules_code_lists_engine_and_snapshot() -> None:
    submitted = submission_of(RESPONSE, kind="response")
    known = ("need", "AL-WBCTi", "2025-2026", "CT-001")
    without, with_it = judgement_on(submitted), judgement_on(submitted, {known})
    assert with_it.stamp["snapshot"] == Snapshot(known={known: "in_force"}).hash
    assert without.stamp == {**with_it.stamp, "snapshot": Snapshot().hash}
    assert with_it.stamp["ruleset"] == vars(ruleset_for("WBCTi").stamp)
    assert with_it.stamp["engine"] == "5"
    assert len(with_it.stamp["codelists"]) == 16


def test_equal_judgements_have_equal_keys_and_others_others() -> None:
    submitted, ruleset = submission_of(NEED), ruleset_for("WBCTi")
    key = judgement_key(ruleset, submitted.submission, body="b", snapshot="s")
    assert key == judgement_key(ruleset, submission_of(NEED).submission, body="b", snapshot="s")
    others = [
        judgement_key(ruleset, submitted.submission, body="c", snapshot="s"),
        judgement_key(ruleset, submitted.submission, body="b", snapshot="t"),
        judgement_key(ruleset_for("WBBSi"), submitted.submission, body="b", snapshot="s"),
        judgement_key(ruleset, submission_of(NEED, tlp="TLP:RED").submission, body="b", snapshot="s"),
    ]
    assert len({key, *others}) == 5


# places in a file


def test_a_place_of_a_file_has_its_cell() -> None:
    origins = Origins("Needs", rows=[5, 7], columns={"ref": 1, "title": 2, "training.topic": 28})
    submitted = submission_of(NEED, {**NEED, "ref": "CT-2", "title": "n/a"})
    submission = Submission(**{**vars(submitted.submission), "origins": origins})
    judgement = judgement_on(Submitted(submission, submitted.records))
    assert judgement.findings[0].places[0]["sheet"] == "Needs"
    assert {(place["row"], place["cell"]) for place in judgement.findings[0].places} == {(7, "B7")}


@pytest.mark.parametrize(
    ("pointer", "cell"),
    [
        ("/records/0/title", {"sheet": "S", "row": 5, "cell": "B5"}),
        ("/records/1/training/topic", {"sheet": "S", "row": 7, "cell": "AB7"}),
        ("/records/1/training", {"sheet": "S", "row": 7, "cell": "AB7"}),
        ("/records/0/title/0/x", {"sheet": "S", "row": 5, "cell": "B5"}),
        ("/records/0", {"sheet": "S", "row": 5}),
        ("/records/2/title", None),
        ("/records", None),
    ],
)
def test_a_pointer_leads_to_the_nearest_cell(pointer: str, cell: dict[str, Any] | None) -> None:
    origins = Origins("S", rows=[5, 7], columns={"title": 2, "training.topic": 28})
    assert origins.cell(pointer) == cell


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA")]
)
def test_columns_are_named_as_spreadsheets_name_them(column: int, name: str) -> None:
    assert letters(column) == name


# isolation


def test_a_rule_in_python_has_no_builtins_and_no_module_in_reach() -> None:
    for rule in ruleset_for("WBBSi").rules:
        reach = rule.test.__globals__
        assert reach["__builtins__"] == {}
        assert not [name for name, value in reach.items() if type(value).__name__ == "module"]


def test_a_hundred_megabytes_are_not_made_of_a_small_record() -> None:
    """Constants are small, texts are neither added nor multiplied, and numbers stay numbers."""
    huge = {**SUPPORT, "budget": 10**11, "title": "x" * 2000}
    judgement = judgement_on(submission_of(*[huge] * 3, kind="support"))
    assert len(judgement.report()) < 50_000


def test_a_list_that_changes_anywhere_is_another_value_though_it_is_shown_alike() -> None:
    prints, values = set(), set()
    for code in ("RS", "XK", "UA"):
        shares = [{"code": each, "percentage": 10} for each in ("AL", "BA", "ME", "MK", code)]
        judgement = judgement_on(submission_of({**SUPPORT, "beneficiaries": shares}, kind="support"))
        finding = next(each for each in judgement.findings if each.rule == "GEN-11")
        prints.add(finding.places[0]["fingerprint"])
        values.add(finding.places[0]["value"])
    (value,) = values
    assert value.startswith('[{code: "AL", percentage: 10}, {code: "BA", percentage: 10}, ')
    assert value.endswith("…]")
    assert len(prints) == 3


def test_each_support_that_is_alike_is_a_finding_of_its_own() -> None:
    alike = [
        {"ref": ref, "reporter": "UNODC", "title": "Alike", "score": 90, "reasons": ["the title"]}
        for ref in ("A", "B")
    ]
    judgement = judgement_on(submission_of(SUPPORT, kind="support"), similar={"P-1": alike})
    finding = next(each for each in judgement.findings if each.rule == "GEN-33")
    assert len({place["fingerprint"] for place in finding.places}) == finding.count == 2
