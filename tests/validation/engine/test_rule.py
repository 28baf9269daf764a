"""One rule: its records, its filled texts, and its description of a place."""

import re
from typing import Any, NamedTuple

import pytest

from services.validation.engine.domain.evaluation.evaluating import (
    MAX_CAUSE_LENGTH,
    cause_of,
    describe_place,
    items_of,
    outcome_of,
    pointer_of,
)
from services.validation.engine.domain.findings import Place
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.messages import MAX_ENTRIES, Filling
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Rule
from services.validation.engine.domain.words import DEVELOPER
from tests.validation.minimal_ruleset import FACTS, rule, ruleset, written

OURS = "This rule could not be evaluated because the rule itself is faulty. You need not change anything; the operators are notified."


def message(text: str, record: dict[str, Any]) -> str:
    return rule(message=text).message.filled(Filling(record, FACTS, None, Context(), DEVELOPER))


# kinds and periods


@pytest.mark.parametrize(
    ("periods", "period", "applies"),
    [
        (None, "2025-2026", True),
        (None, "2099", True),
        ({"from": 2025}, "2023-2024", False),
        ({"from": 2024}, "2023-2024", True),
        ({"from": 2023}, "2023-2024", True),
        ({"from": 2025}, "2027-2028", True),
        ({"to": 2024}, "2025-2026", False),
        ({"to": 2025}, "2025-2026", True),
        ({"to": 2026}, "2025-2026", True),
        ({"to": 2026}, "2023-2024", True),
        ({"from": 2025, "to": 2026}, "2026", True),
        ({"from": 2025, "to": 2026}, "2024", False),
        ({"from": 2025, "to": 2026}, "2027", False),
        ({"from": 2025}, "no period", True),
    ],
)
def test_a_rule_is_for_the_years_that_it_names_and_for_a_period_that_has_one_of_them(
    periods: Any, period: str, *, applies: bool
) -> None:
    assert rule(periods=periods).applies_to(kind="need", period=period) is applies


def test_a_rule_is_for_the_mappings_that_it_names() -> None:
    of_two = rule(kinds=["need", "support"])
    assert of_two.applies_to(kind="support", period="2026") is True
    assert of_two.applies_to(kind="response", period="2026") is False
    assert of_two.applies_to(kind="response", period="no period") is False


def test_of_a_ruleset_the_rules_of_a_mapping_and_period_are_asked_in_their_order() -> None:
    rules = ruleset(
        written(id="TST-01"),
        written(id="TST-02", kinds=["response"]),
        written(id="TST-03", periods={"to": 2024}),
        written(id="TST-04"),
    )
    assert [each.id for each in rules.rules_for(kind="need", period="2025-2026")] == ["TST-01", "TST-04"]


OF_RECORD = rule(for_each="parts", field="share", message="{item.share}", **{"assert": "item.share > 5"})
OF_ALL = rule(
    level="submission",
    for_each="records",
    message="{item.end}",
    expected="None.",
    **{"assert": "given(item.end)"},
)
ONCE = rule(
    level="submission",
    field="",
    message="{count(records)} records.",
    expected="None.",
    **{"assert": "count(records) < 2"},
)
OF_FORMER = rule(
    level="history",
    for_each="former",
    field="",
    message="Where is {item.ref}?",
    expected="{item.title}",
    **{"assert": "times(records, 'ref', item.ref) > 0"},
)
OF_SIMILAR = rule(
    level="reference",
    for_each="similar",
    field="title",
    message="Like {item.ref}, {item.score}.",
    expected="None.",
    **{"assert": "item.score < 90"},
)


def test_a_rule_over_all_records_is_wide_and_one_through_a_records_list_points_into_it() -> None:
    told = {
        name: (each.is_submission_rule, each.goes_through_record)
        for name, each in (
            ("record", rule()),
            ("part", OF_RECORD),
            ("all", OF_ALL),
            ("once", ONCE),
            ("former", OF_FORMER),
            ("similar", OF_SIMILAR),
        )
    }
    assert told == {
        "record": (False, False),
        "part": (False, True),
        "all": (True, True),
        "once": (True, False),
        "former": (True, False),
        "similar": (False, False),
    }


# messages


