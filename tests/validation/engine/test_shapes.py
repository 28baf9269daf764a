"""Faults in the shape of a record: each message, each bound, and the fast check beside the full one."""

import math
from typing import Any

import pytest

from services.validation.engine.domain.shapes.checks import check_shape, is_unprintable
from services.validation.engine.domain.shapes.fast_check import compile_fast_check
from services.validation.engine.domain.shapes.faults import Fault
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES, locate_fault
from services.validation.engine.domain.shapes.wording import describe_fault
from services.validation.engine.domain.words import DEVELOPER
from shared.reference import TLP
from shared.reference.fields import Field, SchemaIsInvalid, field_of


def shape(**fields: dict[str, Any]) -> dict[str, Field]:
    return {name: field_of(name, spec) for name, spec in fields.items()}


def only(spec: dict[str, Any]) -> dict[str, Field]:
    """Return a record shape with this one field."""
    return shape(x=spec)


def faults(value: Any, spec: dict[str, Any]) -> tuple[Fault, ...]:
    """Return the faults of a value in a field of this kind; the fast check must find a fault too."""
    fields, record = only(spec), {"x": value}
    sound = check_shape(record, fields)
    assert not (sound.faults and compile_fast_check(fields)(record))
    return sound.faults


def fault(value: Any, spec: dict[str, Any]) -> Fault:
    [found] = faults(value, spec)
    return found


def fits(value: Any, spec: dict[str, Any]) -> bool:
    """Whether a value is sound, and seen by the rules as it is; the quick test says so too."""
    fields, record = only(spec), {"x": value}
    sound = check_shape(record, fields)
    is_sound = not sound.faults
    assert compile_fast_check(fields)(record) is is_sound
    assert (sound.record == record, sound.broken == frozenset()) == (is_sound, is_sound)
    return is_sound


def told(found: Fault) -> tuple[str, str, Any, str, str]:
    """Return a fault with its sentences for developers."""
    return (found.rule, found.at, found.value, *describe_fault(found, DEVELOPER))


# fields


def test_a_field_is_read_as_the_file_describes_it() -> None:
    assert field_of("share", {"type": "number", "at_least": 0, "at_most": 100, "required": True}) == Field(
        "share", "number", required=True, at_least=0, at_most=100
    )
    assert field_of("state", {"type": "code", "values": ["a", "b"]}) == Field(
        "state", "code", allowed=("a", "b")
    )
    assert field_of("title", {"type": "text"}).required is False
    assert field_of("tlp", {"type": "code", "list": "tlp"}).allowed == TLP
    assert field_of("state", {"type": "code", "list": "activity_status"}).choices == "1, 2, 3, 4, 5, 6"
    assert field_of("place", {"type": "block", "fields": {"town": {"type": "text"}}}).fields == {
        "town": Field("town", "text")
    }
    assert field_of("tags", {"type": "list", "items": {"type": "text"}}).items == Field("tags[]", "text")


@pytest.mark.parametrize(
    "written",
    [
        {"type": "money"},
        {},
        {"type": "text", "length": 3},
        {"values": ["a"]},
        {"type": "block", "fields": {"a": {}}},
    ],
)
def test_a_field_that_cannot_be_is_refused_by_its_name(written: dict[str, Any]) -> None:
    name = "a" if "fields" in written else "colour"
    with pytest.raises(
        SchemaIsInvalid, match=f"^{name}: a field has a type of ref, text, date, code, number"
    ):
        field_of("colour", written)


def test_a_field_of_a_code_list_that_is_not_there_is_refused() -> None:
    with pytest.raises(SchemaIsInvalid, match=r"^colour: there is no code list 'colours'$"):
        field_of("colour", {"type": "code", "list": "colours"})


# bounds: at the bound and one beyond

REF, TEXT, DATE = {"type": "ref"}, {"type": "text"}, {"type": "date"}
NUMBER, INTEGER, LIST = {"type": "number"}, {"type": "integer"}, {"type": "list", "items": {"type": "text"}}
RANK = {"type": "integer", "at_least": 1, "at_most": 6}
SHARE = {"type": "number", "at_least": 0, "at_most": 100}
CODE = {"type": "code", "values": ["open", "closed"]}
PLACE = {"type": "block", "fields": {"town": {"type": "text", "required": True}, "people": NUMBER}}
PARTS = {
    "type": "list",
    "items": {"type": "block", "fields": {"share": SHARE, "days": {"type": "list", "items": DATE}}},
}
CODES = {"type": "list", "items": CODE}


