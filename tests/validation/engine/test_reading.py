"""Files of rules: the rules read from them, and every reason for refusing a file, in words for its author."""

import re
from typing import Any

import pytest

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.scopes import ExpressionIsRefused
from services.validation.engine.domain.reading import LEVELS, RulesetIsBroken, combined, ruleset_of, shapes_of
from services.validation.rulesets.domain.file_schema import check_schema
from tests.validation.minimal_ruleset import SHAPES, rule, ruleset, written


def problems(*rules: Any, **parts: Any) -> tuple[str, ...]:
    file = {"name": "WBCTi", "version": "1", "title": "A few rules", "rules": list(rules), **parts}
    with pytest.raises(RulesetIsBroken) as broken:
        ruleset_of({part: said for part, said in file.items() if said is not None}, SHAPES)
    return broken.value.problems


def problem(**parts: Any) -> str:
    """Return the error of an ordinary rule with these parts, after its id."""
    [only] = problems(written(**parts))
    label, _, said = only.partition(": ")
    assert label == parts.get("id", "TST-01")
    return said


# rules


def test_a_rule_is_what_its_file_says() -> None:
    said = written(
        kinds=["need", "support"],
        periods={"from": 2023, "to": 2026},
        for_each="parts",
        field="share",
        reference="IATI 2.03",
        examples={"passes": [{"record": {}}]},
        message="{item.share}",
        when="given(title)",
        **{"assert": "item.share > budget"},
    )
    read = ruleset(said, version="7").rules[0]
    assert (read.id, read.version, read.title, read.severity, read.level) == (
        "TST-01",
        "7",
        "It ends after it starts",
        "error",
        "record",
    )
    assert (read.kinds, read.years) == (("need", "support"), (2023, 2026))
    assert (read.for_each, read.list_source, read.place) == ("parts", "r.get('parts')", "share")
    assert (read.why, read.reference) == ("How long things take is reported.", "IATI 2.03")
    assert read.examples == {"passes": [{"record": {}}]}
    assert read.written == said
    assert read.reads == {"title", "budget", "parts"}
    assert read.columns == set()


def test_a_rule_that_is_read_again_is_the_same_rule() -> None:
    assert rule() == rule()
    assert ruleset(written()) == ruleset(written())
    assert rule() != rule(why="Since.")


def test_what_a_rule_leaves_out_has_its_ordinary_meaning() -> None:
    read = rule()
    assert (read.years, read.for_each, read.list_source) == ((0, 9999), None, None)
    assert (read.reference, read.examples) == ("", {})
    assert rule(periods={"from": 2023}).years == (2023, 9999)
    assert rule(periods={"to": 2023}).years == (0, 2023)


@pytest.mark.parametrize(
    ("missing", "told"), [(None, "missing"), ("skip", "missing"), ("fail", False), ("given", True)]
)
def test_a_rule_is_skipped_for_a_missing_value_unless_it_says_otherwise(
    missing: str | None, told: Any
) -> None:
    judged = rule(missing=missing, field="title", **{"assert": "title != 'A'"})
    assert judged.test({}, {}, None, Context()) == told


@pytest.mark.parametrize(
    ("parts", "columns"),
    [
        (
            {"for_each": "records", "field": "end", "assert": "item.budget > 0", "message": "{item.title}"},
            {"ref", "end", "budget", "title"},
        ),
        (
            {"for_each": "records", "field": "place.town", "assert": "given(item.ref)", "message": "M."},
            {"ref", "place"},
        ),
        ({"for_each": "records", "field": "", "assert": "given(item.ref)", "message": "M."}, {"ref"}),
        ({"field": "", "assert": "unique(records, 'title')", "message": "M."}, {"title"}),
        (
            {"field": "", "assert": "count(records) > 0", "message": "{times(records, 'end', '2026')}"},
            {"end"},
        ),
        (
            {
                "field": "",
                "assert": "count(records) > 0",
                "message": "M.",
                "expected": "{values(records, 'start')}",
            },
            {"start"},
        ),
    ],
)
def test_of_all_records_a_rule_keeps_what_it_reads_and_what_its_findings_show(
    parts: dict[str, Any], columns: set[str]
) -> None:
    assert rule(**{"level": "submission", "expected": "E.", **parts}).columns == columns


def test_a_rule_may_go_through_what_is_looked_up() -> None:
    like = rule(
        level="reference", for_each="similar", field="title", message="M.", **{"assert": "item.score < 90"}
    )
    assert like.list_source == "x.similar(r.get('ref'))"
    assert like.reads == set()
    former = rule(
        level="history",
        for_each="former",
        field="",
        message="{item.estimated_cost}",
        expected="E.",
        **{"assert": "times(records, 'ref', item.ref) > 0"},
    )
    assert former.list_source == "x.former()"
    assert former.columns == {"ref"}


