import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validation.engine.domain.findings import RETURNING, Judgement, canonical, fingerprint, shown
from services.validation.engine.domain.reading import ruleset_of
from services.validation.engine.domain.shapes.checks import check_shape
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from services.validation.rulesets.operations.files import shapes
from shared.reference import PILLARS
from tests.bundled_rulesets import ruleset_for
from tests.validation.conftest import (
    NEED,
    RESPONSE,
    SAMPLES,
    SUPPORT,
    ListedPlace,
    judgement_on,
    list_places,
    rules_of,
    submission_of,
)

NEEDED = frozenset({("need", "AL-WBCTi", "2025-2026", "CT-001")})


def report(judgement: Judgement) -> dict[str, Any]:
    return json.loads(judgement.report())


# the judgement


@pytest.mark.parametrize("kind", SAMPLES)
def test_sound_records_are_accepted_without_a_finding(kind: str) -> None:
    judgement = judgement_on(submission_of(SAMPLES[kind], kind=kind), NEEDED)
    assert rules_of(judgement) == []
    assert judgement.outcome == "accepted"
    assert judgement.outcomes["passed"] >= 10
    assert judgement.outcomes["failed"] == judgement.outcomes["errored"] == 0


def test_an_error_returns_the_submission_and_says_where_and_what_would_pass() -> None:
    wrong = {**RESPONSE, "ref": "R-2", "start": "2026-03-01", "end": "2026-02-01"}
    judgement = judgement_on(submission_of(RESPONSE, wrong, kind="response"), NEEDED)
    assert judgement.outcome == "returned"
    assert judgement.counts == {"blocker": 0, "error": 1, "warning": 0, "info": 0}
    findings = report(judgement)["findings"]
    texts = findings[0].pop("texts")
    assert texts["values"] == [{"start": "2026-03-01"}, {"end": "2026-02-01", "start": "2026-03-01"}]
    findings[0]["places"][0].pop("texts")
    assert set(findings[0].pop("translations")) == {"sq", "bs", "hr", "sr-Cyrl", "cnr", "mk"}
    assert findings == [
        {
            "rule": "GEN-04",
            "version": ruleset_for("WBCTi").rules[0].version,
            "title": "A response ends after it starts",
            "severity": "error",
            "outcome": "failed",
            "why": "The duration of measures is reported from these two dates.",
            "reference": "",
            "count": 1,
            "places": [
                {
                    "ref": "R-2",
                    "pointer": "/records/1/end",
                    "value": "2026-02-01",
                    "fingerprint": fingerprint("2026-02-01", None),
                    "message": "The end, 2026-02-01, is before the start, 2026-03-01.",
                    "expected": "An end on or after 2026-03-01; or no end while it is unknown.",
                }
            ],
            "left_out": 0,
        }
    ]


def test_a_warning_alone_does_not_return_a_submission() -> None:
    judgement = judgement_on(submission_of({**NEED, "tlp": "TLP:CLEAR"}))
    assert judgement.outcome == "accepted"
    assert rules_of(judgement) == ["GEN-30"]
    assert judgement.counts["warning"] == 1


@pytest.mark.parametrize("kind", ["response", "support"])
def test_a_link_to_a_need_that_is_not_known_yet_is_a_warning(kind: str) -> None:
    judgement = judgement_on(submission_of(SAMPLES[kind], kind=kind))
    assert judgement.outcome == "accepted"
    assert [(each.rule, each.severity, each.pointer) for each in list_places(judgement)] == [
        ("GEN-28", "warning", "/records/0/needs/0/ref")
    ]


def test_a_rule_over_a_list_points_at_each_entry_that_fails() -> None:
    transactions = [
        {"type": "3", "date": day, "amount": 1} for day in ("2026-01-01", "2062-01-01", "2063-01-01")
    ]
    judgement = judgement_on(submission_of({**SUPPORT, "transactions": transactions}, kind="support"), NEEDED)
    assert [each.pointer for each in list_places(judgement) if each.rule == "GEN-10"] == [
        "/records/0/transactions/1/date",
        "/records/0/transactions/2/date",
    ]


