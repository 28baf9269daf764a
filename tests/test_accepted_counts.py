"""Tests that reporting can count every record that validation accepts, whatever its fields contain."""

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.figures.domain.facts import entries_of
from services.validation.engine.domain.shapes.checks import check_shape
from tests.bundled_rulesets import ruleset_for

blank = st.sampled_from(["", " ", "\u3000" * 65, [], {}, None])
plain = st.one_of(
    blank,
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["AL", "XK", "89", "EUR", "ALL", "2", "3", "2026-01-01", "1998-05-05", "2026", "100", "*", "x/y"]
    ),
    st.text(max_size=8),
)


@cache
def fields_of(kind):
    return ruleset_for("WBCTi").shapes.kinds[kind]


def values_of(field):
    """Return a strategy for a field: often a valid value, sometimes none, sometimes any value."""
    if field.type == "list":
        right = st.lists(values_of(field.items), max_size=3)
    elif field.type == "block":
        right = st.fixed_dictionaries(
            {}, optional={name: values_of(each) for name, each in field.fields.items()}
        )
    elif field.type == "code":
        right = st.sampled_from(sorted(field.accepted))
    elif field.type in ("number", "integer"):
        right = st.integers(0, 100)
    elif field.type == "date":
        right = st.dates().map(str)
    else:
        right = st.sampled_from(["N-1", "AL-WBCTi", "EUR", "jap25_europol", "AL", "2026", "2025-2026"])
    return st.one_of(right, right, right, right, blank, plain)


def right_of(field):
    """Return a strategy for valid values of a required field."""
    if field.type == "list":
        return st.lists(right_of(field.items), min_size=1, max_size=2)
    if field.type == "block":
        return st.fixed_dictionaries({name: right_of(each) for name, each in field.fields.items()})
    if field.type == "code":
        return st.sampled_from(field.allowed)
    return {"number": st.integers(0, 100), "integer": st.integers(1, 6), "date": st.just("2026-05-05")}.get(
        field.type, st.just("AL")
    )


@cache
def bodies(kind):
    fields = {name: field for name, field in fields_of(kind).items() if name != "ref"}
    record = st.fixed_dictionaries(
        {"ref": st.just("R-1")} | {name: right_of(field) for name, field in fields.items() if field.required},
        optional={name: values_of(field) for name, field in fields.items() if not field.required},
    )
    return st.fixed_dictionaries(
        {
            "reporter": st.just("AL-WBCTi"),
            "partner": st.just("AL"),
            "pillar": st.just("WBCTi"),
            "kind": st.just(kind),
            "period": st.just("2025-2026" if kind == "need" else "2026"),
            "tlp": st.just("TLP:AMBER"),
            "records": st.lists(record, min_size=1, max_size=1),
        }
    )


@pytest.mark.parametrize("kind", ["need", "response", "support"])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_record_whose_shape_is_sound_is_counted(kind, data):
    body = json.loads(json.dumps(data.draw(bodies(kind))))
    # Leave out an invalid field rather than the whole record; otherwise hardly any record would remain.
    broken = check_shape(body["records"][0], fields_of(kind)).broken
    body["records"][0] = {name: value for name, value in body["records"][0].items() if name not in broken}
    (entry,) = entries_of(body)
    assert entry.facts
    assert {fact.tlp.strip() for fact in entry.facts} != {""}
    assert all(len(fact.tlp) <= 64 and len(fact.currency) <= 3 for fact in entry.facts)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("need", "estimated_cost", ""),
        ("need", "estimated_cost", {}),
        ("response", "own_budget", " "),
        ("support", "budget", " "),
        ("support", "needs", " "),
        ("support", "themes", " "),
        ("support", "themes", [{"code": "jap25_europol", "percentage": " "}]),
        ("support", "needs", [{"ref": "X", "reporter": "MK-WBCTi", "coverage": "partial", "share": ""}]),
        ("support", "transactions", ""),
        ("support", "tlp", "\u3000" * 65),
    ],
)
def test_a_blank_is_not_given_for_who_judges_and_for_who_counts(kind, field, value):
    body = {
        "reporter": "EC",
        "partner": None,
        "pillar": "WBCTi",
        "kind": kind,
        "period": "2025-2026" if kind == "need" else "2026",
        "tlp": "TLP:GREEN",
        "records": [{"ref": "R-1", field: value}],
    }
    assert field not in check_shape(body["records"][0], fields_of(kind)).broken
    (entry,) = entries_of(body)
    assert {fact.tlp for fact in entry.facts} == {"TLP:GREEN"}


def test_a_link_with_a_blank_period_means_the_same_need_as_one_without():
    def target(**link):
        record = {"ref": "R-1", "needs": [{"ref": "N", "reporter": "MK-WBCTi", "coverage": "full"} | link]}
        body = {"reporter": "EC", "partner": None, "pillar": "WBCTi", "kind": "support", "period": "2026"}
        (entry,) = entries_of(body | {"tlp": "TLP:GREEN", "records": [record]})
        return entry.links[0].target

    assert target(period=" ") == target() == "MK-WBCTi/need/2025-2026/N"
