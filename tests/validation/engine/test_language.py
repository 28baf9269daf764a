"""Expressions: their meaning, and the constructs that are refused."""

from typing import Any

import pytest

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.rule_translation import translate, translate_value
from services.validation.engine.domain.language.scopes import ExpressionIsRefused, Loads, Scope
from services.validation.engine.domain.reading import SUBMISSION
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.rulesets.operations.files import shapes
from shared.reference.fields import Field

FIELDS = shapes().names(["need", "response", "support"])
SCOPE = Scope(FIELDS, SUBMISSION)
OVER_RECORDS = Scope(
    {"records": Field("records", "list", items=Field("record", "block", fields=FIELDS))}, SUBMISSION
)
OF_SUBMISSION = {"pillar": "WBCTi", "period": "2025-2026", "reporter": "AL-WBCTi", "partner": "AL"}


def judged(
    expression: str,
    record: Any,
    *,
    when: str | None = None,
    missing: str = "skip",
    item: Any = None,
    scope: Scope = SCOPE,
    context: Context | None = None,
) -> bool | None:
    loads = Loads()
    test = translate(when, expression, missing=missing, scope=scope, loads=loads).test(loads)
    outcome = test(record, OF_SUBMISSION, item, context or Context())
    return None if isinstance(outcome, str) else outcome


@pytest.mark.parametrize(
    ("expression", "record", "outcome"),
    [
        ("start <= end", {"start": "2026-01-01", "end": "2026-02-01"}, True),
        ("start <= end", {"start": "2026-03-01", "end": "2026-02-01"}, False),
        ("start <= end", {"start": "2026-03-01"}, None),
        ("days(start, end) == 31", {"start": "2026-01-01", "end": "2026-02-01"}, True),
        ("date(end) - date(start) > 30", {"start": "2026-01-01", "end": "2026-02-01"}, True),
        ("year(start) == 2026", {"start": "2026-01-01"}, True),
        ("1 <= price_year - 2000 < 30", {"price_year": 2026}, True),
        ("budget / 2 + 1 == 51", {"budget": 100}, True),
        ("budget * 2 == -200", {"budget": -100}, True),
        ("-budget == 5", {"budget": -5}, True),
        ("between(budget, 1, 10)", {"budget": 10}, True),
        ("currency in ('EUR', 'ALL')", {"currency": "ALL"}, True),
        ("currency not in ['EUR', 'ALL']", {"currency": "ALL"}, False),
        ("one_of(currency, 'EUR', 'ALL')", {"currency": "BAM"}, False),
        ("not (currency == 'EUR') or budget > 3", {"currency": "EUR", "budget": 4}, True),
        ("starts_with(ref, 'AL-') and length(ref) == 6", {"ref": "AL-001"}, True),
        ("matches(ref, '[A-Z]+-[0-9]+')", {"ref": "AL-001"}, True),
        ("matches(ref, '[A-Z]+')", {"ref": "AL-001"}, False),
        ("matches(title, '.*')", {"title": "x" * 501}, False),
        ("lower(title) == 'n/a'", {"title": " N/A "}, True),
        ("given(title)", {}, False),
        ("absent(title)", {}, True),
        ("default(title, ref) == 'A'", {"ref": "A"}, True),
        ("at_least_one(title, ref)", {"ref": "A"}, True),
        ("at_least_one(title, ref)", {}, False),
        ("only_one(title, ref)", {"ref": "A", "title": "B"}, False),
        ("dependent(title, ref)", {"ref": "A"}, False),
        ("dependent(title, ref)", {}, True),
        ("training.urgency > 3", {"training": {"urgency": 4}}, True),
        ("training.urgency > 3", {"training": {}}, None),
        ("training.urgency > 3", {}, None),
        ("submission.partner == 'AL'", {}, True),
        ("submission.tlp == 'TLP:RED'", {}, None),
        ("count(needs) == 0", {}, True),
        (
            "count(themes, item.percentage > 50) == 1",
            {"themes": [{"percentage": 60}, {"percentage": 40}, {}]},
            True,
        ),
        ("every(themes, item.percentage > 50)", {"themes": [{"percentage": 60}, {}]}, True),
        ("every(themes, item.percentage > 50)", {"themes": [{"percentage": 60}, {"percentage": 40}]}, False),
        ("every(themes, item.percentage > 50)", {}, None),
        ("some(themes, item.percentage > 50)", {"themes": [{"percentage": 40}, {"percentage": 60}]}, True),
        ("some(themes, item.percentage > 50)", {"themes": [{}]}, False),
        ("some(capabilities, item == 'it')", {"capabilities": ["training", "it"]}, True),
        ("total(themes, 'percentage') == 100", {"themes": [{"percentage": 60}, {"percentage": 40}]}, True),
        ("sums_to(themes, 'percentage', 100)", {"themes": [{"percentage": 33.33}] * 3}, True),
        ("sums_to(themes, 'percentage', 100)", {"themes": [{"percentage": 33}] * 3}, False),
        ("unique(themes, 'code')", {"themes": [{"code": "a"}, {"code": "a"}]}, False),
        ("valid('theme:WBCSCi', theme, '2024')", {"theme": "empact22_drugs"}, True),
        ("valid('theme:WBCSCi', theme, '2026')", {"theme": "empact22_drugs"}, False),
        ("valid('currency', currency, '2022-12-31')", {"currency": "HRK"}, True),
        ("valid('currency', currency, '2023-01-01')", {"currency": "HRK"}, False),
        ("label('activity_status', activity_status) == 'Closed'", {"activity_status": "4"}, True),
        ("'empact26_drugs' in codes('theme:WBCSCi', submission.period)", {}, True),
        ("needs_period('2026') == submission.period", {}, True),
        ("previous_period(submission.period) == '2023-2024'", {}, True),
        ("previous_period('2026') == '2025'", {}, True),
        ("first_day(submission.period) == '2025-01-01'", {}, True),
        ("last_day(submission.period) == '2026-12-31'", {}, True),
        ("is_period('need', '2024-2025')", {}, False),
    ],
)
def test_an_expression_means_what_the_page_says(
    expression: str, record: Any, *, outcome: bool | None
) -> None:
    assert judged(expression, record) is outcome