def test_a_rule_over_all_records_points_at_each_record_it_is_about() -> None:
    judgement = judgement_on(submission_of(NEED, {**NEED, "ref": "CT-002"}, NEED))
    assert [(each.rule, each.ref, each.pointer) for each in list_places(judgement)] == [
        ("GEN-01", "CT-001", "/records/0/ref"),
        ("GEN-01", "CT-001", "/records/2/ref"),
    ]


def test_negative_amounts_are_legitimate() -> None:
    transactions = [{"type": "2", "date": "2026-01-01", "amount": -25000.75}]
    judgement = judgement_on(
        submission_of({**SUPPORT, "budget": -1, "transactions": transactions}, kind="support"), NEEDED
    )
    assert judgement.outcome == "accepted"


def test_no_records_at_all_are_accepted() -> None:
    assert judgement_on(submission_of()).outcome == "accepted"


def test_a_rule_that_breaks_is_a_finding_that_says_it_is_our_fault() -> None:
    general = ruleset_for("WBCTi")
    broken = ruleset_of(
        {
            "name": "broken",
            "version": "1",
            "title": "Broken",
            "rules": [
                {
                    **general.rules[1].written,
                    "assert": "title < 3",
                    "message": "Too low: {title}",
                }
            ],
        },
        shapes(),
    )
    judgement = judgement_on(submission_of(NEED), ruleset=broken)
    assert judgement.outcome == "returned"
    assert judgement.outcomes["errored"] == 1
    assert judgement.findings[0].outcome == "errored"
    assert "the rule itself is faulty" in list_places(judgement)[0].message


def test_a_message_whose_value_cannot_be_had_is_still_a_finding() -> None:
    ruleset = ruleset_of(
        {
            "name": "x",
            "version": "1",
            "title": "X",
            "rules": [
                {
                    **ruleset_for("WBCTi").rules[1].written,
                    "assert": "title == 'x'",
                    "message": "Of {length(description)} characters, {description}, {title}.",
                    "translations": {},
                }
            ],
        },
        shapes(),
    )
    judgement = judgement_on(submission_of(NEED), ruleset=ruleset)
    assert list_places(judgement)[0].message == f"Of (unknown) characters, nothing, {NEED['title']}."


def test_a_rule_of_certain_periods_is_not_applied_to_others() -> None:
    rule = ruleset_for("WBCTi").rules[1]
    limited = ruleset_of(
        {
            "name": "x",
            "version": "1",
            "title": "X",
            "rules": [{**rule.written, "periods": {"from": 2023, "to": 2025}}],
        },
        shapes(),
    )
    assert [
        bool(limited.rules_for(kind="need", period=each)) for each in ("2021-2022", "2023-2024", "2027-2028")
    ] == [
        False,
        True,
        False,
    ]
    assert limited.rules_for(kind="need", period="2025-2026")
    assert not limited.rules_for(kind="response", period="2022")


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_same_input_gives_the_same_bytes(kind: str) -> None:
    once, again = (judgement_on(submission_of(SAMPLES[kind], {}, kind=kind)).report() for _ in range(2))
    assert once == again
    assert once == canonical(json.loads(once))


# the shape


