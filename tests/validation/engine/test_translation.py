"""Translation of expressions: the fields read, the values required, and the limits of the language."""

from typing import Any

import pytest

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.rule_translation import MISSING, SKIPS, translate
from services.validation.engine.domain.language.scopes import ExpressionIsRefused, Loads, Scope
from services.validation.engine.domain.reading import SUBMISSION
from services.validation.engine.domain.references.lookups import Snapshot
from shared.reference.fields import Field
from tests.validation.minimal_ruleset import (
    EACH_PART,
    EACH_RECORD,
    FACTS,
    FIELDS,
    OVER_RECORDS,
    RECORDS,
    SCOPE,
    outcome,
    translated,
    value,
)

PREVIOUS = Scope({**FIELDS, "previous": Field("previous", "block", fields=FIELDS)}, SUBMISSION)
SIMILAR = Scope(
    {**FIELDS, "similar": Field("similar", "list", items=Field("support", "block", fields=FIELDS))},
    SUBMISSION,
)


def reason(expression: str, scope: Scope = SCOPE) -> str:
    with pytest.raises(ExpressionIsRefused) as refused:
        translated(expression, scope=scope)
    return refused.value.reason


# limits: at the limit and one beyond

TOO_MANY = "it has more than 200 parts"
COMPARE = "compare with ==; a single = is not an operator"
STRAIGHT = "enclose text in straight quotation marks, ' or \""
WALKED = "lists have no indexes; read them with some(), every(), count() or for_each"
NO_CONSTANT = "a constant must be a short text, a number, True or False"


@pytest.mark.parametrize(
    ("allowed", "refused", "why"),
    [
        ("True".ljust(800), "True".ljust(801), "it is longer than 800 characters"),
        ("not " * 99 + "True", "not " * 98 + "(True and True)", TOO_MANY),
        (f"title != '{'x' * 200}'", f"title != '{'x' * 201}'", NO_CONSTANT),
        ("budget != 1000000000000000", "budget != 1000000000000001", NO_CONSTANT),
        ("budget != 1e15", "budget != 1.1e15", NO_CONSTANT),
        ("budget != -1000000000000000", "budget != -1000000000000001", NO_CONSTANT),
    ],
)
def test_an_expression_may_be_so_large_and_no_larger(allowed: str, refused: str, why: str) -> None:
    translated(allowed)
    assert reason(refused) == why