@pytest.mark.parametrize(
    ("spec", "allowed", "refused"),
    [
        (REF, "x" * 120, "x" * 121),
        (TEXT, "x" * 20_000, "x" * 20_001),
        ({"type": "text", "at_most": 3}, "xxx", "xxxx"),
        (NUMBER, 100_000_000_000, 100_000_000_001),
        (NUMBER, -100_000_000_000, -100_000_000_001),
        (INTEGER, 100_000_000_000, 100_000_000_001),
        (INTEGER, -100_000_000_000, -100_000_000_001),
        (SHARE, 0, -0.01),
        (SHARE, 100, 100.01),
        (RANK, 1, 0),
        (RANK, 6, 7),
        (LIST, ["x"] * 1000, ["x"] * 1001),
        ({**LIST, "at_most": 2}, ["x"] * 2, ["x"] * 3),
        (DATE, "1990-01-01", "1989-12-31"),
        (DATE, "2099-12-31", "2100-01-01"),
    ],
)
def test_a_value_may_be_so_large_and_no_larger(spec: dict[str, Any], allowed: Any, refused: Any) -> None:
    assert fits(allowed, spec)
    assert not fits(refused, spec)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (REF, "A b"),
        (REF, "š"),
        (TEXT, "line\nline\ttab\r"),
        (TEXT, "\u200bzero width"),
        (TEXT, "1"),
        (NUMBER, 0),
        (NUMBER, 0.5),
        (DATE, "2024-02-29"),
        (CODE, "open"),
        (CODES, ["open", "closed"]),
        ({"type": "list"}, [1, {"a": None}]),
        (PLACE, {"town": "Tirana"}),
        (PLACE, {"town": "Tirana", "people": 5}),
        (PARTS, [{"share": 5, "days": ["2026-01-01"]}, {"share": 6}]),
    ],
)
def test_what_is_sound_is_seen_by_the_rules_as_it_is(spec: dict[str, Any], value: Any) -> None:
    assert fits(value, spec)


NOT_SOUND = [
    *((REF, each) for each in ("A ", " A", "A\n", "A\tB", 7, True, ["A"])),
    *((TEXT, each) for each in (7, True, ["A"], {"a": "b"}, "A\x00", "A\x1f", "A\x7f", "\x0bA", "A\ud800")),
    *(
        (DATE, each)
        for each in (20260101, ["2026-01-01"], {"a": 1}, "2026-1-1", "01.01.2026", "2026-02-30", "2023-02-29")
    ),
    *((NUMBER, each) for each in ("1", True, False, [1], {"a": 1}, math.nan, math.inf, -math.inf)),
    *((INTEGER, each) for each in ("1", True, 1.5, math.nan, math.inf, [1])),
    *((CODE, each) for each in ("Open", 7, ["open"], {"open": 1}, True)),
    *((LIST, each) for each in ("x", {"a": "b"}, 7, [7], [None], ["x", ["y"]], [{"a": 1}])),
    *((CODES, each) for each in (["open", "ajar"], [["open"]], [None], "open")),
    *(
        (PLACE, each)
        for each in ("Tirana", ["Tirana"], {"people": 5}, {"town": 7}, {"town": "T", "people": "5"})
    ),
    *(
        (PARTS, each)
        for each in ([7], [{"share": "5"}], [{"share": 101}], [{"days": ["never"]}], [{"days": "never"}])
    ),
]


@pytest.mark.parametrize(("spec", "value"), NOT_SOUND)
def test_what_is_not_sound_is_a_fault_and_kept_from_the_rules(spec: dict[str, Any], value: Any) -> None:
    assert not fits(value, spec)
    assert check_shape({"x": value}, only(spec)).broken == {"x"}


@pytest.mark.parametrize("empty", [None, "", " \n", [], {}])
@pytest.mark.parametrize("spec", [REF, TEXT, DATE, NUMBER, INTEGER, CODE, LIST, PLACE])
def test_what_says_nothing_is_no_fault_unless_it_is_required(spec: dict[str, Any], empty: Any) -> None:
    sound = check_shape({"x": empty}, only(spec))
    assert (sound.record, sound.broken, sound.faults) == ({}, frozenset(), ())
    [found] = faults(empty, {**spec, "required": True})
    assert (found.rule, found.at, found.value) == ("STR-02", "/x", empty)
    assert faults(empty, {**spec, "required": True}) == (found,)
    assert check_shape({}, only({**spec, "required": True})).broken == {"x"}


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert check_shape({"x": 3.0}, only(RANK)).record == {"x": 3}
    assert type(check_shape({"x": 3.0}, only(RANK)).record["x"]) is int
    assert fault(7.0, RANK).value == 7


# messages

SHORT = "a short identifier of at most 120 characters, without blanks at its ends"