@pytest.mark.parametrize(
    ("level", "expression"),
    [
        (
            "reference",
            "some(similar, item.score > 90 and given(item.reporter) and given(item.title) and given(item.reasons))",
        ),
        ("history", "previous.budget > 0 and previous.title == title"),
        ("submission", "count(records) > 0"),
        ("record", "given(title)"),
        ("field", "given(title)"),
    ],
)
def test_each_level_may_name_what_is_its_own(level: str, expression: str) -> None:
    parts = {"level": level, "field": "", "message": "M.", "expected": "E.", "assert": expression}
    assert rule(**parts).level == level
    for other in LEVELS:
        of_a_level = re.search(r"similar|previous|records", expression)
        if other not in (level, "file") and of_a_level:
            assert f"there is no field '{of_a_level[0]}'" in problem(**{**parts, "level": other})


def test_one_of_the_records_has_no_other_name_than_item() -> None:
    said = problem(level="submission", field="", message="M.", expected="E.", **{"assert": "title == 'A'"})
    assert said == "\"title == 'A'\": there is no field 'title'"


# refusals

WRITTEN = "the id is written like WBBSi-07"
ALONE = "a brace is unpaired; an expression is written in { and }"
NEAR = "Did you mean 'end'?"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"severity": "fatal"}, "'severity' is one of blocker, error, warning, info"),
        ({"level": "planet"}, "'level' is one of field, record, submission, reference, history, file"),
        ({"level": "file"}, "a rule of level file is for_each: unread"),
        ({"level": "file", "for_each": "parts"}, "a rule of level file is for_each: unread"),
        ({"for_each": "unread"}, "for_each: there is no list 'unread'"),
        ({"missing": "maybe"}, "'missing' is one of skip, fail, given"),
        ({"id": "TST-1"}, WRITTEN),
        ({"id": "TST-1234"}, WRITTEN),
        ({"id": "07"}, WRITTEN),
        ({"kinds": []}, "'kinds' is empty; name at least one of need, response, support"),
        ({"kinds": ["need", "needs"]}, "there is no kind 'needs'. Did you mean 'need'?"),
        ({"kinds": ["other"]}, "there is no kind 'other'"),
        ({"title": None}, "'title' is missing"),
        ({"colour": "red"}, "'colour' is not known"),
        ({"severety": "error"}, "'severety' is not known. Did you mean 'severity'?"),
        ({"why": None, "colour": "red"}, "'why' is missing; 'colour' is not known"),
        ({"assert": "start <= ent"}, f"'start <= ent': there is no field 'ent'. {NEAR}"),
        ({"when": "given(ent)"}, f"'given(ent)': there is no field 'ent'. {NEAR}"),
        ({"message": "The {ent}."}, f"'ent': there is no field 'ent'. {NEAR}"),
        ({"expected": "The {ent}."}, f"'ent': there is no field 'ent'. {NEAR}"),
        ({"message": "The {end."}, f"message: {ALONE}"),
        ({"message": "The end}."}, f"message: {ALONE}"),
        ({"message": "The {{end}}."}, f"message: {ALONE}"),
        ({"expected": "{start} or {"}, f"expected: {ALONE}"),
        ({"field": "ent"}, f"field: there is no 'ent'. {NEAR}"),
        ({"field": "place.city"}, "field: there is no 'place.city'"),
        ({"field": "end.day"}, "field: there is no 'end.day'"),
        ({"for_each": "partz"}, "for_each: there is no list 'partz'. Did you mean 'parts'?"),
        ({"for_each": "title"}, "for_each: there is no list 'title'"),
        ({"for_each": "place"}, "for_each: there is no list 'place'"),
        ({"for_each": "parts", "field": "end"}, "field: there is no 'end'"),
        ({"level": "field"}, "a rule of level field reads one field, this one reads ['end', 'start']"),
        ({"level": "field", "assert": "True"}, "a rule of level field reads one field, this one reads []"),
        (
            {"level": "field", "for_each": "parts", "field": "share", "assert": "item.share > budget"},
            "a rule of level field reads one field, this one reads ['budget', 'parts']",
        ),
    ],
)
def test_a_rule_is_refused_with_the_reason(parts: dict[str, Any], said: str) -> None:
    assert problem(**parts) == said


def test_a_word_of_a_rule_may_be_any_of_those_that_are_allowed() -> None:
    for severity in ("blocker", "error", "warning", "info"):
        assert rule(severity=severity).severity == severity
    for id_ in ("TST-07", "WBBSi-123"):
        assert rule(id=id_).id == id_
    assert (
        rule(
            level="field", for_each="parts", field="share", message="M.", **{"assert": "item.share > 0"}
        ).level
        == "field"
    )