@pytest.mark.parametrize("constant", ["None", "...", "b'x'", "1j"])
def test_a_constant_is_a_text_a_number_or_a_truth(constant: str) -> None:
    assert reason(f"title == {constant}") == NO_CONSTANT
    assert value("True") is True
    assert value("0.5") == 0.5
    assert value("''") == ""


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "it is malformed: the end of the line is missing something"),
        ("title ==", "it is malformed: the end of the line is missing something"),
        ("title\x00", "it is malformed"),
        ("(title", "it is malformed: at character 1, ( has no counterpart"),
        ("title == 'it's'", "it is malformed: at character 15, ' has no counterpart"),
        ("title == 'é' currency", "it is malformed: at character 14, 'currency' is unexpected"),
        ("title ==\n'A'", "it is malformed: the end of the line is missing something"),
        ("every(tags,\n)) a", "it is malformed: at character 14, ) has no counterpart"),
        (f"title {'x' * 30}", f"it is malformed: at character 7, '{'x' * 20}' is unexpected"),
        ("title = ref", COMPARE),
        ("every(tags, item = 'x')", COMPARE),
        ("title == \u2018A\u2019", f"\u2018 is a left single quotation mark; {STRAIGHT}"),
        ("title == „A”", f"„ is a double low-9 quotation mark; {STRAIGHT}"),
        ("title == '“AND = ”' currency", "it is malformed: at character 21, 'currency' is unexpected"),
        ("budget > 1 AND budget < 5", "write 'and' instead of 'AND'"),
        ("budget > 1 OR budget < 5", "write 'or' instead of 'OR'"),
        ("NOT budget > 1", "write 'not' instead of 'NOT'"),
        ("budget => 1", "write '>=' instead of '=>'"),
        ("budget ≤ 1", "write '<=' instead of '≤'"),
        ("budget > 1 000", "write numbers without separators: 1000 instead of 1 000"),
        ("budget > 1'000", "write numbers without separators: 1000 instead of 1'000"),
        ("budget > 1.000.000", "write numbers without separators: 1000000 instead of 1.000.000"),
        ("budget > 1,000,000", "write numbers without separators: 1000000 instead of 1,000,000"),
        ("between(budget, 1, 1,500)", "write numbers without separators: 1500 instead of 1,500"),
        ("matches(title, '\\d')", "write a backslash in quotation marks twice"),
        ("lambda: 1", "the rule language has no Lambda"),
        ("title[0]", WALKED),
        ("parts[0].share > 5", WALKED),
        ("total(parts[0], 'share') > 5", WALKED),
        ("[item for item in tags]", "the rule language has no ListComp"),
        ("title in (ref, 'A')", "a list in brackets may hold constants only"),
        ("+budget", "the only signs before a value are 'not' and minus"),
        ("~budget", "the only signs before a value are 'not' and minus"),
        ("budget ** 2", "the only arithmetic operators are +, -, * and /"),
        ("budget % 2", "the only arithmetic operators are +, -, * and /"),
        ("title is ref", "the language has no 'is'; compare with =="),
        ("title is not ref", "the language has no 'is'; compare with =="),
        ("titel", "there is no field 'titel'. Did you mean 'title'?"),
        ("place.twon", "there is no field 'place.twon'. Did you mean 'town'?"),
        ("evry(tags, True)", "there is no function 'evry'. Did you mean 'every'?"),
        ("starts(title, 'A')", "there is no function 'starts'. Did you mean 'starts_with'?"),
        ("fetch(title)", "there is no function 'fetch'"),
        ("place.city", "there is no field 'place.city'"),
        ("place.town.street", "there is no field 'place.town.street'"),
        ("plaice.town", "there is no field 'plaice'. Did you mean 'place'?"),
        ("submission.clock", "there is no field 'clock'"),
        ("submission", "the name of a field is expected here"),
        ("every('a', True)", "the name of a field is expected here"),
        ("lower(title).x", "a dot is allowed only between the names of a block and its field"),
        ("(1).real", "a dot is allowed only between the names of a block and its field"),
        ("item", "'item' is defined only inside every(), some(), count() and for_each"),
        ("item.code", "'item' is defined only inside every(), some(), count() and for_each"),
        (
            "every(tags, True) and item == 'a'",
            "'item' is defined only inside every(), some(), count() and for_each",
        ),
        ("every(parts, item.colour == 'red')", "there is no field 'colour'"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(expression: str, why: str) -> None:
    assert reason(expression) == why


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("every(records, item == 'A')", "an item that is a record needs a field, such as item.ref"),
        (
            "every(records, count(records) > 1)",
            "the records cannot be read inside another list; use times()",
        ),
        ("title == 'A'", "there is no field 'title'"),
    ],
)
def test_records_are_asked_for_their_fields_and_walked_once(expression: str, why: str) -> None:
    assert reason(expression, OVER_RECORDS) == why


def test_a_rule_that_goes_through_the_records_keeps_the_fields_that_it_reads() -> None:
    assert translated("item.budget > 0 and given(item.place)", scope=EACH_RECORD).columns == {
        "budget",
        "place",
    }
    assert translated("item.share > 0", scope=EACH_PART).columns == set()
    assert reason("item == 'A'", EACH_RECORD) == "an item that is a record needs a field, such as item.ref"


def test_the_records_cannot_be_walked_for_each_of_them() -> None:
    assert "inside another list" in reason("count(records) > item.budget", EACH_RECORD)


def test_a_refusal_shows_the_expression_but_not_all_of_a_long_one() -> None:
    with pytest.raises(ExpressionIsRefused) as refused:
        translated("t" * 1000)
    assert str(refused.value) == f"'{'t' * 800}': it is longer than 800 characters"


# meaning


