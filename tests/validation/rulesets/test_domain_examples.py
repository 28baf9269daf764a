"""Examples of rules: the check of their behaviour, and the cost of a rule measured on them."""

from itertools import count
from typing import Any

import pytest

from services.validation.engine.domain.reading import ruleset_of, shapes_of
from services.validation.rulesets.domain.costs import ROUNDS, TIMES, measure_microseconds
from services.validation.rulesets.domain.examples import (
    check_examples,
    example_places,
    example_records,
    example_submission,
)
from tests.validation.minimal_ruleset import SHAPES, rule, ruleset, written

PASSES = {"record": {"start": "2026-01-01", "end": "2026-01-01"}}
FAILS = {"record": {"start": "2026-01-02", "end": "2026-01-01"}}
SKIPS = {"record": {"start": "2026-01-02"}}


def problems(examples: Any, *, name: str = "WBCTi", **parts: Any) -> list[str]:
    return list(check_examples(ruleset(written(examples=examples, **parts), name=name)))


def problem(behaviour: str, example: Any, **parts: Any) -> str | None:
    """Return the problem of one example among valid ones, or None."""
    told = problems({"passes": [], "fails": [], behaviour: [example]}, **parts)
    lacking = [each for each in told if "has no example" in each]
    found = [each for each in told if each not in lacking]
    assert len(found) <= 1
    return found[0].removeprefix(f"TST-01: example 1 of '{behaviour}' ") if found else None


def test_examples_that_do_what_they_say_are_no_problem() -> None:
    assert problems({"passes": [PASSES], "fails": [FAILS], "skips": [SKIPS]}) == []
    assert problems({"passes": [PASSES], "fails": [FAILS]}) == []


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        (None, ["TST-01: has no example that passes", "TST-01: has no example that fails"]),
        ({"passes": [], "fails": [FAILS]}, ["TST-01: has no example that passes"]),
        ({"passes": [PASSES]}, ["TST-01: has no example that fails"]),
        (
            {"passes": [PASSES], "fails": [FAILS], "maybe": [PASSES]},
            ["TST-01: examples are passes, fails, skips, not 'maybe'"],
        ),
        (
            {"passes": [PASSES, FAILS, SKIPS], "fails": [FAILS, FAILS, PASSES], "skips": [SKIPS, FAILS]},
            [
                "TST-01: example 2 of 'passes' fails",
                "TST-01: example 3 of 'passes' is skipped",
                "TST-01: example 3 of 'fails' passes",
                "TST-01: example 2 of 'skips' fails",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_by_rule_behaviour_and_number(examples: Any, told: list[str]) -> None:
    assert problems(examples) == told


BREAKS = "breaks (ZeroDivisionError: division by zero)"
LONG = {
    "for_each": "parts",
    "field": "share",
    "message": "M.",
    "assert": "item.share / item.share > 0 and item.share > 5",
}


def parts(*shares: Any) -> dict[str, Any]:
    return {"record": {"parts": [{"share": each} if each is not None else {"code": "a"} for each in shares]}}


@pytest.mark.parametrize(
    ("behaviour", "example", "told"),
    [
        ("passes", parts(6), None),
        ("passes", parts(6, None), None),
        ("passes", parts(6, 1), "passes and fails"),
        ("passes", parts(None), "is skipped"),
        ("passes", parts(6, 0), f"passes and {BREAKS}"),
        ("passes", {"record": {"title": "A"}}, "is skipped"),
        ("fails", parts(1), None),
        ("fails", parts(6, 1), None),
        ("fails", parts(1, None), None),
        ("fails", parts(6), "passes"),
        ("fails", parts(0), BREAKS),
        ("fails", parts(1, 0), f"fails and {BREAKS}"),
        ("fails", parts(None), "is skipped"),
        ("skips", parts(None), None),
        ("skips", parts(None, None), None),
        ("skips", {"record": {"title": "A"}}, None),
        ("skips", parts(6, None), "passes and is skipped"),
        ("skips", parts(1), "fails"),
        ("skips", parts(0), BREAKS),
    ],
)
def test_an_example_of_a_list_passes_if_an_entry_does_and_none_fails(
    behaviour: str, example: Any, told: str | None
) -> None:
    assert problem(behaviour, example, **LONG) == told


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"title": 7}, "is not a valid record: The field 'title' must be a text, but it is 7."),
        (
            {"colour": "red"},
            'is not a valid record: The field "colour" is unknown here, so its value is not used.',
        ),
        ("A", 'is not a valid record: A record is expected here, but the value is "A".'),
        ({}, None),
    ],
)
def test_an_example_is_a_sound_record_but_may_leave_out_what_it_does_not_show(
    record: Any, told: str | None
) -> None:
    assert problem("skips", {"record": record}) == told