def test_a_rule_that_is_no_group_is_told_by_its_number() -> None:
    said = problems(written(), "no rule", written(id=None, severity="fatal"))
    assert [each.partition(":")[0] for each in said] == ["rule 2", "rule 3"]


@pytest.mark.parametrize("part", ["name", "version", "title", "rules"])
def test_a_file_has_a_name_a_version_a_title_and_rules(part: str) -> None:
    assert problems(written(), **{part: None}) == (f"'{part}' is missing",)


def test_an_id_that_is_used_twice_is_told_once() -> None:
    said = problems(
        *(written(id=each) for each in ("TST-02", "TST-01", "TST-02", "TST-03", "TST-01", "TST-02"))
    )
    assert said == ("TST-01: the id is used twice", "TST-02: the id is used twice")


def test_all_that_is_wrong_is_said_at_once_under_the_name_of_the_ruleset() -> None:
    with pytest.raises(RulesetIsBroken) as broken:
        ruleset_of({"name": "WBCTi", "version": "1", "rules": [written(field="ent")]}, SHAPES)
    assert str(broken.value) == f"ruleset WBCTi: 'title' is missing; TST-01: field: there is no 'ent'. {NEAR}"
    assert broken.value.name == "WBCTi"


# rulesets


def test_a_ruleset_has_its_stamp_and_its_rules_in_their_order() -> None:
    made = ruleset(written(id="TST-02"), written(id="TST-01"), version="2026.1", title="Two rules")
    assert [each.id for each in made.rules] == ["TST-02", "TST-01"]
    assert (made.title, made.shapes) == ("Two rules", SHAPES)
    assert (made.stamp.name, made.stamp.version) == ("WBCTi", "2026.1")
    assert re.fullmatch("[0-9a-f]{64}", made.stamp.hash)


def test_the_hash_is_that_of_all_words_and_of_the_fields() -> None:
    said = ruleset(written()).stamp.hash
    assert ruleset(written()).stamp.hash == said
    assert ruleset(written(why="For another reason.")).stamp.hash != said
    assert ruleset(written(), title="Another title").stamp.hash != said
    other = shapes_of({"version": "2", "kinds": SHAPES.written["kinds"]})
    file = {"name": "WBCTi", "version": "1", "title": "A few rules", "rules": [written()]}
    assert ruleset_of(file, SHAPES).stamp.hash == said
    assert ruleset_of(file, other).stamp.hash != said


def test_the_general_rules_come_first_and_the_stamp_tells_of_both() -> None:
    general, pillar = (
        ruleset(written(), name="general", version="3"),
        ruleset(written(id="TST-02"), version="4"),
    )
    both = combined(general, pillar)
    assert [each.id for each in both.rules] == ["TST-01", "TST-02"]
    assert [each.version for each in both.rules] == ["3", "4"]
    assert (both.stamp.name, both.stamp.version, both.title) == ("WBCTi", "4+general.3", "A few rules")
    others = [
        combined(ruleset(written(why="Since."), name="general", version="3"), pillar),
        combined(general, ruleset(written(id="TST-02", why="Since."), version="4")),
    ]
    assert len({each.stamp.hash for each in (both, general, pillar, *others)}) == 5


def test_shapes_know_their_version_and_the_fields_of_kinds_together() -> None:
    made = shapes_of(
        {
            "version": 7,
            "kinds": {"need": {"a": {"type": "text"}}, "response": {"b": {"type": "number"}}},
        }
    )
    assert made.version == "7"
    assert set(made.names(["need", "response"])) == {"a", "b"}
    assert made.names(["response"])["b"].type == "number"
    assert made.kinds["need"]["a"].name == "a"


def test_a_refused_expression_is_a_value_error_so_that_the_file_is_refused_with_it() -> None:
    assert issubclass(ExpressionIsRefused, ValueError)


# the schema of a file


def formed(**parts: Any) -> list[str]:
    """Return the errors of an ordinary file with these parts."""
    file = {"name": "WBCTi", "version": "1", "title": "A few rules", "rules": [written()], **parts}
    return list(check_schema(file))


def formed_rule(**parts: Any) -> list[str]:
    return [each.removeprefix("TST-01: ") for each in formed(rules=[written(**parts)])]


@pytest.mark.parametrize("version", ["1", "2026.1", "2026-1.a", "A" * 20])
def test_a_version_is_letters_digits_dots_and_hyphens(version: str) -> None:
    assert formed(version=version) == []


