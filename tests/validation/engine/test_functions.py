"""The functions of the language: their results, arguments and refusals, each with its bounds."""

from typing import Any

import pytest

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.functions import FUNCTIONS, MAX_ARGUMENTS, NotANumber, number
from services.validation.engine.domain.language.iati_functions import IATI_FUNCTIONS
from services.validation.engine.domain.language.scopes import ExpressionIsRefused
from services.validation.engine.domain.references.lookups import Snapshot
from shared.reference import CODELISTS
from tests.validation.minimal_ruleset import (
    EACH_PART,
    EACH_RECORD,
    OVER_RECORDS,
    SCOPE,
    outcome,
    translated,
    value,
)

JAP18, JAP25 = (
    [code for code in CODELISTS["theme:WBCTi"].codes if code.startswith(beginning)]
    for beginning in ("jap18", "jap25")
)
DAYS = {"start": "2026-01-01", "end": "2026-02-01"}
PARTS = {"parts": [{"code": "a", "share": 60}, {"code": "b", "share": 40}, {"code": "c"}]}


def shares(*values: Any) -> dict[str, Any]:
    return {"parts": [{"share": each} for each in values]}


@pytest.mark.parametrize(
    ("expression", "record", "expected"),
    [
        ("default(title, currency, ref)", {"title": "A", "currency": "B", "ref": "C"}, "A"),
        ("default(title, currency, ref)", {"currency": "B", "ref": "C"}, "B"),
        ("default(title, currency, ref)", {"ref": "C"}, "C"),
        ("default(title, currency, ref)", {}, None),
        ("default(budget, 7) + 1", {"budget": 0}, 1),
        ("default(budget, 7) + 1", {}, 8),
        ("length(title)", {"title": "Обука"}, 5),
        ("length(tags)", {"tags": ["a", "b"]}, 2),
        ("lower(title)", {"title": " \tŠkola Ž "}, "škola ž"),
        ("abs(budget)", {"budget": -2.5}, 2.5),
        ("abs(budget)", {"budget": 3}, 3),
        ("values(parts, 'share')", PARTS, [60, 40]),
        ("values(parts, 'share')", shares(0), [0]),
        ("total(parts, 'share')", PARTS, 100),
        ("total(parts, 'share')", shares(0.1, 0.2), 0.3),
        ("total(parts, 'share')", shares(1.234), 1.23),
        ("total(parts, 'share')", shares(1e16, 1, -1e16), 1),
        ("total(parts, 'share')", shares(-1e16, 1e16, 1), 1),
        ("date(end) - date(start)", DAYS, 31),
        ("days(start, end)", DAYS, 31),
        ("days(end, start)", DAYS, -31),
        ("year(end)", {"end": "1999-12-31"}, 1999),
        ("first_day('2025-2026')", {}, "2025-01-01"),
        ("last_day('2025-2026')", {}, "2026-12-31"),
        ("first_day('2026')", {}, "2026-01-01"),
        ("last_day('2026')", {}, "2026-12-31"),
        ("previous_period('2026')", {}, "2025"),
        ("previous_period('2025-2026')", {}, "2023-2024"),
        ("needs_period('2026')", {}, "2025-2026"),
        ("label('activity_status', state)", {"state": "2"}, "Implementation"),
        ("codes('activity_status', '2026')", {}, ["1", "2", "3", "4", "5", "6"]),
        ("themes('WBCTi', '2017')", {}, [*JAP18, *JAP25]),
        ("themes('WBCTi', '2020')", {}, JAP18),
        ("codes('theme:WBCTi', '2026', '2020-05-01')", {}, [*JAP18, *JAP25]),
        ("codes('theme:WBCTi', '2026', end)", {"end": "2027-05-01"}, JAP25),
    ],
)
def test_a_function_gives(expression: str, record: dict[str, Any], expected: Any) -> None:
    given = value(expression, record)
    assert given == expected
    assert type(given) is type(expected)


