"""Merging: counts, outcomes, the order of findings, and the stamp."""

import hashlib
import json
from typing import Any

import pytest

from services.validation.engine.domain.evaluation.compiling import (
    applicable_rules,
    fast_check,
    record_rules,
    record_runner,
    submission_rules,
    submission_runner,
)
from services.validation.engine.domain.evaluation.judging import (
    BATCH,
    check_records,
    judge,
    judge_records,
    outcomes_by_record,
)
from services.validation.engine.domain.evaluation.merging import ENGINE, judgement_key, merge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT
from services.validation.engine.domain.findings import Judgement, canonical, fingerprint
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from shared.reference import codelists_hash
from tests.validation.conftest import judgement_on, submission_of
from tests.validation.minimal_ruleset import ruleset, written

EARLY = {"ref": "A", "start": "2026-03-01", "end": "2026-02-01"}
SOUND = {"ref": "B", "start": "2026-03-01", "end": "2026-04-01"}
STARTED = {"ref": "C", "start": "2026-03-01"}

FEW_PARTS = {"for_each": "parts", "field": "share", "message": "{item.share}", "assert": "item.share > 5"}
TOGETHER = {
    "level": "submission",
    "for_each": "records",
    "field": "ref",
    "message": "{item.ref} comes {times(records, 'ref', item.ref)} times.",
    "expected": "Once.",
    "assert": "times(records, 'ref', item.ref) == 1",
}


def judged(*records: Any, rules: Ruleset | None = None, **snapshot: Any) -> Judgement:
    return judgement_on(submission_of(*records), ruleset=rules or ruleset(written()), **snapshot)


def places(judgement: Judgement) -> dict[str, list[str]]:
    return {each.rule: [place["pointer"] for place in each.places] for each in judgement.findings}


def count(**counts: int) -> dict[str, int]:
    return {"blocker": 0, "error": 0, "warning": 0, "info": 0, **counts}


@pytest.mark.parametrize(
    ("severity", "outcome"),
    [("blocker", "returned"), ("error", "returned"), ("warning", "accepted"), ("info", "accepted")],
)
def test_a_finding_returns_the_submission_if_its_severity_does(severity: str, outcome: str) -> None:
    judgement = judged(EARLY, EARLY, SOUND, rules=ruleset(written(severity=severity)))
    assert judgement.outcome == outcome
    assert judgement.counts == count(**{severity: 2})
    assert judgement.records == 3


def test_outcomes_are_counted_by_rule_and_over_all() -> None:
    judgement = judged(
        EARLY, SOUND, STARTED, rules=ruleset(written(), written(id="TST-02", when="title == 'A'"))
    )
    nothing = {"missing": 0, "condition": 0, "broken": 0, "nothing": 0}
    assert judgement.rules["TST-01"] == {
        "passed": 1,
        "failed": 1,
        "skipped": {**nothing, "missing": 1},
        "errored": 0,
    }
    assert judgement.rules["TST-02"] == {
        "passed": 0,
        "failed": 0,
        "skipped": {**nothing, "condition": 3},
        "errored": 0,
    }
    shape = {"passed": 3, "failed": 0, "skipped": nothing, "errored": 0}
    assert [judgement.rules[each] for each in STRUCTURAL_RULES] == [*[shape] * 6, {**shape, "passed": 0}]
    assert judgement.outcomes == {"passed": 19, "failed": 1, "skipped": 4, "errored": 0}
    assert list(judgement.rules) == [*STRUCTURAL_RULES, "TST-01", "TST-02"]


def test_a_record_with_several_faults_of_one_kind_fails_that_rule_so_often_and_passes_it_no_more() -> None:
    judgement = judged({"ref": "A", "title": 7, "budget": "x", "colour": 1}, SOUND)
    told = {
        each: (judgement.rules[each]["passed"], judgement.rules[each]["failed"]) for each in STRUCTURAL_RULES
    }
    assert told == {
        "STR-01": (2, 0),
        "STR-02": (2, 0),
        "STR-03": (1, 2),
        "STR-04": (2, 0),
        "STR-05": (2, 0),
        "STR-06": (1, 1),
        "STR-07": (0, 0),
    }
    assert judgement.counts == count(error=2, warning=1)