@pytest.mark.parametrize(("missing", "outcome"), [("skip", None), ("fail", False), ("given", True)])
def test_what_a_missing_value_does_is_the_rules_choice(missing: str, *, outcome: bool | None) -> None:
    assert judged("title != 'x'", {}, missing=missing) is outcome


@pytest.mark.parametrize(("missing", "outcome"), [("skip", True), ("fail", False), ("given", True)])
def test_the_same_choice_holds_for_the_entries_of_a_list(missing: str, *, outcome: bool | None) -> None:
    assert judged("every(themes, item.percentage != 3)", {"themes": [{}]}, missing=missing) is outcome


def test_a_condition_that_does_not_hold_or_lacks_a_value_skips_the_rule() -> None:
    assert judged("budget > 0", {"budget": -1, "currency": "EUR"}, when="currency == 'ALL'") is None
    assert judged("budget > 0", {"budget": -1}, when="currency == 'ALL'", missing="fail") is None
    assert judged("budget > 0", {"budget": -1, "currency": "ALL"}, when="currency == 'ALL'") is False


def test_a_rule_over_a_list_sees_the_item_and_the_record() -> None:
    scope = Scope(FIELDS, SUBMISSION, FIELDS["transactions"].items)
    expression = "item.date >= actual_start and default(item.currency, currency) == 'EUR'"
    record = {"actual_start": "2026-01-01", "currency": "EUR"}
    assert judged(expression, record, item={"date": "2026-02-01"}, scope=scope) is True
    assert judged(expression, record, item={"date": "2025-02-01"}, scope=scope) is False
    assert judged(expression, record, item={}, scope=scope) is None


def test_records_of_a_submission_can_be_counted_by_a_value() -> None:
    scope = Scope(OVER_RECORDS.names, SUBMISSION, OVER_RECORDS.names["records"].items)
    context = Context(columns={"ref": ["A", "B", "A"]})
    assert judged("times(records, 'ref', item.ref) == 1", {}, item={"ref": "B"}, scope=scope, context=context)
    assert not judged(
        "times(records, 'ref', item.ref) == 1", {}, item={"ref": "A"}, scope=scope, context=context
    )


def test_lists_within_the_records_can_be_walked_once_more() -> None:
    record = {"records": [{"needs": [{"share": 20}]}, {"needs": [{"share": 120}]}]}
    assert judged("every(records, every(item.needs, item.share <= 100))", record, scope=OVER_RECORDS) is False


def test_only_what_is_known_of_others_can_be_looked_up() -> None:
    context = Context(Snapshot(known={("need", "AL-WBCTi", "2025-2026", "CT-1"): "in_force"}))
    expression = "known('need', submission.reporter, submission.period, ref)"
    assert judged(expression, {"ref": "CT-1"}, context=context) is True
    assert judged(expression, {"ref": "CT-2"}, context=context) is False


@pytest.mark.parametrize(
    "expression", ["title + title", "'a' * 3", "themes * 9", "-title", "title < 3", "budget / 0"]
)
def test_nonsense_raises_so_that_the_rule_is_shown_as_errored(expression: str) -> None:
    with pytest.raises((TypeError, ZeroDivisionError)):
        judged(expression, {"title": "A", "themes": [{}], "budget": 1})


