"""Findings in writing: values quoted, shortened and counted, with equal bytes on every machine."""

import json
from typing import Any

import pytest

from services.validation.engine.domain.findings import (
    Finding,
    Judgement,
    Place,
    bounded,
    canonical,
    fingerprint,
    record_at,
    shown,
)

LONG = "x" * 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (3.0, "3"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (999999999999999.0, "999999999999999"),
        (1e15, "1000000000000000.0"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**30 - 1, "9" * 30),
        (10**30, "a number of about 30 digits"),
        (-(10**30), "a number of about 30 digits"),
        (10**400, "a number of about 398 digits"),
        ("", '""'),
        ("a", '"a"'),
        ("x" * 80, f'"{"x" * 80}"'),
        ("x" * 81, f'"{"x" * 80}…"'),
        ([], "[]"),
        ([1, 2.0, "a", None], '[1, 2, "a", nothing]'),
        ([1, 2, 3, 4, 5], "[1, 2, 3, 4, …]"),
        ([[], [0], {}, {"a": 1}], "[[], […], {}, {a: 1}]"),
        ([True, False], "[true, false]"),
        ({}, "{}"),
        ({"a": 1, "b": "c"}, '{a: 1, b: "c"}'),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, "{a: 1, b: 2, c: 3, d: 4}"),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "{a: 1, b: 2, c: 3, d: 4, …}"),
        ([LONG], f'["{"x" * 78}…'),
        ({LONG: 1}, "{" + "x" * 79 + "…"),
    ],
)
def test_a_message_quotes_a_value_as_people_write_it_and_not_too_long(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "carried"),
    [
        (None, None),
        (True, True),
        (False, False),
        (0.5, 0.5),
        (2**53 - 1, 2**53 - 1),
        (2**53, "9007199254740992"),
        (-(2**53), "-9007199254740992"),
        (float(2**53), "9007199254740992.0"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**400, "a number of about 398 digits"),
        ("a", "a"),
        ("x" * 500, "x" * 500),
        ("x" * 501, "x" * 500 + "…"),
        ([1, "a"], '[1, "a"]'),
        (["x" * 81], f'["{"x" * 80}"]'),
        ({"a": ["b"]}, "{a: […]}"),
        ({"x" * 501: 1}, "{" + "x" * 499 + "…"),
    ],
)
def test_a_finding_carries_a_value_that_every_reader_of_json_reads(value: Any, carried: Any) -> None:
    assert bounded(value) == carried
    assert type(bounded(value)) is type(carried)
    assert json.loads(canonical(bounded(value))) == carried


def test_an_outline_that_just_fits_is_not_cut() -> None:
    fits = {"k" * 70: 12345}
    assert shown(fits) == "{" + "k" * 70 + ": 12345}"
    assert len(shown({"k" * 71: 12345})) == 80
    assert shown({"k" * 72: 12345}) == "{" + "k" * 72 + ": 12345…"


def test_one_form_of_json_for_equal_data() -> None:
    assert canonical({"b": [1, 2], "a": "ž"}) == '{"a":"ž","b":[1,2]}'.encode()
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})
    assert canonical("a\ud800b") == b'"a?b"'


def test_a_fingerprint_is_equal_for_equal_values_only() -> None:
    assert fingerprint({"a": 1, "b": "ž"}, None) == fingerprint({"b": "ž", "a": 1}, None)
    assert (
        len({fingerprint("a"), fingerprint("b"), fingerprint("a", None), fingerprint(None), fingerprint()})
        == 5
    )
    assert len(fingerprint("x" * 10_000)) == 16


def place(ref: str = "A") -> Place:
    return Place(ref, "/records/0/end", "2026-02-01", "0f", "It ends too early.", "A later end.")


def finding(count: int, *, cause: str | None = None, outcome: str = "failed") -> Finding:
    return Finding(
        "GEN-04", "1", "A title", "error", outcome, "Since.", "ISO", count, (place().written,), cause
    )


def test_a_place_is_written_with_all_that_it_says() -> None:
    assert place().written == {
        "ref": "A",
        "pointer": "/records/0/end",
        "value": "2026-02-01",
        "fingerprint": "0f",
        "message": "It ends too early.",
        "expected": "A later end.",
    }


def test_a_finding_says_how_many_places_it_leaves_out_and_a_cause_only_where_a_rule_broke() -> None:
    assert finding(3).written == {
        "rule": "GEN-04",
        "version": "1",
        "title": "A title",
        "severity": "error",
        "outcome": "failed",
        "why": "Since.",
        "reference": "ISO",
        "count": 3,
        "places": [place().written],
        "left_out": 2,
    }
    broke = finding(1, cause="KeyError: 'x'", outcome="errored").written
    assert broke["cause"] == "KeyError: 'x'"
    assert broke["left_out"] == 0


@pytest.mark.parametrize(("outcome", "is_accepted"), [("accepted", True), ("returned", False)])
def test_a_judgement_is_reported_with_its_findings_as_they_are_written(
    outcome: str, *, is_accepted: bool
) -> None:
    judgement = Judgement(
        outcome, 1, {"engine": "3"}, {"error": 3}, {"failed": 3}, {}, (finding(3),), [4, 9], [2, 1]
    )
    assert judgement.is_accepted is is_accepted
    assert json.loads(judgement.report()) == {
        "outcome": outcome,
        "records": 1,
        "stamp": {"engine": "3"},
        "counts": {"error": 3},
        "outcomes": {"failed": 3},
        "rules": {},
        "findings": [finding(3).written],
        "faulty": [4, 9],
        "faulty_places": [2, 1],
        "whole": False,
        "reading": None,
    }


@pytest.mark.parametrize(
    ("pointer", "index"),
    [
        ("/records/0", 0),
        ("/records/12/parts/3", 12),
        ("/records", None),
        ("/records/title", None),
        ("/records/", None),
        ("", None),
    ],
)
def test_a_pointer_tells_the_record_that_it_leads_into(pointer: str, index: int | None) -> None:
    assert record_at(pointer) == index