@pytest.mark.parametrize(
    ("expression", "record", "expected"),
    [
        ("budget == 5", {"budget": 5}, True),
        ("budget != 5", {"budget": 5}, False),
        ("budget < 5", {"budget": 5}, False),
        ("budget <= 5", {"budget": 5}, True),
        ("budget > 5", {"budget": 5}, False),
        ("budget >= 5", {"budget": 5}, True),
        ("title in ('A', 'B')", {"title": "B"}, True),
        ("title in ('AB',)", {"title": "A"}, False),
        ("title not in ['A', 'B']", {"title": "B"}, False),
        ("title in tags", {"title": "B", "tags": ["A", "B"]}, True),
        ("1 < budget < 5", {"budget": 5}, False),
        ("1 < budget <= 5", {"budget": 5}, True),
        ("budget + 2 == 7", {"budget": 5}, True),
        ("budget - 2 == 3", {"budget": 5}, True),
        ("budget * 2 == 10", {"budget": 5}, True),
        ("budget / 2 == 2.5", {"budget": 5}, True),
        ("(budget + 1) * 2 == 12", {"budget": 5}, True),
        ("-budget == 5", {"budget": -5}, True),
        ("budget == -5", {"budget": -5}, True),
        ("not budget == 5 or title == 'A'", {"budget": 5, "title": "A"}, True),
        ("not (budget == 5 or title == 'A')", {"budget": 5, "title": "A"}, False),
        ("title == 'A' or title == 'B' and budget == 1", {"title": "A", "budget": 5}, True),
        ("(title == 'A' or title == 'B') and budget == 1", {"title": "A", "budget": 5}, False),
        ("place.people > 100", {"place": {"people": 101}}, True),
        ("  budget == 5\n", {"budget": 5}, True),
        ("item == 7", {}, True),
    ],
)
def test_an_expression_means_what_it_says(expression: str, record: dict[str, Any], *, expected: bool) -> None:
    scope = Scope(FIELDS, SUBMISSION, Field("entry", "number"))
    assert outcome(expression, record, scope=scope, item=7) is expected


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("start <= end", {"start", "end"}),
        ("place.town == title", {"place", "title"}),
        ("given(title)", {"title"}),
        ("every(parts, item.share > budget)", {"parts", "budget"}),
        ("title == submission.pillar", {"title"}),
        ("True", set()),
    ],
)
def test_a_rule_knows_which_fields_of_the_record_it_reads(expression: str, reads: set[str]) -> None:
    assert translated(expression).reads == reads
    assert translated("True", when=expression).reads == reads


@pytest.mark.parametrize("name", ["pillar", "kind", "period", "tlp", "reporter", "partner", "received_on"])
def test_a_rule_knows_these_facts_of_the_submission_and_no_other(name: str) -> None:
    assert value(f"submission.{name}") == FACTS[name]
    assert set(SUBMISSION) == set(FACTS)


def test_what_is_looked_up_is_no_field_of_the_record() -> None:
    assert translated("previous.title == title", scope=PREVIOUS).reads == {"title"}
    assert translated("given(previous)", scope=PREVIOUS).reads == set()
    assert reason("given(previous)") == "there is no field 'previous'"
    assert reason("previous.colour == title", PREVIOUS) == "there is no field 'colour'"


def test_what_was_accepted_before_is_compared_with_what_is_there_now() -> None:
    before = Context(Snapshot(previous={"A": {"title": "Old", "place": {"town": "Tirana"}}}))
    record = {"ref": "A", "title": "New"}
    assert outcome("previous.title == 'Old'", record, scope=PREVIOUS, context=before) is True
    assert outcome("previous.place.town == 'Tirana'", record, scope=PREVIOUS, context=before) is True
    assert outcome("previous.budget > 0", record, scope=PREVIOUS, context=before) == "missing"
    assert outcome("previous.title == 'Old'", {"ref": "B"}, scope=PREVIOUS, context=before) == "missing"
    assert outcome("absent(previous)", {"ref": "B"}, scope=PREVIOUS, context=before) is True
    assert outcome("absent(previous)", record, scope=PREVIOUS, context=before) is False


def test_support_like_the_record_can_be_walked_and_an_empty_answer_is_none() -> None:
    like = Context(Snapshot(similar={"A": [{"budget": 5}], "B": []}))
    assert outcome("some(similar, item.budget == 5)", {"ref": "A"}, scope=SIMILAR, context=like) is True
    assert outcome("some(similar, item.budget == 5)", {"ref": "B"}, scope=SIMILAR, context=like) == "missing"
    assert outcome("count(similar) == 0", {"ref": "C"}, scope=SIMILAR, context=like) is True


def test_no_open_needs_of_the_period_before_are_a_missing_list() -> None:
    former = Field("former", "list", items=Field("need", "block", fields=FIELDS))
    scope = Scope({"records": RECORDS, "former": former}, SUBMISSION)
    expression = "every(former, item.title == 'A')"
    assert outcome(expression, scope=scope) == "missing"
    for title, holds in (("A", True), ("B", False)):
        context = Context(Snapshot(former=[{"ref": "F", "title": title}]))
        assert outcome(expression, scope=scope, context=context) is holds


# required values