def test_an_example_does_not_leave_out_what_an_entry_needs() -> None:
    link = {"type": "list", "items": {"type": "block", "fields": {"ref": {"type": "ref", "required": True}}}}
    block = {"type": "block", "fields": {"town": {"type": "text", "required": True}, "zip": {"type": "text"}}}
    shapes = shapes_of(
        {
            "version": "1",
            "kinds": {"need": {"ref": {"type": "ref", "required": True}, "links": link, "place": block}},
        }
    )
    for field, value in (("links", [{"x": 1}]), ("place", {"zip": "1001"})):
        said = written(
            field=field,
            message="M.",
            expected="E.",
            examples={"passes": [{"record": {field: value}}], "fails": [{"record": {}}]},
            missing="fail",
            **{"assert": f"given({field})"},
        )
        told = list(
            check_examples(
                ruleset_of({"name": "WBCTi", "version": "1", "title": "T", "rules": [said]}, shapes)
            )
        )
        assert told[0].startswith("TST-01: example 1 of 'passes' is not a valid record: The field '")


# look-ups of an example

FACTS = {
    "pillar": "WBBSi",
    "kind": "need",
    "period": "2025-2026",
    "tlp": "TLP:AMBER",
    "reporter": "AL-WBBSi",
    "partner": "AL",
    "received_on": "2026-11-02",
}


def test_an_example_is_reported_by_albanias_structure_unless_it_says_otherwise() -> None:
    of_pillar = example_submission(rule(), "WBBSi", PASSES)
    assert of_pillar.facts == FACTS
    general = example_submission(rule(), "general", PASSES)
    assert general.facts == {**FACTS, "pillar": "WBCTi", "reporter": "AL-WBCTi"}
    said = {"kind": "support", "reporter": "CEPOL", "partner": None, "tlp": "TLP:RED"}
    other = example_submission(rule(kinds=["need", "support"]), "WBBSi", {**PASSES, "submission": said})
    assert other.facts == {**FACTS, **said, "period": "2026"}
    assert example_submission(rule(kinds=["response", "need"]), "WBBSi", PASSES).facts == {
        **FACTS,
        "kind": "response",
        "period": "2026",
    }
    assert (
        example_submission(rule(), "WBBSi", {**PASSES, "submission": {"period": "2023-2024"}}).period
        == "2023-2024"
    )


def test_an_example_shows_one_record_or_several() -> None:
    assert list(example_records({"record": {"ref": "A"}})) == [{"ref": "A"}]
    assert list(example_records({"records": [{"ref": "A"}, {"ref": "B"}]})) == [{"ref": "A"}, {"ref": "B"}]


KNOWN = "known('need', submission.reporter, submission.period, ref)"
WITHDRAWN = "withdrawn('need', submission.reporter, submission.period, ref)"
NAMED = ["need", "AL-WBCTi", "2025-2026", "N-1"]