def test_the_shape_comes_first_then_the_rules_in_their_order_then_the_records_in_theirs() -> None:
    rules = ruleset(written(id="TST-02"), written(id="TST-01", **FEW_PARTS), written(id="TST-03", **TOGETHER))
    record = {**EARLY, "parts": [{"share": 1}, {"share": 9}, {"share": 2}]}
    judgement = judged(record, {**record, "ref": "B", "colour": 1}, {**EARLY, "title": 7}, rules=rules)
    assert places(judgement) == {
        "STR-03": ["/records/2/title"],
        "STR-06": ["/records/1/colour"],
        "TST-02": ["/records/0/end", "/records/1/end", "/records/2/end"],
        "TST-01": [
            "/records/0/parts/0/share",
            "/records/0/parts/2/share",
            "/records/1/parts/0/share",
            "/records/1/parts/2/share",
        ],
        "TST-03": ["/records/0/ref", "/records/2/ref"],
    }
    assert list(places(judgement)) == ["STR-03", "STR-06", "TST-02", "TST-01", "TST-03"]


def test_a_finding_tells_all_that_its_rule_says() -> None:
    judgement = judged(EARLY, rules=ruleset(written(reference="IATI 2.03"), version="7"))
    assert [finding.written for finding in judgement.findings] == [
        {
            "rule": "TST-01",
            "version": "7",
            "title": "It ends after it starts",
            "severity": "error",
            "outcome": "failed",
            "why": "How long things take is reported.",
            "reference": "IATI 2.03",
            "count": 1,
            "places": [
                {
                    "ref": "A",
                    "pointer": "/records/0/end",
                    "value": "2026-02-01",
                    "fingerprint": fingerprint("2026-02-01", None),
                    "message": "The end, 2026-02-01, lies before the start.",
                    "expected": "An end on or after 2026-03-01.",
                    "texts": {"expected": [0, 0], "message": [1, 1]},
                }
            ],
            "left_out": 0,
            "texts": {
                "templates": [
                    {"template": "An end on or after {start}."},
                    {"template": "The end, {end}, lies before the start."},
                ],
                "values": [{"start": "2026-03-01"}, {"end": "2026-02-01"}],
            },
        }
    ]


def test_a_finding_about_the_shape_tells_which_engine_found_it() -> None:
    [finding] = judged(7).findings
    structural = STRUCTURAL_RULES["STR-01"]
    written = finding.written
    texts = written.pop("texts")
    assert [each["template"] for each in texts["templates"]] == [
        "A record: its fields and values in braces.",
        "A record is expected here, but the value is {value}.",
    ]
    [place] = written["places"]
    assert place.pop("texts") == {"expected": [0, 0], "message": [1, 1]}
    assert written == {
        "rule": "STR-01",
        "version": ENGINE,
        "title": structural.title,
        "severity": "blocker",
        "outcome": "failed",
        "why": structural.why,
        "reference": "",
        "count": 1,
        "places": [
            {
                "ref": None,
                "pointer": "/records/0",
                "value": 7,
                "fingerprint": fingerprint(7),
                "message": "A record is expected here, but the value is 7.",
                "expected": "A record: its fields and values in braces.",
            }
        ],
        "left_out": 0,
    }


BREAKS = {
    "assert": "title < 3 and budget > 0",
    "missing": "given",
    "field": "title",
    "message": "M.",
    "expected": "E.",
}


def test_a_rule_that_breaks_is_a_finding_with_the_first_cause() -> None:
    records = ({"ref": "A", "title": "x"}, {"ref": "B", "title": "y", "colour": 1}, {"ref": "C"})
    judgement = judged(*records, rules=ruleset(written(**BREAKS, when="ref != 'D'", severity="warning")))
    [_, errored] = judgement.findings
    assert (errored.outcome, errored.count, errored.severity) == ("errored", 3, "warning")
    assert errored.cause == "TypeError: '<' not supported between instances of 'str' and 'int'"
    assert [place["pointer"] for place in errored.places] == [f"/records/{at}/title" for at in range(3)]
    assert all("the rule itself is faulty" in place["message"] for place in errored.places)
    assert judgement.rules["TST-01"]["errored"] == judgement.outcomes["errored"] == 3
    assert judgement.outcome == "accepted"


def test_a_fault_of_a_record_that_can_be_named_bears_its_name() -> None:
    judgement = judged({"ref": "A", "title": 7}, {"title": 7})
    assert [place["ref"] for place in judgement.findings[-1].places] == ["A", None]