def test_a_rule_is_skipped_for_a_missing_value_or_for_its_condition_and_says_which() -> None:
    when = "title == 'A'"
    assert outcome("budget > 0", {"title": "A"}, when=when) == "missing"
    assert outcome("budget > 0", {"title": "B"}, when=when) == "condition"
    assert outcome("budget > 0", {"budget": -1}, when=when) == "condition"
    assert outcome("budget > 0", {"title": "A", "budget": -1}, when=when) is False
    assert outcome("budget > 0", {"title": "A", "budget": 1}, when=when) is True
    assert SKIPS == ("missing", "condition", "broken", "nothing")


def test_a_condition_that_needs_nothing_holds_or_does_not() -> None:
    when = "given(title) or given(currency)"
    assert outcome("budget > 0", {"budget": 1}, when=when) == "condition"
    assert outcome("budget > 0", {"budget": 1, "currency": "EUR"}, when=when) is True
    assert outcome("budget > 0", {"title": "A"}, when=when) == "missing"


@pytest.mark.parametrize(("missing", "expected"), [("skip", "missing"), ("fail", False), ("given", True)])
def test_the_rule_says_what_a_missing_value_does_but_not_in_its_condition(
    missing: str, expected: Any
) -> None:
    assert missing in MISSING
    assert outcome("title != 'A'", {}, missing=missing) == expected
    assert outcome("True", {}, when="title != 'A'", missing=missing) == "condition"
    assert outcome("title != 'A'", {"budget": 1}, when="budget > 0", missing=missing) == expected


@pytest.mark.parametrize(
    ("expression", "record"),
    [
        ("title == currency", {"title": "A"}),
        ("title == currency", {"currency": "A"}),
        ("place.town == 'Tirana'", {"place": {"people": 1}}),
        ("place.town == 'Tirana'", {}),
        ("every(tags, True)", {}),
    ],
)
def test_every_value_that_is_read_must_be_there(expression: str, record: dict[str, Any]) -> None:
    assert outcome(expression, record) == "missing"


def test_of_an_entry_too() -> None:
    assert outcome("item.share > 5", item={"code": "a"}, scope=EACH_PART) == "missing"
    assert outcome("item.share > 5", item={"share": 6}, scope=EACH_PART) is True
    assert outcome("given(item.share)", item={"code": "a"}, scope=EACH_PART) is False


@pytest.mark.parametrize("expression", ["given(title)", "True", "count(tags) > 0"])
def test_what_needs_nothing_is_never_skipped_for_what_is_missing(expression: str) -> None:
    assert translated(expression).absent is None
    assert translated(f"title == 'A' and {expression}").absent is not None
    assert translated(f"title == 'A' and {expression}", missing="given").absent is None


def test_a_value_that_two_parts_of_a_rule_read_is_fetched_once() -> None:
    loads = Loads()
    translate("budget > 0", "budget < 9 and title == 'A'", missing="skip", scope=SCOPE, loads=loads)
    assert sorted(load.source for load in loads.all) == ["r.get('budget')", "r.get('title')"]
    assert {load.root for load in loads.all} == {"r"}
    assert len({load.variable for load in loads.all}) == 2


def test_the_entries_of_another_list_are_fetched_anew() -> None:
    loads = Loads()
    first = loads.variable("i0.get('code')", "i")
    kept = loads.variable("r.get('code')", "r")
    assert [load.variable for load in loads.take_item_loads()] == [first]
    assert loads.take_item_loads() == []
    assert loads.variable("i0.get('code')", "i") != first
    assert loads.variable("r.get('code')", "r") == kept


@pytest.mark.parametrize(
    ("expression", "expected"), [("title", None), ("item.code", "a"), ("budget * 2", 10)]
)
def test_a_message_asks_for_a_value_that_may_be_missing(expression: str, expected: Any) -> None:
    assert value(expression, {"budget": 5}, scope=EACH_PART, item={"code": "a"}) == expected


def test_an_expression_sees_our_own_functions_and_nothing_else() -> None:
    loads = Loads()
    test = translate(None, "given(title)", missing="skip", scope=SCOPE, loads=loads).test(loads)
    reach = test.__globals__
    assert reach["__builtins__"] == {}
    assert reach["E"] == {}
    ours = {name for name in reach if not name.startswith(("f_", "__"))}
    assert ours == {"E", "n", "k", "Exception", "DAYS", "all", "any", "sum", "len", "enumerate", "made"}