@pytest.mark.parametrize(
    ("expression", "known", "behaviour"),
    [
        (KNOWN, [NAMED], "passes"),
        (KNOWN, [[*NAMED, "in_force"]], "passes"),
        (KNOWN, [[*NAMED, "returned"]], "fails"),
        (KNOWN, [[*NAMED, "withdrawn"]], "fails"),
        (KNOWN, [[*NAMED[:3], "N-2"]], "fails"),
        (KNOWN, [], "fails"),
        (WITHDRAWN, [[*NAMED, "withdrawn"]], "passes"),
        (WITHDRAWN, [NAMED], "fails"),
    ],
)
def test_an_example_says_which_records_of_others_are_known_and_how_they_stand(
    expression: str, known: list[Any], behaviour: str
) -> None:
    example = {"record": {"ref": "N-1"}, "known": known}
    assert (
        problem(
            behaviour,
            example,
            level="reference",
            field="ref",
            message="M.",
            expected="E.",
            **{"assert": expression},
        )
        is None
    )


def test_an_example_says_what_was_accepted_before() -> None:
    said = {
        "level": "history",
        "field": "budget",
        "message": "M.",
        "expected": "E.",
        "assert": "budget < 2 * previous.budget",
    }
    for budget, behaviour in ((1, "passes"), (2, "fails")):
        record = {"ref": "A", "budget": budget}
        assert problem(behaviour, {"record": record, "previous": {"budget": 1}}, **said) is None
        assert problem("skips", {"record": record}, **said) is None


def test_an_example_without_a_ref_may_say_what_was_before_too() -> None:
    said = {
        "level": "history",
        "field": "budget",
        "message": "M.",
        "expected": "E.",
        "assert": "budget == previous.budget",
    }
    assert problem("passes", {"record": {"budget": 1}, "previous": {"budget": 1}}, **said) is None


def test_an_example_says_what_is_like_it() -> None:
    said = {
        "level": "reference",
        "for_each": "similar",
        "field": "title",
        "message": "M.",
        "expected": "E.",
        "assert": "item.score < 90",
    }
    for score, behaviour in ((89, "passes"), (90, "fails")):
        assert (
            problem(behaviour, {"record": {"ref": "A"}, "similar": [{"ref": "Q", "score": score}]}, **said)
            is None
        )
    assert problem("skips", {"record": {"ref": "A"}}, **said) is None


FORMER = {
    "level": "history",
    "for_each": "former",
    "field": "",
    "message": "M.",
    "expected": "E.",
    "assert": "times(records, 'ref', item.ref) > 0",
}


def test_an_example_says_which_needs_were_open_before() -> None:
    for ref, behaviour in (("A", "passes"), ("B", "fails")):
        example = {"records": [{"ref": "A"}, {"ref": "C"}], "former": [{"ref": ref}]}
        assert problem(behaviour, example, **FORMER) is None
    assert problem("skips", {"records": [{"ref": "A"}]}, **FORMER) is None
    assert problem("fails", {"records": [], "former": [{"ref": "A"}]}, **FORMER) is None


def test_a_rule_over_all_records_is_judged_once_and_others_for_each_record() -> None:
    once = rule(
        level="submission", field="", message="M.", expected="E.", **{"assert": "unique(records, 'title')"}
    )
    submission = example_submission(once, "WBCTi", PASSES)
    two = {"records": [{"ref": "A", "title": "x"}, {"ref": "B"}]}
    [(whole, items, context)] = list(example_places(once, SHAPES, submission, two))
    assert list(items) == [None]
    assert len(whole["records"]) == 2
    assert context.columns == {"title": ["x", None]}
    told = list(example_places(rule(), SHAPES, submission, two))
    assert [record for record, _, _ in told] == two["records"]


# the cost of a rule


def test_a_rule_costs_what_one_place_of_its_examples_takes_in_the_quickest_round() -> None:
    made = ruleset(written(examples={"passes": [parts(6, 7)], "fails": [parts(1)]}, **LONG))
    ends = iter([0, 9, 10, 12, 20, 25, 30, 39, 40, 49])
    assert measure_microseconds(made.rules[0], made, lambda: next(ends)) == pytest.approx(2e6 / (TIMES * 3))
    assert (TIMES, ROUNDS) == (50, 5)


def test_a_rule_without_a_place_to_judge_costs_what_asking_takes() -> None:
    made = ruleset(written())
    seconds = count()
    assert measure_microseconds(made.rules[0], made, lambda: next(seconds)) == pytest.approx(1e6 / TIMES)