def test_what_fails_is_told_before_what_broke_and_has_no_cause() -> None:
    divided = ruleset(
        written(**{"assert": "1 / budget > 1", "field": "budget", "message": "M.", "expected": "E."})
    )
    judgement = judged({"ref": "A", "budget": 0}, {"ref": "B", "budget": 5}, rules=divided)
    assert [(each.outcome, each.cause) for each in judgement.findings] == [
        ("failed", None),
        ("errored", "ZeroDivisionError: division by zero"),
    ]
    assert judgement.counts == count(error=2)


def test_a_rule_that_needs_what_is_broken_is_skipped_and_others_are_judged() -> None:
    rules = ruleset(
        written(),
        written(id="TST-02", field="title", message="M.", **{"assert": "title == 'B'"}),
        written(id="TST-03", **FEW_PARTS),
    )
    judgement = judged({**EARLY, "end": "never", "title": "A", "parts": []}, rules=rules)
    assert judgement.rules["TST-01"]["skipped"]["broken"] == 1
    assert judgement.rules["TST-03"]["skipped"]["nothing"] == 1
    assert places(judgement) == {"STR-03": ["/records/0/end"], "TST-02": ["/records/0/title"]}


def test_an_empty_list_is_nothing_to_judge_in_a_sound_record_too() -> None:
    judgement = judged(
        {"ref": "A"},
        {"ref": "B", "parts": [{"share": 9}, {"code": "a"}]},
        rules=ruleset(written(**FEW_PARTS)),
    )
    assert judgement.rules["TST-01"] == {
        "passed": 1,
        "failed": 0,
        "skipped": {"missing": 1, "condition": 0, "broken": 0, "nothing": 1},
        "errored": 0,
    }


def test_a_rule_over_all_records_sees_those_with_a_fault_too() -> None:
    judgement = judged(
        {"ref": "A", "title": 7}, {"ref": "A"}, {"title": "nameless"}, rules=ruleset(written(**TOGETHER))
    )
    assert places(judgement)["TST-01"] == ["/records/0/ref", "/records/1/ref"]
    assert judgement.findings[-1].places[0]["message"] == "A comes 2 times."
    assert judgement.rules["TST-01"]["skipped"]["missing"] == 1


def test_a_rule_over_all_records_may_read_a_field_of_their_blocks() -> None:
    in_tirana = {**TOGETHER, "message": "M.", "assert": "item.place.town == 'Tirana' or item.ref == 'D'"}
    rows = [
        {"ref": at, "place": {"town": town}}
        for at, town in (("A", "Tirana"), ("B", "Durrës"), ("D", "Vlorë"))
    ]
    judgement = judged(*rows, {"ref": "C"}, rules=ruleset(written(**in_tirana)))
    assert places(judgement) == {"TST-01": ["/records/1/ref"]}
    assert judgement.rules["TST-01"]["skipped"]["missing"] == 1


def test_of_no_records_a_rule_over_all_of_them_has_nothing_to_judge() -> None:
    once = written(
        id="TST-02",
        level="submission",
        field="",
        message="M.",
        expected="E.",
        **{"assert": "count(records) > 0"},
    )
    judgement = judged(rules=ruleset(written(**TOGETHER), once))
    assert judgement.rules["TST-01"]["skipped"]["nothing"] == 1
    assert places(judgement) == {"TST-02": ["/records"]}


GONE = {
    "level": "history",
    "for_each": "former",
    "field": "",
    "message": "{item.title} is gone.",
    "expected": "E.",
    "assert": "times(records, 'ref', item.ref) > 0",
}


def test_the_needs_of_the_period_before_are_compared_with_all_records_and_are_part_of_the_snapshot() -> None:
    former = [{"ref": "A", "title": "Old"}, {"ref": "F", "title": "Lost"}]
    rules = ruleset(written(**GONE))
    judgement = judged({"ref": "A"}, rules=rules, former=former)
    [place] = judgement.findings[0].places
    assert (place["ref"], place["pointer"], place["message"]) == ("F", "/records", "Lost is gone.")
    assert judged({"ref": "A"}, rules=rules).rules["TST-01"]["skipped"]["nothing"] == 1
    assert judgement.stamp["snapshot"] == Snapshot(former=former).hash
    assert judged({"ref": "A"}, rules=rules).stamp["snapshot"] == Snapshot().hash