@pytest.mark.parametrize("version", ["", ".1", "-1", "1_2", "1 2", "1+2", "A" * 21, 1, None])
def test_another_version_is_refused(version: Any) -> None:
    said = "'version' must be a text, in quotation marks: at most 20 letters, digits, dots and hyphens"
    assert formed(version=version) == [said]


def test_the_title_of_a_file_is_not_blank_and_not_too_long() -> None:
    assert formed(title="T" * 200) == []
    for title in ("T" * 201, " ", 7):
        assert formed(title=title) == ["'title' must be a text that is not blank, of at most 200 characters"]


def test_a_file_has_at_least_one_rule_each_a_group_and_no_word_that_is_not_known() -> None:
    for rules in ([], "all", {}):
        assert formed(rules=rules) == ["'rules' must be a list of rules, at least one"]
    assert formed(rules=[written(), "no rule", {**written(title=" "), "id": "TST-02"}, {"title": 7}]) == [
        "rule 2: a rule must be a group of names and values",
        "TST-02: 'title' must be a text that is not blank",
        "rule 4: 'title' must be a text that is not blank",
    ]
    assert formed(author="me", title=" ") == [
        "'title' must be a text that is not blank, of at most 200 characters",
        "'author' is not known",
    ]
    assert formed(verison="2") == ["'verison' is not known. Did you mean 'version'?"]
    assert list(check_schema({})) == []


@pytest.mark.parametrize(
    "part", ["id", "title", "assert", "when", "for_each", "message", "expected", "why", "reference"]
)
def test_what_people_read_or_write_is_a_text_that_is_not_blank(part: str) -> None:
    for said in (" ", "", 7, ["A"]):
        [told] = formed(rules=[{**written(), part: said}])
        assert told.endswith(f": '{part}' must be a text that is not blank")
    assert formed_rule(**{part: "A"} if part != "id" else {}) == []


@pytest.mark.parametrize(
    ("part", "right", "wrong", "form"),
    [
        ("field", ["", "title"], [7, ["title"]], "the name of a field, or empty for the whole"),
        (
            "kinds",
            [["need"], ["need", "support"], []],
            ["need", ["need", "need"], [7], [["need"]]],
            "a list of need, response, support, each once",
        ),
        (
            "periods",
            [{"from": 0}, {"to": 9999}, {"from": 2025, "to": 2026}],
            [
                {},
                2026,
                {"since": 2026},
                {"from": "2026"},
                {"from": -1},
                {"to": 10_000},
                {"from": True},
                {"from": 2026, "at": 2026},
            ],
            "'from' and 'to', each a year",
        ),
    ],
)
def test_the_other_words_of_a_rule_have_their_forms(
    part: str, right: list[Any], wrong: list[Any], form: str
) -> None:
    for said in right:
        assert formed_rule(**{part: said}) == []
    for said in wrong:
        assert formed_rule(**{part: said}) == [f"'{part}' must be {form}"]


RECORD = {"record": {}}


@pytest.mark.parametrize(
    ("examples", "is_formed"),
    [
        ({"passes": [RECORD], "fails": [RECORD], "skips": [RECORD]}, True),
        ({}, True),
        ({"passes": [{"records": []}]}, True),
        ({"passes": [{"records": [{}, {"ref": "A"}]}]}, True),
        ({"passes": [{**RECORD, "submission": {"partner": None, "tlp": "TLP:RED"}}]}, True),
        (
            {
                "passes": [
                    {
                        **RECORD,
                        "submission": dict.fromkeys(
                            ["pillar", "kind", "period", "reporter", "received_on"], "x"
                        ),
                    }
                ]
            },
            True,
        ),
        ([RECORD], False),
        ({"maybe": [RECORD]}, False),
        ({"passes": []}, False),
        ({"passes": RECORD}, False),
        ({"passes": [RECORD, "A"]}, False),
        ({"passes": [{}]}, False),
        ({"passes": [{**RECORD, "records": []}]}, False),
        ({"passes": [{"record": "A"}]}, False),
        ({"passes": [{"records": {}}]}, False),
        ({"passes": [{"records": [{}, "A"]}]}, False),
        ({"passes": [{**RECORD, "submission": "A"}]}, False),
        ({"passes": [{**RECORD, "submission": {"clock": "now"}}]}, False),
        ({"passes": [{**RECORD, "submission": {"tlp": 7}}]}, False),
    ],
)
def test_examples_are_lists_of_records_under_what_they_show(examples: Any, *, is_formed: bool) -> None:
    said = (
        "'examples' must be lists of what passes, fails and skips; an example has a 'record', or 'records',"
        " and under 'submission' its facts"
    )
    assert formed_rule(examples=examples) == ([] if is_formed else [said])