@pytest.mark.parametrize(
    ("text", "record", "filled"),
    [
        ("Nothing to fill.", {}, "Nothing to fill."),
        ("{title}", {"title": "A"}, "A"),
        ("{title}{title}", {"title": "A"}, "AA"),
        ('The title "{title}" is short.', {"title": "A"}, 'The title "A" is short.'),
        ("{title}", {}, "nothing"),
        ("{title}", {"title": "x" * 81}, "x" * 80 + "…"),
        ("{budget}", {"budget": 5.0}, "5"),
        ("{budget * 2} of {budget}", {"budget": 5}, "10 of 5"),
        ("{budget > 2}", {"budget": 5}, "true"),
        ("{tags}", {"tags": ["a", "b"]}, "a, b"),
        ("{values(parts, 'share')}", {"parts": [{"share": 1.0}, {"share": 2}]}, "1, 2"),
        ("{length(title)} signs", {}, "(unknown) signs"),
        ("{submission.reporter}", {}, "AL-WBCTi"),
    ],
)
def test_a_message_is_filled_with_the_records_values(text: str, record: dict[str, Any], filled: str) -> None:
    assert message(text, record) == filled


def test_of_a_long_list_a_message_writes_twenty_entries_and_says_that_there_are_more() -> None:
    assert MAX_ENTRIES == 20
    twenty = ", ".join(f"t{at}" for at in range(20))
    assert message("{tags}.", {"tags": [f"t{at}" for at in range(20)]}) == f"{twenty}."
    assert message("{tags}.", {"tags": [f"t{at}" for at in range(21)]}) == f"{twenty}, …."


# places


class ListedPlace(NamedTuple):
    """The texts of a place."""

    ref: str | None
    pointer: str
    value: Any
    message: str
    expected: str


def told(place: Place) -> ListedPlace:
    return ListedPlace(place.ref, place.pointer, place.value, place.message, place.expected)


RECORD = {"ref": "A", "start": "2026-03-01", "end": "2026-02-01", "parts": [{"share": 6}, {"share": 1}]}
ROWS = {"records": [{"ref": "A"}, {"ref": "B", "end": "2026-02-01"}]}
FORMER = {"ref": "F", "title": "Old"}
LIKE = {"ref": "Q", "score": 95}
KNOWN = Context(Snapshot(similar={"A": [LIKE]}, former=[FORMER]))


def test_a_rule_judges_the_record_or_each_entry_of_its_list() -> None:
    assert list(items_of(rule(), RECORD, KNOWN)) == [None]
    assert list(items_of(OF_RECORD, RECORD, KNOWN)) == RECORD["parts"]
    assert list(items_of(OF_RECORD, {}, KNOWN)) == []
    assert list(items_of(OF_ALL, ROWS, KNOWN)) == ROWS["records"]
    assert list(items_of(ONCE, ROWS, KNOWN)) == [None]
    assert list(items_of(OF_FORMER, ROWS, KNOWN)) == [FORMER]
    assert list(items_of(OF_FORMER, ROWS, Context())) == []
    assert list(items_of(OF_SIMILAR, RECORD, KNOWN)) == [LIKE]
    assert list(items_of(OF_SIMILAR, {"ref": "B"}, KNOWN)) == []


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"start": "2026-01-01", "end": "2026-01-01"}, ("passed", None)),
        ({"start": "2026-01-02", "end": "2026-01-01"}, ("failed", None)),
        ({"start": "2026-01-02"}, ("skipped", "missing")),
        ({"start": "2026-01-02", "end": "2026-01-01", "title": "x"}, ("skipped", "condition")),
        (
            {"start": 7, "end": "2026"},
            ("errored", "TypeError: '<=' not supported between instances of 'int' and 'str'"),
        ),
    ],
)
def test_one_place_passes_fails_is_skipped_or_breaks_and_says_why(record: Any, expected: Any) -> None:
    judged = rule(when="absent(title)")
    assert outcome_of(judged, record, FACTS, None, Context()) == expected


def test_the_cause_is_told_by_its_kind_and_not_at_length() -> None:
    assert cause_of(KeyError("x")) == "KeyError: 'x'"
    assert len(cause_of(ValueError("x" * 300))) == MAX_CAUSE_LENGTH == 200


@pytest.mark.parametrize(
    ("judged", "index", "at", "pointer"),
    [
        (rule(), 7, None, "/records/7"),
        (OF_RECORD, 7, 3, "/records/7/parts/3"),
        (OF_SIMILAR, 7, 3, "/records/7"),
        (OF_ALL, 0, 3, "/records/3"),
        (ONCE, 0, None, "/records"),
        (OF_FORMER, 0, 3, "/records"),
    ],
)
def test_a_finding_points_at_the_record_the_entry_or_all_records(
    judged: Any, index: int, at: int | None, pointer: str
) -> None:
    assert pointer_of(judged, index, at) == pointer