@pytest.mark.parametrize(
    ("change", "rule", "pointer", "words"),
    [
        ({"title": None}, "STR-02", "/title", "required"),
        ({"title": "  "}, "STR-02", "/title", "required"),
        ({"ref": 7}, "STR-03", "/ref", "identifier"),
        ({"ref": " A"}, "STR-03", "/ref", "identifier"),
        ({"ref": "A\nB"}, "STR-03", "/ref", "identifier"),
        ({"ref": "A" * 121}, "STR-03", "/ref", "identifier"),
        ({"title": ["A"]}, "STR-03", "/title", "text"),
        ({"title": "A\x00B"}, "STR-03", "/title", "characters"),
        ({"title": "A\ud800B"}, "STR-03", "/title", "characters"),
        ({"title": "A" * 2001}, "STR-05", "/title", "2001"),
        ({"target_date": "31/12/2026"}, "STR-03", "/target_date", "2026-05-31"),
        ({"target_date": "2026-02-30"}, "STR-03", "/target_date", "does not exist"),
        ({"target_date": "0000-01-01"}, "STR-03", "/target_date", "does not exist"),
        ({"target_date": 20261231}, "STR-03", "/target_date", "date"),
        ({"estimated_cost": "90000"}, "STR-03", "/estimated_cost", "number"),
        ({"estimated_cost": True}, "STR-03", "/estimated_cost", "number"),
        ({"estimated_cost": -1}, "STR-05", "/estimated_cost", "range"),
        ({"estimated_cost": math.nan}, "STR-05", "/estimated_cost", "range"),
        ({"estimated_cost": math.inf}, "STR-05", "/estimated_cost", "range"),
        ({"estimated_cost": 10**400}, "STR-05", "/estimated_cost", "digits"),
        ({"price_year": 2026.5}, "STR-03", "/price_year", "whole"),
        ({"category": "Operational"}, "STR-04", "/category", "Did you mean 'operational'"),
        ({"category": 3}, "STR-04", "/category", "code"),
        ({"cross_border_with": ["XK", "HR"]}, "STR-04", "/cross_border_with/1", "HR"),
        ({"cross_border_with": "XK"}, "STR-03", "/cross_border_with", "list"),
        ({"capabilities": [None]}, "STR-04", "/capabilities/0", "nothing"),
        ({"capabilities": ["training"] * 1001}, "STR-05", "/capabilities", "1001"),
        ({"training": "yes"}, "STR-03", "/training", "group"),
        ({"training": {"urgency": 9}}, "STR-05", "/training/urgency", "9"),
    ],
)
def test_a_broken_field_is_found_once_and_returned_by_name(
    change: dict[str, Any], rule: str, pointer: str, words: str
) -> None:
    judgement = judgement_on(submission_of({**NEED, **change}))
    assert [(each.rule, each.pointer) for each in list_places(judgement)] == [(rule, f"/records/0{pointer}")]
    assert words in list_places(judgement)[0].message + list_places(judgement)[0].expected
    assert judgement.outcome == "returned"
    assert report(judgement)["counts"]["error"] == 1


def test_an_unknown_field_is_a_warning_that_guesses_what_was_meant() -> None:
    judgement = judgement_on(submission_of({**NEED, "targetdate": "2026-01-01", "a/b~c": 1}))
    assert judgement.outcome == "accepted"
    assert [each.pointer for each in list_places(judgement)] == [
        "/records/0/targetdate",
        "/records/0/a~1b~0c",
    ]
    assert "Did you mean 'target_date'?" in list_places(judgement)[0].message


def test_an_unknown_field_in_a_list_leaves_the_list_to_be_judged() -> None:
    beneficiaries = [{"code": "AL", "percentage": 60, "colour": "blue"}]
    judgement = judgement_on(
        submission_of({**SUPPORT, "beneficiaries": beneficiaries}, kind="support"), NEEDED
    )
    assert rules_of(judgement) == ["STR-06", "GEN-11"]


def test_what_is_no_record_is_a_blocker_and_its_neighbours_are_judged() -> None:
    judgement = judgement_on(submission_of("CT-001", None, {**NEED, "title": "n/a"}))
    assert [(each.rule, each.pointer) for each in list_places(judgement)] == [
        ("STR-01", "/records/0"),
        ("STR-01", "/records/1"),
        ("GEN-02", "/records/2/title"),
        ("GEN-03", "/records/2/title"),
    ]
    assert judgement.counts["blocker"] == 2


@pytest.mark.parametrize("empty", [None, "", " \t", [], {}])
def test_every_way_to_say_nothing_means_the_same(empty: Any) -> None:
    assert check_shape({**NEED, "currency": empty}, shapes().kinds["need"]).record == {
        name: value for name, value in NEED.items() if name != "currency"
    }


def test_values_in_findings_are_bounded_whatever_they_are() -> None:
    deep: Any = "x"
    for _ in range(10_000):
        deep = [deep]
    huge = {"k" * 100_000: "v" * 1_000_000, "deep": deep}
    judgement = judgement_on(
        submission_of({**NEED, "title": deep, "priority": huge, "category": "x" * 1_000_000})
    )
    assert [(each.rule, each.count) for each in judgement.findings] == [("STR-03", 2), ("STR-04", 1)]
    assert len(canonical([finding.written for finding in judgement.findings])) < 6_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (3.0, "3"),
        (0.5, "0.5"),
        (True, "true"),
        ("a", '"a"'),
        ([1, [2], {}], "[1, […], {}]"),
    ],
)
def test_values_are_shown_as_people_write_them(value: Any, text: str) -> None:
    assert shown(value) == text