@pytest.mark.parametrize("when", ["2015", "2017-2018", "2019", "2025", "2026-05-01", "2031"])
def test_exactly_the_codes_are_offered_that_a_message_names(when: str) -> None:
    names = set(value(f"codes('theme:WBCSCi', '{when}')", {}))
    assert names
    for code in [*CODELISTS["theme:WBCSCi"].codes, "jap25_europol", "zzz"]:
        assert value(f"offered('theme:WBCSCi', '{code}', '{when}')", {}) is (code in names)


@pytest.mark.parametrize(
    ("pillar", "when", "has"),
    [
        ("WBCTi", "2017", False),
        ("WBCTi", "2018", True),
        ("WBCSCi", "2021", False),
        ("WBBSi", "2019-12-04", True),
    ],
)
def test_a_pillar_has_themes_from_its_first_list_on(pillar: str, when: str, has: bool) -> None:
    assert value(f"has_themes('{pillar}', '{when}')", {}) is has


@pytest.mark.parametrize(
    ("expression", "record", "holds"),
    [
        ("given(budget)", {"budget": 0}, True),
        ("given(budget)", {}, False),
        ("absent(budget)", {"budget": 0}, False),
        ("absent(budget)", {}, True),
        ("at_least_one(title, ref)", {"title": "A"}, True),
        ("at_least_one(title, ref)", {"ref": "A"}, True),
        ("at_least_one(title, ref)", {}, False),
        ("at_least_one(title)", {}, False),
        ("only_one(title, ref)", {"ref": "A"}, True),
        ("only_one(title, ref)", {"ref": "A", "title": "B"}, False),
        ("only_one(title, ref)", {}, False),
        ("only_one(title)", {"title": "A"}, True),
        ("one_or_all(title, ref, budget)", {"title": "A"}, True),
        ("one_or_all(title, ref, budget)", {"ref": "A", "budget": 0}, True),
        ("one_or_all(title, ref, budget)", {"ref": "A"}, False),
        ("one_or_all(title, ref, budget)", {}, False),
        ("dependent(title, ref, budget)", {}, True),
        ("dependent(title, ref, budget)", {"title": "A"}, False),
        ("dependent(title, ref, budget)", {"title": "A", "ref": "B"}, False),
        ("dependent(title, ref, budget)", {"title": "A", "ref": "B", "budget": 0}, True),
        ("one_of(title, 'A', 'B')", {"title": "B"}, True),
        ("one_of(title, 'A', 'B')", {"title": "C"}, False),
        ("one_of(title, 'AB')", {"title": "A"}, False),
        ("between(budget, 1, 6)", {"budget": 0.99}, False),
        ("between(budget, 1, 6)", {"budget": 1}, True),
        ("between(budget, 1, 6)", {"budget": 6}, True),
        ("between(budget, 1, 6)", {"budget": 6.01}, False),
        ("starts_with(ref, 'AL-')", {"ref": "AL-1"}, True),
        ("starts_with(ref, 'AL-')", {"ref": "XAL-1"}, False),
        ("contains(title, 'BORDER')", {"title": "At the green border"}, True),
        ("contains(title, 'strasse')", {"title": "Straße"}, True),
        ("contains(title, 'boarder')", {"title": "At the green border"}, False),
        ("matches(title, 'x*')", {"title": "x" * 500}, True),
        ("matches(title, 'x*')", {"title": "x" * 501}, False),
        ("matches(title, 'x')", {"title": "xx"}, False),
        ("matches(title, 'x')", {"title": "yx"}, False),
        ("sums_to(parts, 'share', 100)", PARTS, True),
        ("sums_to(parts, 'share', 0)", shares(0.02), True),
        ("sums_to(parts, 'share', 0)", shares(-0.02), True),
        ("sums_to(parts, 'share', 0)", shares(0.021), False),
        ("sums_to(parts, 'share', 0)", shares(-0.021), False),
        ("sums_to(parts, 'share', 100)", shares(33.34, 33.34, 33.34), True),
        ("sums_to(parts, 'share', 100)", shares(33.32, 33.33, 33.32), True),
        ("sums_to(parts, 'share', 100)", shares(33.32, 33.32, 33.32), False),
        ("sums_to(parts, 'share', 100)", shares(*[16.67] * 6), True),
        ("sums_to(parts, 'share', 100)", shares(*[16.69] * 6), False),
        ("sums_to(parts, 'share', 100)", shares(*[4.17] * 24), True),
        ("sums_to(parts, 'share', 100)", shares(49.99, 49.99), True),
        ("sums_to(parts, 'share', 100)", shares(49.99, 49.98), False),
        ("total(parts, 'share') == 100", shares(*[14.3] * 3, *[14.275] * 4), True),
        ("each_in(parts, 'share', parts, 'share')", shares(1, 2), True),
        ("each_in(parts, 'share', parts, 'code')", {"parts": [{"share": 1, "code": "1"}]}, False),
        ("each_in(parts, 'share', parts, 'code')", {"parts": [{"code": "1"}]}, True),
        ("unique(parts, 'code')", PARTS, True),
        ("unique(parts, 'share')", {"parts": [{"code": "a"}, {"code": "b"}]}, True),
        ("unique(parts, 'share')", shares(1, 2, 1), False),
        ("is_period('need', title)", {"title": "2025-2026"}, True),
        ("is_period('need', title)", {"title": "2026"}, False),
        ("valid('currency', currency, '2026')", {"currency": "EUR"}, True),
        ("valid('currency', currency, '2026')", {"currency": "ABC"}, False),
        ("valid('currency', currency, '2022')", {"currency": "HRK"}, True),
        ("valid('currency', currency, '2023')", {"currency": "HRK"}, False),
        ("valid('currency', currency, '2022-12-31')", {"currency": "HRK"}, True),
        ("valid('currency', currency, '2023-01-01')", {"currency": "HRK"}, False),
        ("valid('currency', currency, '2021-2022')", {"currency": "HRK"}, True),
        ("valid('currency', budget, '2026')", {"budget": 978}, False),
    ],
)
def test_a_function_tells(expression: str, record: dict[str, Any], *, holds: bool) -> None:
    assert outcome(expression, record, missing="given") is holds