@pytest.mark.parametrize(
    ("judged", "record", "item", "pointer", "place"),
    [
        (
            rule(),
            RECORD,
            None,
            "/records/0",
            ListedPlace(
                "A",
                "/records/0/end",
                "2026-02-01",
                "The end, 2026-02-01, lies before the start.",
                "An end on or after 2026-03-01.",
            ),
        ),
        (
            rule(field="place.town", **{"assert": "place.town == 'Tirana'"}),
            {"ref": "A", "place": {"town": "Durrës"}},
            None,
            "/records/0",
            ListedPlace(
                "A",
                "/records/0/place/town",
                "Durrës",
                "The end, nothing, lies before the start.",
                "An end on or after nothing.",
            ),
        ),
        (
            rule(
                field="place.town",
                missing="fail",
                message="{place.town}",
                **{"assert": "place.town == 'Tirana'"},
            ),
            {"ref": "A"},
            None,
            "/records/0",
            ListedPlace("A", "/records/0/place/town", None, "nothing", "An end on or after nothing."),
        ),
        (
            rule(field="", message="M.", expected="E."),
            {"start": "2026-03-01", "end": "2026-02-01"},
            None,
            "/records/0",
            ListedPlace(None, "/records/0", '{start: "2026-03-01", end: "2026-02-01"}', "M.", "E."),
        ),
        (
            OF_RECORD,
            RECORD,
            {"share": 1},
            "/records/0/parts/1",
            ListedPlace("A", "/records/0/parts/1/share", 1, "1", "An end on or after 2026-03-01."),
        ),
        (
            OF_ALL,
            ROWS,
            {"ref": "A"},
            "/records/0",
            ListedPlace("A", "/records/0/end", None, "nothing", "None."),
        ),
        (ONCE, ROWS, None, "/records", ListedPlace(None, "/records", None, "2 records.", "None.")),
        (
            OF_FORMER,
            {"records": []},
            FORMER,
            "/records",
            ListedPlace("F", "/records", None, "Where is F?", "Old"),
        ),
        (
            OF_SIMILAR,
            {"ref": "A", "title": "T"},
            LIKE,
            "/records/0",
            ListedPlace("A", "/records/0/title", "T", "Like Q, 95.", "None."),
        ),
    ],
)
def test_a_place_says_whose_it_is_where_what_stands_there_and_what_would_pass(
    judged: Any, record: Any, item: Any, pointer: str, place: ListedPlace
) -> None:
    assert told(describe_place(judged, record, FACTS, item, KNOWN, pointer=pointer)) == place


def test_a_place_where_the_rule_broke_says_that_it_is_our_fault() -> None:
    place = describe_place(
        rule(), {"ref": "A", "start": 7, "end": "2026"}, FACTS, None, Context(), pointer="/records/0"
    )
    assert told(place) == ListedPlace(
        "A", "/records/0/end", "2026", OURS, "Submit the same data again when the rule is corrected."
    )


def test_a_value_that_is_long_is_cut_where_it_is_told() -> None:
    judged = rule(field="title", message="M.", **{"assert": "title == 'A'"})
    place = describe_place(judged, {"title": "x" * 501}, FACTS, None, Context(), pointer="/records/0")
    assert place.value == "x" * 500 + "…"


def test_the_fingerprint_of_a_place_is_that_of_all_that_stands_there_and_of_what_it_is_compared_with() -> (
    None
):
    def fingerprint(judged: Rule, record: Any, item: Any = None) -> str:
        return describe_place(judged, record, FACTS, item, KNOWN, pointer="/records/0").fingerprint

    titled = rule(field="title", message="M.", **{"assert": "title == 'A'"})
    long = "x" * 600
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(titled, {"title": long}))
    assert fingerprint(titled, {"title": long}) == fingerprint(titled, {"title": long, "ref": "B"})
    assert fingerprint(titled, {"title": long}) != fingerprint(titled, {"title": f"{long}x"})
    assert fingerprint(titled, {"title": "A"}) != fingerprint(titled, {})
    alike = {"ref": "A", "title": "T"}
    others = [{**LIKE, "reporter": "OSCE"}, {**LIKE, "reporter": "CEPOL"}, {"ref": "R", "reporter": "OSCE"}]
    assert len({fingerprint(OF_SIMILAR, alike, each) for each in others}) == 3
    assert fingerprint(OF_SIMILAR, alike, others[0]) == fingerprint(
        OF_SIMILAR, alike, {**others[0], "score": 91}
    )
    assert fingerprint(OF_RECORD, RECORD, {"share": 1}) == fingerprint(
        OF_RECORD, {}, {"share": 1, "ref": "Q"}
    )