def test_the_stamp_tells_under_what_was_judged() -> None:
    rules = ruleset(written())
    before = {"A": {"title": "Old"}}
    assert judged(SOUND, rules=rules, previous=before).stamp == {
        "ruleset": {"name": "WBCTi", "version": "1", "hash": rules.stamp.hash},
        "codelists": codelists_hash(),
        "engine": "5",
        "snapshot": Snapshot(previous=before).hash,
    }


def test_the_name_of_a_judgement_is_made_of_all_that_it_depends_on() -> None:
    rules, submission = ruleset(written()), submission_of().submission
    stamp = judged().stamp
    made = canonical(("b", submission.facts, {**stamp, "snapshot": "s"}))
    assert judgement_key(rules, submission, body="b", snapshot="s") == hashlib.sha256(made).hexdigest()


def test_the_report_is_the_judgement_as_json() -> None:
    judgement = judged(EARLY)
    report = json.loads(judgement.report())
    assert set(report) == {
        *("outcome", "records", "stamp", "counts", "outcomes", "rules", "findings"),
        *("faulty", "faulty_places", "whole", "reading"),
    }
    assert (report["outcome"], report["records"], report["stamp"]) == ("returned", 1, judgement.stamp)


# partial results


def test_parts_begin_where_the_last_one_ended() -> None:
    rules, submission = ruleset(written(), written(id="TST-02", **TOGETHER)), submission_of().submission
    records = [EARLY, SOUND, {"ref": "D", "title": 7}, EARLY]
    parts = []
    for first in (0, 2):
        checked = check_records(rules, submission, records[first : first + 2], first=first)
        assert checked.first == first
        parts.append(judge_records(rules, checked, Snapshot()))
    assert [part.records for part in parts] == [2, 2]
    assert parts[1].columns == {"ref": ["D", "A"]}
    judgement = merge(rules, submission, parts)
    assert places(judgement) == {
        "STR-03": ["/records/2/title"],
        "TST-01": ["/records/0/end", "/records/3/end"],
        "TST-02": ["/records/0/ref", "/records/3/ref"],
    }
    assert judgement.report() == judged(*records, rules=rules).report()


def test_what_the_caller_looks_up_is_asked_once_for_each_batch() -> None:
    asked = []

    def look_up(lookups: Any) -> Snapshot:
        asked.append(lookups.refs)
        return Snapshot(previous={lookups.refs[0]: {"title": "Old"}})

    rules = ruleset(written())
    rows = ({**EARLY, "ref": f"R-{at}"} for at in range(BATCH + 1))
    judgement = judge(rules, submission_of().submission, rows, look_up)
    assert [len(each) for each in asked] == [BATCH, 1]
    assert (judgement.records, judgement.counts["error"], len(judgement.findings[0].places)) == (
        BATCH + 1,
        BATCH + 1,
        100,
    )
    both = {ref: {"title": "Old"} for ref in ("R-0", f"R-{BATCH}")}
    assert judgement.stamp["snapshot"] == Snapshot(previous=both).hash


def test_a_record_of_a_later_batch_is_told_by_its_number_in_the_submission() -> None:
    rows = [*({**SOUND, "ref": f"R-{at}"} for at in range(BATCH)), EARLY, {"ref": "D", "title": 7}]
    assert places(judged(*rows)) == {
        "STR-03": [f"/records/{BATCH + 1}/title"],
        "TST-01": [f"/records/{BATCH}/end"],
    }


def test_places_for_which_an_earlier_part_left_no_room_are_counted_but_not_described() -> None:
    rules, submission = ruleset(written()), submission_of().submission
    full = BRIEF_LIMIT.full_findings([{"TST-01": [60, 0]}, {"TST-01": [39, 0], "STR-03": [100, 0]}])
    assert full == {("STR-03", "failed")}
    checked = check_records(rules, submission, [EARLY, EARLY, {"ref": "D", "title": 7}], first=200)
    part = judge_records(rules, checked, Snapshot(), full=full)
    assert [place["pointer"] for place in part.places["TST-01", "failed"]] == [
        "/records/200/end",
        "/records/201/end",
    ]
    assert part.tally("TST-01").failed == 2
    assert not part.places.get(("STR-03", "failed"))
    assert part.counts == {"TST-01": [2, 0], "STR-03": [1, 0]}