MANY_WORDS = {"given", "absent", "default", "at_least_one", "only_one", "one_or_all", "dependent"}
"""Inside these a value may always be missing."""

TAKES = {
    "given": (1, 1),
    "absent": (1, 1),
    "default": (2, 20),
    "at_least_one": (1, 20),
    "only_one": (1, 20),
    "one_or_all": (2, 20),
    "dependent": (2, 20),
    "one_of": (2, 21),
    "between": (3, 3),
    "length": (1, 1),
    "lower": (1, 1),
    "starts_with": (2, 2),
    "contains": (2, 2),
    "abs": (1, 1),
    "matches": (2, 2),
    "differences": (2, 2),
    "values": (2, 2),
    "total": (2, 2),
    "sums_to": (3, 3),
    "unique": (2, 2),
    "each_in": (4, 4),
    "date": (1, 1),
    "days": (2, 2),
    "year": (1, 1),
    "first_day": (1, 1),
    "last_day": (1, 1),
    "needs_period": (1, 1),
    "is_period": (2, 2),
    "previous_period": (1, 1),
    "valid": (3, 3),
    "label": (2, 2),
    "codes": (2, 3),
    "offered": (3, 4),
    "themes": (2, 3),
    "has_themes": (2, 2),
}
FIRST = {
    "matches": ["title", "'[a-z]+'"],
    **{name: ["parts", "'share'"] for name in ("values", "total", "sums_to", "unique")},
    "each_in": ["parts", "'share'", "parts", "'share'"],
    **{name: ["'currency'"] for name in ("valid", "label", "codes", "offered")},
}
LITERALS = {
    "matches": 1,
    "values": 1,
    "total": 1,
    "sums_to": 1,
    "unique": 1,
    "each_in": 1,
    "valid": 0,
    "label": 0,
    "codes": 0,
    "offered": 0,
}


def call(name: str, count: int) -> str:
    """Return a call with this number of arguments."""
    return f"{name}({', '.join([*FIRST.get(name, []), *['title'] * count][:count])})"


def refusal(expression: str, **about: Any) -> str:
    with pytest.raises(ExpressionIsRefused) as refused:
        translated(expression, **about)
    assert str(refused.value) == f"{expression!r}: {refused.value.reason}"
    return refused.value.reason