# any JSON value

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["AL", "EUR", "2026-01-01", "9999-12-31", "0001-01-01", "2026", "training", "1", "jap25_europol"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def record_of(kind: str) -> st.SearchStrategy[Any]:
    names = list(shapes().kinds[kind])
    changes = st.dictionaries(st.sampled_from(names) | st.text(max_size=5), anything, max_size=6)
    return changes.map(lambda change: {**SAMPLES[kind], **change}) | anything


kinds = st.sampled_from(sorted(SAMPLES))


@settings(max_examples=300, deadline=None)
@given(
    kinds.flatmap(lambda kind: st.tuples(st.just(kind), st.lists(record_of(kind), max_size=4))),
    st.sampled_from(sorted(PILLARS)),
)
def test_no_json_value_in_any_field_raises_or_makes_a_rule_err(records: Any, pillar: str) -> None:
    kind, rows = records
    judgement = judgement_on(submission_of(*rows, kind=kind, pillar=pillar))
    assert judgement.outcomes["errored"] == 0
    told = report(judgement)
    assert told["outcome"] == ("returned" if any(told["counts"][each] for each in RETURNING) else "accepted")
    assert sum(each["count"] for each in told["findings"]) == sum(told["counts"].values())
    assert sum(told["counts"].values()) == told["outcomes"]["failed"]


def inner_field(kind: str) -> st.SearchStrategy[Any]:
    """Return a valid record with any value in one entry of one list, or in one field of a block."""
    sample = SAMPLES[kind]
    nested = [name for name, value in sample.items() if isinstance(value, list | dict)]

    def put(name: str, value: Any, key: str) -> dict[str, Any]:
        old = sample[name]
        if isinstance(old, dict):
            return {**sample, name: {**old, key: value}}
        first = {**old[0], key: value} if isinstance(old[0], dict) else value
        return {**sample, name: [first, *old, value]}

    def keys(name: str) -> st.SearchStrategy[str]:
        spec = shapes().kinds[kind][name]
        fields = spec.fields or (spec.items.fields if spec.items else {})
        return st.sampled_from(sorted(fields)) if fields else st.just("-")

    return st.sampled_from(nested).flatmap(lambda name: st.builds(put, st.just(name), anything, keys(name)))


@settings(max_examples=300, deadline=None)
@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), inner_field(kind))))
def test_no_json_value_inside_a_list_or_block_raises(record: Any) -> None:
    kind, row = record
    judgement = judgement_on(submission_of(row, kind=kind))
    assert judgement.outcomes["errored"] == 0


def by_ref(judgement: Judgement) -> dict[Any, list[ListedPlace]]:
    found: dict[Any, list[ListedPlace]] = {}
    for place in list_places(judgement):
        inside = "/".join(place.pointer.split("/")[3:])
        found.setdefault(place.ref, []).append(replace(place, pointer=inside))
    return {ref: sorted(each, key=repr) for ref, each in found.items()}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(record_of("support").filter(lambda row: isinstance(row, dict)), min_size=1, max_size=5).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))
    )
)
def test_the_order_of_the_records_changes_no_finding_about_any_of_them(given_rows: Any) -> None:
    rows, order = given_rows
    named = [{**row, "ref": f"P-{at}"} for at, row in enumerate(rows)]
    straight = judgement_on(submission_of(*named, kind="support"))
    mixed = judgement_on(submission_of(*(named[at] for at in order), kind="support"))
    assert by_ref(straight) == by_ref(mixed)
    assert straight.outcomes == mixed.outcomes


@settings(max_examples=60, deadline=None)
@given(st.lists(record_of("need"), max_size=4))
def test_a_further_rule_removes_no_finding(rows: list[Any]) -> None:
    ruleset = ruleset_for("WBCTi")
    fewer = replace(ruleset, rules=ruleset.rules[::2])
    few = [finding.written for finding in judgement_on(submission_of(*rows), ruleset=fewer).findings]
    all_of_them = [canonical(finding.written) for finding in judgement_on(submission_of(*rows)).findings]
    assert all(canonical(each) in all_of_them for each in few)


def test_every_structural_rule_says_why() -> None:
    assert all(rule.why and rule.title for rule in STRUCTURAL_RULES.values())