UNSAFE = [
    # reaching out
    "__import__('os')",
    "__import__('os').system('true')",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "globals()",
    "print(title)",
    "__builtins__",
    "title.__class__",
    "title.__class__.__mro__",
    "title.upper()",
    "title.upper",
    "submission.__class__",
    "submission.get('tlp')",
    "submission",
    "item",
    "item.ref",
    "training.__dict__",
    "''.join(title)",
    "(1).real",
    "f_given(title)",
    "getattr(title, 'upper')",
    "vars()",
    "x",
    "r",
    "s",
    "E",
    "v0",
    # shapes that the language lacks
    "[item for item in themes]",
    "{item for item in themes}",
    "{1: 2}",
    "{1, 2}",
    "(item for item in themes)",
    "lambda: 1",
    "title if ref else ref",
    "title[0]",
    "title[0:9]",
    "f'{title}'",
    "(title := ref)",
    "*themes",
    "given(*themes)",
    "given(x=title)",
    "title is None",
    "None",
    "...",
    "b'x'",
    "1j",
    "await title",
    "yield",
    "import os",
    "title; ref",
    "title = 'x'",
    "~budget",
    "+budget",
    "(title, ref)",
    "",
    "   ",
    "title ==",
    "title\x00",
    # for ever, or beyond memory
    "9 ** 9 ** 9",
    "1 << 99",
    "budget % 2",
    "budget // 2",
    "1e999",
    "9" * 40 + " > 1",
    "'" + "x" * 300 + "' == title",
    "title == 'x'" + " or title == 'x'" * 90,
    "(" * 300 + "1" + ")" * 300,
    "not " * 190 + "title",
    "-" * 700 + "1",
    "matches(title, '(a+)+b')",
    "matches(title, '(a|a)*b')",
    "matches(title, '(a|b){2,}')",
    "matches(title, '(.*)(.*)\\\\1')",
    "matches(title, '(?=a)a')",
    "matches(title, '.*.*.*.*.*b')",
    "matches(title, '" + "a?" * 30 + "a" * 30 + "')",
    "matches(title, '" + "(a|a)" * 20 + "b')",
    "matches(title, '[')",
    "matches(title, '" + "a" * 130 + "')",
    "matches(title, ref)",
    "every(themes, some(sectors, every(needs, item.share > 1)))",
    "every(themes, total(sectors, 'percentage') > item.percentage)",
    "some(transactions, unique(themes, 'code'))",
    # words used wrongly
    "known('need')",
    "given()",
    "days(start)",
    "every(themes)",
    "every(title, True)",
    "count()",
    "count(themes, True, True)",
    "total(themes, 'colour')",
    "total(themes, title)",
    "total(title, 'x')",
    "unique(capabilities, 'x')",
    "valid('theme:' + submission.pillar, theme, '2026')",
    "valid('colours', theme, '2026')",
    "valid(theme, theme, '2026')",
    "times(records, 'ref', ref)",
    "records",
    "training.colour",
    "training.topic.length",
    "titel",
]


@pytest.mark.parametrize("expression", UNSAFE)
def test_what_is_not_in_the_language_is_refused_when_it_is_loaded(expression: str) -> None:
    with pytest.raises(ExpressionIsRefused):
        translate(None, expression, missing="skip", scope=SCOPE, loads=Loads())
    with pytest.raises(ExpressionIsRefused):
        translate(expression, "given(title)", missing="skip", scope=SCOPE, loads=Loads())
    with pytest.raises(ExpressionIsRefused):
        translate_value(expression, scope=SCOPE)


@pytest.mark.parametrize("expression", [r"matches(title, '\s+')", r"title == '\d'"])
def test_a_single_backslash_is_refused_with_what_to_write(expression: str) -> None:
    with pytest.raises(ExpressionIsRefused, match="write a backslash in quotation marks twice"):
        translate(None, expression, missing="skip", scope=SCOPE, loads=Loads())


@pytest.mark.parametrize(
    "expression",
    [
        "every(records, every(records, True))",
        "every(records, unique(records, 'ref'))",
        "every(records, times(titles, 'ref', item.ref) == 1)",
        "every(records, times(records, 'colour', item.ref) == 1)",
    ],
)
def test_records_cannot_be_walked_for_each_record(expression: str) -> None:
    with pytest.raises(ExpressionIsRefused):
        translate(None, expression, missing="skip", scope=OVER_RECORDS, loads=Loads())


@pytest.mark.timeout(30)
def test_a_pattern_at_its_worst_ends() -> None:
    assert judged("matches(title, '.*a.*b.*c')", {"title": "ab" * 250}) is False