def test_every_function_of_the_page_is_there_and_no_other() -> None:
    assert set(FUNCTIONS) - set(IATI_FUNCTIONS) == set(TAKES)
    assert MAX_ARGUMENTS == 20


@pytest.mark.parametrize("name", TAKES)
def test_a_function_takes_so_many_arguments_and_not_one_more_or_less(name: str) -> None:
    min_arguments, most = TAKES[name]
    translated(call(name, min_arguments))
    translated(call(name, most))
    for count in (min_arguments - 1, most + 1):
        assert refusal(call(name, count)) == f"{name}() does not accept {count} arguments"


@pytest.mark.parametrize("name", TAKES)
def test_what_a_function_is_given_may_be_missing_only_where_that_is_what_it_asks(name: str) -> None:
    judged = translated(call(name, TAKES[name][0]))
    assert (judged.absent is None) == (name in MANY_WORDS)


@pytest.mark.parametrize(("name", "at"), LITERALS.items())
def test_what_is_checked_when_a_rule_is_loaded_is_a_text_in_quotation_marks(name: str, at: int) -> None:
    arguments = [*FIRST[name], "title", "title"][: TAKES[name][0]]
    for other in ("title", "7", "'a' + 'b'"):
        expression = f"{name}({', '.join([*arguments[:at], other, *arguments[at + 1 :]])})"
        assert refusal(expression) == f"{name}() requires a text in quotation marks here"


@pytest.mark.parametrize("name", ["valid", "label", "codes", "offered"])
def test_a_code_list_that_is_not_there_is_refused_by_its_name(name: str) -> None:
    expression = call(name, TAKES[name][0]).replace("currency", "colours")
    assert refusal(expression) == "there is no code list 'colours'"


@pytest.mark.parametrize("name", ["values", "total", "sums_to", "unique", "each_in"])
def test_a_list_is_summed_by_a_field_of_its_entries(name: str) -> None:
    expression = call(name, TAKES[name][0])
    expected = f"{name}() requires a list and the name of a field of its entries"
    assert refusal(expression.replace("share", "colour")) == expected
    assert refusal(expression.replace("parts", "title")) == expected
    assert refusal(expression.replace("parts", "tags")) == expected
    assert refusal(expression.replace("parts", "'a'")) == "the name of a field is expected here"


REFUSED = {
    "a pattern has at most 120 characters": ["a" * 121],
    "a pattern has no back-references": ["(a)\\1", "(?P<x>a)\\g<x>", "\\k"],
    "a pattern has no repeated groups, look-ahead or look-behind": [
        "(a+)+",
        "(a)*",
        "(a)?",
        "(ab){2}",
        "(?=a)",
        "(?:a)",
    ],
    "a pattern has at most 3 repetitions": ["a+b+c+d+", "a*b+c{2}d+"],
    "a pattern has at most 3 repetitions and groups of alternatives together": [
        "(a|b)(c|d)(e|f)(g|h)",
        "(a|b)x+y*z+",
    ],
    "a pattern has at most 4 optional parts": ["a?b?c?d?e?", "a+?b?c?d?e?"],
    "the pattern is malformed": ["[", "(", "a{99999999999}"],
}


@pytest.mark.parametrize(("why", "patterns"), REFUSED.items())
def test_a_pattern_that_may_cost_too_much_is_refused_with_the_reason(why: str, patterns: list[str]) -> None:
    for each in patterns:
        assert refusal(f"matches(title, {each!r})") == why


@pytest.mark.parametrize(
    "pattern",
    [
        "a" * 120,
        "a+b*c{2}",
        "[+*]+",
        "\\+\\*\\{\\+a",
        "(a|b)c",
        "([x]?a)",
        "(a)[b]+",
        "[^]]+",
        "a?b?c?d?",
        "(a|b)(c|d)(e|f)",
        "(a|b)c+d+",
        "(a)(b)(c)(d)",
        "(a)\\d",
    ],
)
def test_a_pattern_whose_cost_is_bounded_may_be_matched(pattern: str) -> None:
    translated(f"matches(title, {pattern!r})")