def test_checked_records_tell_which_are_faulty_and_what_the_rules_see_of_them() -> None:
    checked = check_records(
        ruleset(written()),
        submission_of().submission,
        [EARLY, {"ref": "D", "title": 7}, 7, {"ref": "E", "title": " "}],
        first=5,
    )
    assert checked.records == [EARLY, {"ref": "D"}, {}, {"ref": "E"}]
    assert {at: sound.broken for at, sound in checked.faulty.items()} == {
        6: {"title"},
        7: set(check_fields()),
    }
    assert [at for at, _ in checked.valid] == [5, 8]
    assert checked.lookups.refs == ("A", "D", "E")
    sound = check_records(ruleset(written()), submission_of().submission, [EARLY, SOUND])
    assert list(sound.valid) == [(0, EARLY), (1, SOUND)]


def check_fields() -> list[str]:
    return list(ruleset(written()).shapes.kinds["need"])


def test_the_facts_of_a_submission_are_all_that_rules_know_of_it() -> None:
    submission = submission_of(tlp="TLP:RED", partner=None).submission
    assert submission.facts == {
        "pillar": "WBCTi",
        "kind": "need",
        "period": "2025-2026",
        "tlp": "TLP:RED",
        "reporter": "AL-WBCTi",
        "partner": None,
        "received_on": "2026-11-23",
    }
    assert submission_of(origins=Origins("S", [5], {})).submission.facts.keys() == submission.facts.keys()


def test_places_of_a_file_have_their_cells_those_of_the_shape_too() -> None:
    origins = Origins("Needs", rows=[5, 6, 7], columns={"ref": 1, "end": 2, "title": 3})
    submitted = submission_of(EARLY, {"ref": "A", "title": 7}, SOUND, origins=origins)
    judgement = judgement_on(submitted, ruleset=ruleset(written(), written(id="TST-02", **TOGETHER)))
    cells = {
        each.rule: [(place["sheet"], place["row"], place["cell"]) for place in each.places]
        for each in judgement.findings
    }
    assert cells == {
        "STR-03": [("Needs", 6, "C6")],
        "TST-01": [("Needs", 5, "B5")],
        "TST-02": [("Needs", 5, "A5"), ("Needs", 6, "A6")],
    }


def test_each_outcome_at_each_record_can_be_told() -> None:
    rules = ruleset(written(), written(id="TST-02", **FEW_PARTS), written(id="TST-03", **TOGETHER))
    records = [
        {**EARLY, "parts": [{"share": 1}, {"share": 9}]},
        {**SOUND, "title": 7},
        {"ref": "C", "end": "never"},
    ]
    checked = check_records(rules, submission_of().submission, records, first=10)
    told = list(outcomes_by_record(rules, checked, Snapshot()))
    assert [each for each in told if not each[0].startswith("STR")] == [
        ("TST-01", 10, "failed", None),
        ("TST-02", 10, "failed", None),
        ("TST-02", 10, "passed", None),
        ("TST-01", 11, "passed", None),
        ("TST-02", 11, "skipped", "nothing"),
        ("TST-01", 12, "skipped", "broken"),
        ("TST-02", 12, "skipped", "nothing"),
    ]
    shape = [each for each in told if each[0].startswith("STR")]
    assert len(shape) == 18
    assert [each for each in shape if each[2] != "passed"] == [
        ("STR-03", 11, "failed", None),
        ("STR-03", 12, "failed", None),
    ]
    assert {each[3] for each in shape} == {None}


# compiled rulesets


def test_what_is_made_of_a_ruleset_is_made_once_for_each_mapping_and_period() -> None:
    rules = ruleset(
        written(kinds=["need", "response"], periods={"from": 2025}), written(id="TST-02", **TOGETHER)
    )
    needs = submission_of().submission
    earlier = submission_of(period="2023-2024").submission
    responses = submission_of(kind="response").submission
    assert [each.id for each in applicable_rules(rules, needs)] == ["TST-01", "TST-02"]
    assert [each.id for each in applicable_rules(rules, earlier)] == ["TST-02"]
    assert [each.id for each in applicable_rules(rules, responses)] == ["TST-01"]
    assert [each.id for each in record_rules(rules, needs)] == ["TST-01"]
    assert [each.id for each in submission_rules(rules, needs)] == ["TST-02"]
    for made in (applicable_rules, record_runner, submission_runner):
        assert made(rules, needs) is made(rules, needs)
        assert len({id(made(rules, each)) for each in (needs, earlier, responses)}) == 3
    assert fast_check(rules, "need") is fast_check(rules, "need")
    assert fast_check(rules, "need") is not fast_check(rules, "response")
    assert record_runner(rules, needs) is not submission_runner(rules, needs)
