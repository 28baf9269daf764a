"""Rulesets of the IATI Standard: each kind of rule gives true, false or no condition match, as the Spec states."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.validation.engine.domain.reading import ruleset_of
from services.validation.iati.domain.cases import RulesetIsRefused
from services.validation.iati.domain.kinds import KINDS
from services.validation.iati.domain.rulesets import SHAPES, iati_ruleset
from tests.validation.iati.running import run_ruleset

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def results(kind: str, case: dict[str, Any], *nodes: str, **given: Any) -> list[bool | None]:
    """Return the result of a case for each activity."""
    ruleset = {"//iati-activity": {kind: {"cases": [case]}}}
    activities = "".join(
        node if node.startswith("<iati-activity") else f"<iati-activity>{node}</iati-activity>"
        for node in nodes
    )
    found = run_ruleset(
        json.dumps(ruleset).encode(),
        f"<iati-activities>{activities}</iati-activities>".encode(),
        now=NOW,
        **given,
    )
    return [each["result"] for each in found]


EMPTY = ""
TITLE, TITLES = "<title/>", "<title/><title/>"


# --- Counts -------------------------------------------------------------------------------------------------------------


def test_no_more_than_one_counts_all_its_paths_together():
    case = {"paths": ["title", "description"]}
    assert results("no_more_than_one", case, EMPTY, TITLE, TITLES, "<title/><description/>") == [
        True,
        True,
        False,
        False,
    ]


def test_the_same_path_twice_finds_nothing_more():
    assert results("no_more_than_one", {"paths": ["title", "title"]}, TITLE) == [True]
    assert results("sum", {"paths": ["x", "x"], "sum": 3}, "<x>3</x>") == [True]


def test_atleast_one_is_content_with_any_of_its_paths():
    case = {"paths": ["title", "@ref"]}
    assert results("atleast_one", case, EMPTY, TITLE, '<iati-activity ref="1"/>') == [False, True, True]


def test_an_attribute_that_is_empty_is_there_and_a_missing_one_is_not():
    case = {"paths": ["org/@ref"]}
    assert results("atleast_one", case, '<org ref=""/>', "<org/>") == [True, False]


def test_an_element_without_text_is_there_and_has_no_text():
    assert results("atleast_one", {"paths": ["title"]}, TITLE) == [True]
    assert results("atleast_one", {"paths": ["title/text()"]}, TITLE, "<title>A</title>") == [False, True]


def test_no_paths_at_all_find_nothing():
    assert results("atleast_one", {"paths": []}, TITLE) == [False]


def test_a_path_that_reckons_finds_what_is_true():
    case = {"paths": ["count(title) = 2"]}
    assert results("atleast_one", case, TITLE, TITLES) == [False, True]


def test_only_one_of_excludes_its_paths_or_wants_exactly_one():
    case = {"excluded": ["recipient-region", "recipient-country"], "paths": ["transaction/recipient-country"]}
    inner = "<transaction><recipient-country/></transaction>"
    assert results(
        "only_one_of", case, "<recipient-country/>", f"<recipient-region/>{inner}", inner, inner * 2, EMPTY
    ) == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("word", "lacking", "having"),
    [
        ("lang", "<title><narrative/></title>", '<title><narrative xml:lang="en"/></title>'),
        ("sector", "<transaction/>", "<transaction><sector/></transaction>"),
        ("currency", "<budget><value>1</value></budget>", '<budget><value currency="EUR">1</value></budget>'),
        ("currency", "<fss><forecast>1</forecast></fss>", '<fss><forecast currency="EUR"/></fss>'),
        ("currency", "<crs-add><loan-status/></crs-add>", '<crs-add><loan-status currency="EUR"/></crs-add>'),
        (
            "recipient-country|recipient-region",
            "<transaction><recipient-region/></transaction><transaction/>",
            "<transaction><recipient-region/></transaction>",
        ),
        ("title", EMPTY, TITLE),
    ],
)
def test_one_or_all_wants_it_everywhere_where_the_one_is_missing(word, lacking, having):
    case = {"one": "@default", "all": word}
    with_one = f'<iati-activity default="x">{lacking}</iati-activity>'
    assert results("one_or_all", case, lacking, having, with_one) == [False, True, True]


def test_the_language_of_an_activity_is_found_by_its_prefix():
    case = {"one": "@xml:lang", "all": "lang"}
    inner = "<title><narrative/></title>"
    assert results("one_or_all", case, inner, f'<iati-activity xml:lang="en">{inner}</iati-activity>') == [
        False,
        True,
    ]


def test_dependent_wants_all_or_none():
    case = {"paths": ["title", "description"]}
    assert results("dependent", case, EMPTY, TITLE, "<title/><description/>") == [True, False, True]
    assert results("dependent", {"paths": [f"x{number}" for number in range(40)]}, EMPTY, "<x0/>") == [
        True,
        False,
    ]


# --- Texts --------------------------------------------------------------------------------------------------------------


def test_unique_compares_the_whole_text_whatever_is_inside():
    case = {"paths": ["title", "description"]}
    same = "<title><narrative>A</narrative></title><description>A</description>"
    assert results(
        "unique", case, same, "<title>A</title><description>B</description>", "<title/><description/>"
    ) == [
        False,
        True,
        False,
    ]


def test_regex_matches_finds_its_pattern_anywhere_and_lets_an_empty_text_be():
    case = {"regex": "[A-Z]{2}", "paths": ["ref"]}
    assert results("regex_matches", case, "<ref>x-AB</ref>", "<ref>ab</ref>", "<ref/>", EMPTY) == [
        True,
        False,
        True,
        True,
    ]


def test_regex_no_matches_is_the_opposite_but_for_empty_texts():
    case = {"regex": "^\\s|\\s$", "paths": ["ref"]}
    assert results("regex_no_matches", case, "<ref>ab</ref>", "<ref> ab</ref>", "<ref/>", EMPTY) == [
        True,
        False,
        True,
        True,
    ]


def test_startswith_takes_any_of_the_prefixes():
    case = {"prefix": ["@ref", "old"], "paths": ["id"]}
    inner = "<old>XX</old><old>YY</old>"
    assert results(
        "startswith",
        case,
        f'<iati-activity ref="AA">{inner}<id>AA-1</id></iati-activity>',
        f'<iati-activity ref="AA">{inner}<id>YY1</id></iati-activity>',
        f'<iati-activity ref="AA">{inner}<id>ZZ1</id></iati-activity>',
        "<id>AA-1</id>",
        EMPTY,
    ) == [True, True, False, False, True]


def test_startswith_wants_the_separator_after_the_prefix():
    case = {"prefix": ["org"], "separator": "-", "paths": ["id"]}
    assert results("startswith", case, "<org>AA</org><id>AA-1</id>", "<org>AA</org><id>AA1</id>") == [
        True,
        False,
    ]


def test_startswith_is_also_written_with_start():
    case = {"start": "org", "paths": ["id"]}
    assert results("startswith", case, "<org>AA</org><id>AA1</id>", "<org>AA</org><id>B</id>") == [
        True,
        False,
    ]


def test_a_registration_agency_is_what_stands_before_the_second_hyphen():
    case = {"prefix": ["ORG-ID-PREFIX"], "paths": ["@ref"]}
    nodes = [f'<iati-activity ref="{ref}"/>' for ref in ("GB-COH-1234", "GB-COH", "GB-NOPE-1", "GB")]
    assert results("startswith", case, *nodes) == [True, True, False, False]
    assert results("startswith", case, *nodes[:1], agencies={"XM-DAC"}) == [False]


def test_no_spaces_looks_at_both_ends():
    case = {"paths": ["id"]}
    assert results(
        "no_spaces", case, "<id>a b</id>", "<id> a</id>", "<id>a\n</id>", "<id>a\u00a0</id>", EMPTY
    ) == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_no_percent_finds_the_sign():
    assert results("no_percent", {"paths": ["@p"]}, '<iati-activity p="5"/>', '<iati-activity p="5%"/>') == [
        True,
        False,
    ]


# --- Numbers ------------------------------------------------------------------------------------------------------------


def shares(*found: str) -> str:
    return "".join(f'<sector p="{each}"/>' for each in found)


def test_a_sum_is_exact_and_true_where_there_is_nothing():
    case = {"paths": ["sector/@p"], "sum": 100}
    assert results(
        "sum",
        case,
        shares("60", "40"),
        shares("60", "39"),
        EMPTY,
        shares("99.9", "0.1"),
        shares("33.33333", "66.66667"),
    ) == [True, False, True, True, True]


def test_a_strict_sum_wants_something_to_add_up():
    case = {"paths": ["sector/@p"], "sum": 100}
    assert results("strict_sum", case, shares("60", "40"), EMPTY, shares("33.33", "33.33", "33.34")) == [
        True,
        False,
        True,
    ]
    assert results("strict_sum", {**case, "sum": 0}, EMPTY) == [True]


def test_a_sum_of_what_is_no_number_is_false():
    case = {"paths": ["sector/@p"], "sum": 100}
    for text in ("abc", "1_0", "NaN", "Infinity", "0x64", "100 %"):
        assert results("sum", case, shares(text)) == [False]
    assert results("sum", case, shares(" 100 ", "")) == [True]
    assert results("sum", {**case, "sum": 1e100}, shares("5e99", "5e99")) == [True]


def test_a_range_includes_its_ends_and_may_have_one_only():
    case = {"paths": ["sector/@p"], "min": 0.0, "max": 100.0}
    assert results("range", case, shares("0", "100"), shares("100.1"), shares("-1"), shares("x"), EMPTY) == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert results("range", {"paths": ["sector/@p"], "min": 5}, shares("1000"), shares("4")) == [True, False]
    assert results("range", {"paths": ["sector/@p"], "max": 5}, shares("-7"), shares("6")) == [True, False]
    assert results("range", {"paths": ["sector/@p"]}, shares("6"), shares("x")) == [True, False]


# --- Dates --------------------------------------------------------------------------------------------------------------


def days(**found: str) -> str:
    return "".join(f'<{name} d="{day}"/>' for name, day in found.items())


def test_dates_may_be_equal_and_a_missing_one_matches_no_condition():
    case = {"less": "a/@d", "more": "b/@d"}
    assert results(
        "date_order",
        case,
        days(a="2026-01-01", b="2026-01-02"),
        days(a="2026-01-01", b="2026-01-01"),
        days(a="2026-01-02", b="2026-01-01"),
        days(a="2026-01-01"),
        days(a="2026-01-01", b=""),
        days(a="2026-01-01", b="01/02/2026"),
        days(a="2026-02-30", b="2026-01-01"),
    ) == [True, True, False, None, None, None, None]


def test_a_date_may_be_the_text_of_an_element():
    assert results("date_order", {"less": "a", "more": "b"}, "<a>2026-02-01</a><b>2026-01-01</b>") == [False]


def test_dates_with_zones_and_times_compare_as_moments():
    case = {"less": "a/@d", "more": "b/@d"}
    assert results(
        "date_order",
        case,
        days(a="2026-01-01Z", b="2026-01-01+00:00"),
        days(a="2026-01-01T10:00:00+02:00", b="2026-01-01T08:30:00Z"),
        days(a="2026-01-01T10:00:00-02:00", b="2026-01-01T10:00:00"),
        days(a="2026-01-01T10:00:00.25Z", b="2026-01-01T10:00:00.5Z"),
        days(a="2026-01-01+99:00", b="2026-01-01"),
    ) == [True, True, False, True, None]


def test_now_is_the_moment_of_judging_and_today_its_beginning():
    assert results(
        "date_order", {"less": "a/@d", "more": "NOW"}, days(a="2026-11-25"), days(a="2026-11-26")
    ) == [True, False]
    assert results(
        "date_order", {"less": "TODAY", "more": "a/@d"}, days(a="2026-11-25"), days(a="2026-11-24")
    ) == [True, False]


def test_date_now_is_false_in_the_future():
    case = {"date": "@at"}
    nodes = [
        f'<iati-activity at="{at}"/>'
        for at in ("2026-11-25T11:59:59", "2026-11-25T12:00:01", "2120-15-24T22:51:42")
    ]
    assert results("date_now", case, *nodes, EMPTY) == [True, False, None, None]


def test_a_year_is_a_year_of_the_calendar():
    case = {"start": "a/@d", "end": "b/@d"}
    assert results(
        "time_limit",
        case,
        days(a="2019-01-01", b="2020-01-01"),
        days(a="2019-01-01", b="2020-01-02"),
        days(a="2020-01-01", b="2021-01-01"),
        days(a="2020-02-29", b="2021-02-28"),
        days(a="2020-02-29", b="2021-03-01"),
        days(a="2020-02-29", b="2019-03-01"),
        days(a="9999-06-01", b="9999-07-01"),
        days(a="2020-01-01"),
    ) == [True, False, True, True, False, True, True, None]


def test_between_dates_includes_both():
    case = {"date": "x/@d", "start": "a/@d", "end": "b/@d"}
    frame = {"a": "2026-01-01", "b": "2026-12-31"}
    found = [days(**frame, x=day) for day in ("2026-01-01", "2026-12-31", "2027-01-01", "2026-15-01")]
    assert results("between_dates", case, *found, days(x="2026-05-05")) == [True, True, False, None, None]


# --- Conditions ---------------------------------------------------------------------------------------------------------


def test_a_condition_that_does_not_hold_leaves_the_rule_unjudged():
    case = {"condition": "activity-status/@code = '3'", "paths": ["title"]}
    status = '<activity-status code="{}"/>'
    assert results(
        "atleast_one", case, EMPTY, status.format(2), status.format(3), status.format(3) + TITLE
    ) == [
        None,
        None,
        False,
        True,
    ]


def test_a_condition_that_finds_nodes_holds_and_one_that_is_no_number_does_not():
    assert results("atleast_one", {"condition": "x", "paths": ["title"]}, EMPTY, "<x/>") == [None, False]
    assert results("atleast_one", {"condition": "number(x)", "paths": ["title"]}, "<x>a</x>", "<x>1</x>") == [
        None,
        False,
    ]


def test_if_then_is_true_where_its_if_is_not():
    case = {"if": "count(sector) > 1", "then": "sector/@p"}
    assert results("if_then", case, EMPTY, "<sector/><sector/>", "<sector/><sector p='1'/>") == [
        True,
        False,
        True,
    ]


def test_evaluates_to_true_is_what_its_path_says():
    assert results("evaluates_to_true", {"eval": "x >= 0"}, "<x>0</x>", "<x>-1</x>", EMPTY) == [
        True,
        False,
        False,
    ]


def test_an_id_condition_leaves_publishers_in_the_registry_alone():
    case = {"idCondition": "NOT_EXISTING_ORG_ID", "regex": "^[^/]+$", "paths": ["@ref"]}
    nodes = ('<iati-activity ref="A/1"/>', EMPTY)
    assert results("regex_matches", case, *nodes) == [False, True]
    assert results("regex_matches", case, *nodes, publishers={"A/1"}) == [None, True]


def test_an_id_condition_on_prefixes_wants_a_hyphen_after_them():
    case = {"idCondition": "NOT_EXISTING_ORG_ID_PREFIX", "regex": "^[^/]+$", "paths": ["@ref"]}
    nodes = ('<iati-activity ref="44000-A/1"/>', '<iati-activity ref="44000A/1"/>')
    assert results("regex_matches", case, *nodes, publishers={"44000"}) == [None, False]


# --- Loops --------------------------------------------------------------------------------------------------------------


def loop(do: dict[str, Any], subs: list[str] | str, **more: Any) -> dict[str, Any]:
    return {"foreach": "sector/@vocabulary", "do": do, "subs": subs, **more}


def sector(vocabulary: str, share: str) -> str:
    return f'<sector vocabulary="{vocabulary}" percentage="{share}"/>'


STRICT = {"strict_sum": {"cases": [{"paths": ["sector[@vocabulary = '$1']/@percentage"], "sum": 100}]}}


def test_a_loop_is_false_where_one_turn_is_and_unjudged_without_turns():
    good, bad = sector("2", "100"), sector("7", "90")
    assert results("loop", loop(STRICT, ["paths"]), good, good + bad, EMPTY) == [True, False, None]


def test_a_loop_replaces_only_what_it_is_told_to():
    do = {
        "strict_sum": {
            "cases": [
                {**STRICT["strict_sum"]["cases"][0], "condition": "count(sector[@vocabulary = '$1']) > 1"}
            ]
        }
    }
    two = sector("2", "50") + sector("2", "40")
    assert results("loop", loop(do, ["paths"]), two) == [None]
    assert results("loop", loop(do, ["paths", "condition"]), two, sector("2", "40")) == [False, None]


def test_a_loop_may_have_a_condition_beside_those_of_its_rules():
    do = {"atleast_one": {"cases": [{"condition": "b", "paths": ["title"]}]}}
    case = loop(do, "condition", condition="a")
    inner = sector("2", "1")
    assert results("loop", case, f"{inner}<a/><b/>", f"{inner}<a/>", f"{inner}<b/>") == [False, None, None]


def test_each_rule_of_a_loop_says_for_itself():
    do = {**STRICT, "if_then": {"cases": [{"if": "sector[@vocabulary = '$1']", "then": "title"}]}}
    assert results("loop", loop(do, ["paths", "if", "then"]), sector("2", "100")) == [True, False]


@pytest.mark.parametrize("value", ["it's", "&quot;a&quot;", "it's &quot;a&quot;", "'] | //*[@x='", "$1"])
def test_a_value_with_quotation_marks_stays_a_value(value):
    assert results("loop", loop(STRICT, ["paths"]), sector(value, "100"), sector(value, "1")) == [True, False]


def test_the_value_of_a_loop_may_stand_without_quotation_marks():
    do = {"atleast_one": {"cases": [{"paths": ["item[@n = $1]"]}]}}
    case = {"foreach": "n", "do": do, "subs": ["paths"]}
    assert results("loop", case, '<n>5</n><item n="5"/>', '<n>5</n><item n="6"/>') == [True, False]


# --- The ruleset --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["atleast_one", "atLeastOne", "at_least_one", "AtLeastOne", "atleastone"])
def test_a_rule_may_be_spelt_in_any_way_that_is_in_use(name):
    assert results(name, {"paths": ["title"]}, TITLE) == [True]


@pytest.mark.parametrize(
    ("ruleset", "said"),
    [
        ([], "the file: it contains []"),
        ({"//a": []}, "'//a': it contains []"),
        (
            {"//a": {"most_one": {"cases": []}}},
            "there is no rule 'most_one'. There are: no_more_than_one, atleast_one",
        ),
        ({"//a": {"sum": {}}}, "there is no list 'cases'"),
        (
            {"//a": {"sum": {"cases": [{"paths": ["x"]}]}}},
            "sum, case 0: 'sum' is missing. Required: paths, sum.",
        ),
        ({"//a": {"sum": {"cases": [{"paths": ["x"], "sum": True}]}}}, "'sum' is true. A number."),
        ({"//a": {"unique": {"cases": [{"paths": "x"}]}}}, "'paths' is \"x\". A list of texts."),
        ({"//a": {"unique": {"cases": [{"paths": ["x"], "conditon": "y"}]}}}, "Did you mean 'condition'?"),
        ({"//a": {"startswith": {"cases": [{"paths": ["x"]}]}}}, "'prefix' is missing"),
        ({"//a": {"regex_matches": {"cases": [{"paths": ["x"], "regex": "("}]}}}, "A Perl-style pattern."),
        (
            {"//a": {"unique": {"cases": [{"paths": ["x"], "idCondition": "y"}]}}},
            "One of: NOT_EXISTING_ORG_ID",
        ),
        (
            {"//a": {"loop": {"cases": [{"foreach": "x", "do": {"loop": {"cases": []}}}]}}},
            "there is no rule 'loop'",
        ),
        ({"//a": {"unique": {"cases": [{"paths": [""]}]}}}, "it is empty"),
    ],
)
def test_what_is_no_ruleset_is_refused_with_where_what_and_what_would_pass(ruleset, said):
    with pytest.raises(RulesetIsRefused) as refused:
        iati_ruleset(ruleset)
    assert said in str(refused.value)


def test_a_ruleset_has_at_most_999_cases():
    with pytest.raises(RulesetIsRefused, match="it has 1,000 cases"):
        iati_ruleset({"//a": {"unique": {"cases": [{"paths": ["x"]}] * 1_000}}})


STANDARD_IN_SMALL = {
    "/iati-activities/iati-activity": {
        "startswith": {
            "cases": [
                {
                    "prefix": ["reporting-org/@ref"],
                    "separator": "-",
                    "paths": ["iati-identifier"],
                    "ruleInfo": {
                        "id": "1.1.21",
                        "severity": "warning",
                        "category": "identifiers",
                        "message": "Begins {so}.",
                    },
                }
            ]
        },
        "loop": {"cases": [loop(STRICT, ["paths"])]},
        "date_order": {"cases": [{"less": "activity-date[@type='1']/@iso-date", "more": "NOW"}]},
    },
    "//budget | //planned-disbursement": {
        "time_limit": {"cases": [{"start": "period-start", "end": "period-end"}]}
    },
}


def test_each_case_is_a_rule_of_ours_that_our_own_reader_takes():
    written = iati_ruleset(STANDARD_IN_SMALL).written
    read = ruleset_of(written, SHAPES)
    assert [(rule.id, rule.severity) for rule in read.rules] == [
        ("IATI-001", "warning"),
        ("IATI-002", "error"),
        ("IATI-003", "error"),
        ("IATI-004", "error"),
    ]
    assert read.rules[0].title == "Begins {so}."
    assert json.loads(read.rules[1].reference)["loop"] == {"foreach": "sector/@vocabulary", "subs": ["paths"]}


def test_every_kind_reads_as_a_rule_and_says_what_would_pass():
    full = {
        "paths": ["a"], "excluded": ["b"], "one": "c", "all": "lang", "sum": 1, "min": 0, "max": 2, "less": "d", "more": "e",
        "date": "f", "start": "g", "end": "h", "regex": "i{2}", "prefix": ["j"], "if": "k", "then": "l", "eval": "m",
    }  # fmt: skip
    ruleset = {
        "//x": {
            name: {"cases": [{k: full[k] for k in full if k in (*kind.needs, *kind.optional)}]}
            for name, kind in KINDS.items()
        }
    }
    written = iati_ruleset(ruleset).written
    assert len(ruleset_of(written, SHAPES).rules) == len(KINDS)
    for rule in written["rules"]:
        assert rule["expected"].endswith(".")
        assert "{" not in rule["expected"]


def test_a_pattern_with_braces_stays_as_it_is_and_a_message_that_cannot_hold_it_says_where_it_stands():
    case = {"regex": "^[A-Z]{2}$", "paths": ["@ref"]}
    ruleset = {"//iati-activity": {"regex_matches": {"cases": [case]}}}
    activities = b"<iati-activities><iati-activity ref='a'/></iati-activities>"
    [found] = run_ruleset(json.dumps(ruleset).encode(), activities, now=NOW)
    assert found["expected"] == "Each `@ref` matches the pattern ^[A-Z]{2}$."
    [rule] = iati_ruleset(ruleset).written["rules"]
    assert rule["title"] == found["expected"]
    assert rule["expected"] == "Each `@ref` matches the pattern (see the reference)."
    assert rule["message"] == f"This requirement is not met: {rule['expected']}"
    assert json.loads(rule["reference"])["case"] == case


def test_a_result_names_its_rule_its_node_and_whose_it_is():
    activities = b"""<iati-activities>
      <iati-activity><iati-identifier> A-1 </iati-identifier></iati-activity>
      <iati-activity><budget/><planned-disbursement/><budget><period-start>2026-01-01</period-start>
        <period-end>2028-01-01</period-end></budget></iati-activity></iati-activities>"""
    found = run_ruleset(json.dumps(STANDARD_IN_SMALL).encode(), activities, now=NOW)
    assert found[0] == {
        "rule": "IATI-001",
        "kind": "startswith",
        "selector": "/iati-activities/iati-activity",
        "case": 0,
        "node": "/iati-activities/iati-activity[1]",
        "identifier": "A-1",
        "result": False,
        "expected": "Each `iati-identifier` begins with `reporting-org/@ref` and '-'.",
    }
    limits = [
        (each["node"], each["identifier"], each["result"]) for each in found if each["kind"] == "time_limit"
    ]
    assert limits == [
        ("/iati-activities/iati-activity[2]/budget[1]", None, None),
        ("/iati-activities/iati-activity[2]/planned-disbursement[1]", None, None),
        ("/iati-activities/iati-activity[2]/budget[2]", None, False),
    ]