@pytest.mark.parametrize("value", [True, "7", None, [7], {}])
def test_only_numbers_are_reckoned_with(value: Any) -> None:
    with pytest.raises(NotANumber, match=rf"^{type(value).__name__} is not a number$"):
        number(value)
    assert number(0) == 0
    assert number(-0.5) == -0.5


@pytest.mark.parametrize(
    "expression", ["abs(title)", "total(parts, 'code')", "sums_to(parts, 'code', 1)", "-title"]
)
def test_a_text_where_a_number_is_reckoned_with_is_an_error_that_names_it(expression: str) -> None:
    with pytest.raises(NotANumber, match="str is not a number"):
        outcome(expression, {"title": "7", **PARTS})


# forms


@pytest.mark.parametrize("expression", ["title.upper()", "given(*tags)", "given(title, **tags)", "(1)(2)"])
def test_a_call_is_a_name_with_plain_arguments(expression: str) -> None:
    assert refusal(expression) == "call a function by its name, with arguments separated by commas"


def test_a_function_that_is_not_there_is_refused_by_its_name() -> None:
    assert refusal("fetch(title)") == "there is no function 'fetch'"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("every()", "every() requires a list and a condition"),
        ("every(tags)", "every() requires a list and a condition"),
        ("some(tags)", "some() requires a list and a condition"),
        ("every(tags, True, True)", "every() requires a list and a condition"),
        ("count()", "count() requires a list and a condition"),
        ("count(tags, True, True)", "count() requires a list and a condition"),
        ("every(title, True)", "every() requires a list"),
        ("count(place)", "count() requires a list"),
        ("count(3)", "the name of a field is expected here"),
        ("every(parts, every(item.days, some(tags, True)))", "lists are nested at most 2 deep"),
        ("known('need', ref, '2026')", "known() requires kind, reporter, period and ref of a record"),
        (
            "withdrawn('need', ref, '2026', ref, 1)",
            "withdrawn() requires kind, reporter, period and ref of a record",
        ),
        ("times(tags, 'ref', ref)", "times() counts the records of a submission only"),
        ("times(records, 'ref', ref)", "times() counts the records of a submission only"),
    ],
)
def test_a_form_that_is_used_wrongly_says_how_it_is_used(expression: str, reason: str) -> None:
    assert refusal(expression) == reason


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("times(records, 'ref')", "times() requires the records, the name of a field and a value"),
        ("times(records, 'ref', 'A', 'B')", "times() requires the records, the name of a field and a value"),
        ("times('records', 'ref', 'A')", "times() counts the records of a submission only"),
        ("times(titles, 'ref', 'A')", "times() counts the records of a submission only"),
        ("times(records, 'colour', 'A')", "times() requires a list and the name of a field of its entries"),
        ("times(records, title, 'A')", "times() requires a list and the name of a field of its entries"),
        ("times(records, 7, 'A')", "times() requires a list and the name of a field of its entries"),
    ],
)
def test_records_are_counted_by_a_field_and_a_value(expression: str, reason: str) -> None:
    assert refusal(expression, scope=OVER_RECORDS) == reason


def test_two_lists_may_be_walked_inside_one_another_and_the_entries_of_a_rule_are_one() -> None:
    rows = {"parts": [{"days": ["2026-01-01"]}, {"days": ["2026-01-01", "2026-01-02"]}]}
    assert outcome("every(parts, count(item.days, item > '2026-01-01') <= 1)", rows) is True
    assert outcome("some(parts, every(item.days, item > '2026-01-01'))", rows) is False
    assert outcome("every(item.days, item > '2026')", item=rows["parts"][0], scope=EACH_PART) is True
    deeper = "every(item.days, some(tags, True))"
    assert refusal(deeper, scope=EACH_PART) == "lists are nested at most 2 deep"


def test_lists_that_are_walked_one_after_another_are_not_deeper() -> None:
    expression = "every(tags, item != 'x') and every(tags, item != 'y') and every(parts, every(item.days, item > '2026'))"
    assert outcome(expression, {"tags": ["a"], "parts": [{"days": ["2026-02-01"]}]}) is True


WITHOUT = {"parts": [{"share": 60}, {"code": "a"}]}