@pytest.mark.parametrize(
    ("spec", "value", "rule", "message", "expected"),
    [
        (REF, 7, "STR-03", f"The field 'x' must be {SHORT}, but it is 7.", f"Give {SHORT}."),
        (TEXT, 7, "STR-03", "The field 'x' must be a text, but it is 7.", "Give a text."),
        (
            DATE,
            "31.12.2026",
            "STR-03",
            "The field 'x' must be a date written as year-month-day, such as 2026-05-31, but it is \"31.12.2026\".",
            "2026-12-31, if this day is meant.",
        ),
        (
            NUMBER,
            "7",
            "STR-03",
            "The field 'x' must be a number, written without quotation marks or thousands separators, but it is \"7\".",
            "The number 7, without quotation marks.",
        ),
        (
            RANK,
            "7",
            "STR-03",
            "The field 'x' must be a whole number, written without quotation marks, from 1 to 6, but it is \"7\".",
            "Give a whole number, written without quotation marks, from 1 to 6.",
        ),
        (
            {"type": "integer", "at_least": 1},
            "7",
            "STR-03",
            "The field 'x' must be a whole number, written without quotation marks, at least 1, but it is \"7\".",
            "The number 7, without quotation marks.",
        ),
        (
            {"type": "integer", "at_most": 6},
            "7",
            "STR-03",
            "The field 'x' must be a whole number, written without quotation marks, at most 6, but it is \"7\".",
            "Give a whole number, written without quotation marks, at most 6.",
        ),
        (
            PLACE,
            "T",
            "STR-03",
            "The field 'x' must be a group of fields in braces, but it is \"T\".",
            "Give a group of fields in braces.",
        ),
        (
            {**LIST, "at_most": 3},
            "T",
            "STR-03",
            "The field 'x' must be a list in square brackets, but it is \"T\".",
            "Give a list in square brackets.",
        ),
        (
            {"type": "text", "at_most": 3},
            "abcd",
            "STR-05",
            "The field 'x' has 4 characters; the maximum is 3.",
            "A text of at most 3 characters.",
        ),
        (
            TEXT,
            "a\x00",
            "STR-03",
            "The field 'x' contains characters that cannot be displayed or stored, such as control characters.",
            "The same text, retyped or pasted without formatting.",
        ),
        (
            DATE,
            "2026-02-30",
            "STR-03",
            "The field 'x' is \"2026-02-30\", a date that does not exist: the month has 28 days.",
            "An existing date, such as 2026-05-31.",
        ),
        (
            DATE,
            "0000-01-01",
            "STR-03",
            "The field 'x' is \"0000-01-01\", a date that does not exist.",
            "An existing date, such as 2026-05-31.",
        ),
        (
            DATE,
            "9999-12-31",
            "STR-05",
            "The field 'x' is \"9999-12-31\", which is out of range.",
            "A date in the years 1990 to 2099.",
        ),
        (
            CODE,
            "Opne",
            "STR-04",
            "\"Opne\" is not a code for 'x'. Did you mean 'open'?",
            "Give one of: open, closed.",
        ),
        (CODE, "zzz", "STR-04", "\"zzz\" is not a code for 'x'.", "Give one of: open, closed."),
        (
            CODE,
            7,
            "STR-04",
            "The field 'x' must be a code, which is a text, but it is 7.",
            "Give, in quotation marks, one of: open, closed.",
        ),
        (SHARE, 101, "STR-05", "The field 'x' is 101, which is out of range.", "A number from 0 to 100."),
        (
            NUMBER,
            10**12,
            "STR-05",
            "The field 'x' is 1000000000000, which is out of range.",
            "A number from -100000000000 to 100000000000.",
        ),
        (
            {**LIST, "at_most": 1},
            ["a", "b"],
            "STR-05",
            "The list 'x' has 2 entries; the maximum in one record is 1.",
            "At most 1 entries.",
        ),
        (
            {**SHARE, "required": True},
            None,
            "STR-02",
            "The field 'x' is required, but missing.",
            "Give a number, written without quotation marks or thousands separators, from 0 to 100.",
        ),
        (
            {**CODE, "required": True},
            " ",
            "STR-02",
            "The field 'x' is required, but missing.",
            "Give one of: open, closed.",
        ),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_would_pass(
    spec: dict[str, Any], value: Any, rule: str, message: str, expected: str
) -> None:
    assert told(fault(value, spec)) == (rule, "/x", value, message, expected)


def test_what_is_no_record_says_what_stands_there() -> None:
    sound = check_shape([1], only(TEXT))
    message = "A record is expected here, but the value is [1]."
    expected = "A record: its fields and values in braces."
    assert [told(each) for each in sound.faults] == [("STR-01", "", [1], message, expected)]
    assert (sound.record, sound.broken) == ({}, {"x"})
    assert compile_fast_check(only(TEXT))([1]) is False


def test_an_unknown_field_says_which_are_known_and_breaks_nothing() -> None:
    fields = shape(title=TEXT, budget=NUMBER)
    sound = check_shape({"titel": "A", "budget": 5, "a/b~c": 7}, fields)
    assert (sound.record, sound.broken) == ({"budget": 5}, frozenset())
    assert [told(each) for each in sound.faults] == [
        (
            "STR-06",
            "/titel",
            "A",
            "The field \"titel\" is unknown here, so its value is not used. Did you mean 'title'?",
            "One of: title, budget.",
        ),
        (
            "STR-06",
            "/a~1b~0c",
            7,
            'The field "a/b~c" is unknown here, so its value is not used.',
            "One of: title, budget.",
        ),
    ]
    assert compile_fast_check(fields)({"budget": 5, "titel": "A"}) is False


def test_the_name_of_an_unknown_field_is_cut_in_its_pointer() -> None:
    [found] = check_shape({"k" * 101: 1}, only(TEXT)).faults
    assert found.at == f"/{'k' * 100}"


def test_an_unknown_field_in_an_entry_leaves_the_entry_sound() -> None:
    sound = check_shape({"x": [{"share": 5, "colour": "red"}]}, only(PARTS))
    assert (sound.record, sound.broken) == ({"x": [{"share": 5}]}, frozenset())
    assert [each.at for each in sound.faults] == ["/x/0/colour"]


def test_a_fault_inside_a_list_points_at_it_and_breaks_the_list() -> None:
    sound = check_shape(
        {"x": [{"share": 5}, {"days": ["2026-01-01", "never"]}], "y": 1}, shape(x=PARTS, y=NUMBER)
    )
    assert (sound.record, sound.broken) == ({"y": 1}, {"x"})
    assert [(each.rule, each.at) for each in sound.faults] == [("STR-03", "/x/1/days/1")]


def test_a_fault_inside_a_list_or_block_names_the_field_as_rules_write_it() -> None:
    fields = shape(x=PARTS, y=PLACE)
    found = check_shape({"x": [{"share": 101}], "y": {"town": 7}}, fields).faults
    said = [(each.at, describe_fault(each, DEVELOPER)[0]) for each in found]
    assert [(at, text.partition(" is ")[0].partition(" must ")[0]) for at, text in said] == [
        ("/x/0/share", "The field 'x.share'"),
        ("/y/town", "The field 'y.town'"),
    ]


def test_every_fault_of_a_record_is_told() -> None:
    sound = check_shape(
        {"a": 7, "b": "x", "c": "2026-02-30"}, shape(a=TEXT, b=NUMBER, c=DATE, d={**REF, "required": True})
    )
    assert [(each.rule, each.at) for each in sound.faults] == [
        ("STR-03", "/a"),
        ("STR-03", "/b"),
        ("STR-03", "/c"),
        ("STR-02", "/d"),
    ]
    assert sound.broken == {"a", "b", "c", "d"}


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\udabc"])
def test_what_cannot_be_shown_or_kept_is_found(sign: str) -> None:
    assert is_unprintable(f"a{sign}b")
    assert not is_unprintable("a\t\n\r b\u00a0ž\u202e")


def test_the_quick_test_may_leave_a_sound_record_to_the_slow_check_but_never_lets_a_fault_pass() -> None:
    fields = shape(title=TEXT, rank=RANK, place=PLACE)
    test = compile_fast_check(fields)
    assert test({}) is True
    assert test({"title": None, "rank": None, "place": None}) is True
    for slow in ({"title": " A"}, {"title": " "}, {"rank": 3.0}, {"place": {}}):
        assert test(slow) is False
        assert check_shape(slow, fields).faults == ()


def test_the_quick_test_has_nothing_in_reach_but_what_it_needs() -> None:
    assert compile_fast_check(only(TEXT)).__globals__["__builtins__"] == {}


def test_a_fault_is_a_place_of_its_structural_rule_in_its_record() -> None:
    found = Fault("STR-03", "/title", ["A" * 600], "mistyped", field_of("title", TEXT))
    place = locate_fault(found, ref="R-1", index=7)
    assert (place.ref, place.pointer, place.message, place.expected) == (
        "R-1",
        "/records/7/title",
        f"The field 'title' must be a text, but it is [\"{'A' * 78}….",
        "Give a text.",
    )
    assert place.value == f'["{"A" * 80}"]'


def test_the_structural_rules_return_all_but_a_field_that_is_not_known() -> None:
    assert {each: rule.severity for each, rule in STRUCTURAL_RULES.items()} == {
        "STR-01": "blocker",
        "STR-02": "error",
        "STR-03": "error",
        "STR-04": "error",
        "STR-05": "error",
        "STR-06": "warning",
        "STR-07": "error",
    }