@pytest.mark.parametrize(
    ("expression", "skip", "fail", "given"),
    [
        ("every(parts, item.share != 3)", True, False, True),
        ("every(parts, item.share == 3)", False, False, False),
        ("some(parts, item.share != 60)", False, False, True),
        ("some(parts, item.share == 60)", True, True, True),
        ("count(parts, item.share != 60) == 1", False, False, True),
        ("count(parts, item.share != 3) == 2", False, False, True),
        ("every(parts, item.share == 60 or item.code == 'b')", True, False, False),
        ("every(parts, default(item.share, 3) != 3)", False, False, False),
        ("every(parts, given(item.share) or given(item.code))", True, True, True),
    ],
)
def test_an_entry_that_lacks_a_value_is_passed_over_or_counts_against_the_rule_or_is_judged(
    expression: str, *, skip: bool, fail: bool, given: bool
) -> None:
    told = {missing: outcome(expression, WITHOUT, missing=missing) for missing in ("skip", "fail", "given")}
    assert told == {"skip": skip, "fail": fail, "given": given}


@pytest.mark.parametrize(
    ("expression", "record", "expected"),
    [
        ("count(parts) == 0", {}, True),
        ("count(parts) == 3", PARTS, True),
        ("count(parts, item.share > 50) == 0", {}, True),
        ("count(parts, item.share > 50) == 1", PARTS, True),
        ("every(parts, item.share > 50)", {}, "missing"),
        ("some(parts, item.share > 50)", {}, "missing"),
        ("count(parts, item.share > budget) == 0", PARTS, "missing"),
        ("count(parts) == 0 and budget > 0", {}, "missing"),
        ("given(title) and budget > 0", {"title": "A"}, "missing"),
        ("given(length(title))", {}, "missing"),
        ("at_least_one(length(title), budget)", {"title": "A"}, True),
        ("given(budget) or count(parts, given(item.code)) == 3", PARTS, True),
    ],
)
def test_only_what_may_be_missing_may_be_missing(
    expression: str, record: dict[str, Any], expected: Any
) -> None:
    assert outcome(expression, record) == expected


@pytest.mark.parametrize("state", ["in_force", "returned", "withdrawn", None])
def test_a_record_of_others_is_known_while_it_is_in_force_and_withdrawn_once_it_was(
    state: str | None,
) -> None:
    identity = ("need", "AL-WBCTi", "2025-2026", "N-1")
    context = Context(Snapshot(known={} if state is None else {identity: state}))
    arguments = "('need', submission.reporter, submission.period, ref)"
    assert outcome(f"known{arguments}", {"ref": "N-1"}, context=context) is (state == "in_force")
    assert outcome(f"withdrawn{arguments}", {"ref": "N-1"}, context=context) is (state == "withdrawn")
    assert outcome(f"known{arguments}", {"ref": "N-2"}, context=context) is False
    assert outcome(f"known{arguments}", {}, context=context) == "missing"


def test_the_records_with_a_value_are_counted() -> None:
    context = Context(columns={"title": ["A", "B", "A"]})
    for ref, times in (("A", 2), ("B", 1), ("C", 0)):
        expression = f"times(records, 'title', item.ref) == {times}"
        assert outcome(expression, item={"ref": ref}, scope=EACH_RECORD, context=context) is True
    assert context.times("title") is context.times("title")
    assert not context.times("currency")


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("times(records, 'title', 'A') == 1", {"title"}),
        ("unique(records, 'ref')", {"ref"}),
        ("every(records, item.budget > 0)", {"budget"}),
        ("every(records, every(item.parts, item.share > 0))", {"parts"}),
        ("count(records) > 0", set()),
    ],
)
def test_of_all_records_only_the_fields_are_kept_that_are_read(expression: str, columns: set[str]) -> None:
    assert translated(expression, scope=OVER_RECORDS).columns == columns


@pytest.mark.parametrize("expression", ["unique(parts, 'code')", "every(parts, item.share > 0)"])
def test_the_fields_of_a_records_own_list_are_no_columns(expression: str) -> None:
    assert translated(expression, scope=SCOPE).columns == set()
