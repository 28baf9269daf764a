"""Look-ups of records: links, facts for comparison, and similar support."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.validation.engine.domain.references.lookups import Snapshot, facts_of, request_lookups
from services.validation.engine.domain.references.similarity import (
    MAX_SIMILAR,
    MIN_SCORE,
    Candidate,
    compared_fields,
    rank_similar,
    similarity_keys,
)
from tests.validation.conftest import NEED, RESPONSE, SUPPORT

ABOUT_SUPPORT = {"kind": "support", "reporter": "CEPOL", "period": "2026"}


def candidate(ref: str = "X-1", reporter: str = "OSCE", **fields: Any) -> Candidate:
    return Candidate(reporter, ref, facts_of({**SUPPORT, **fields}, "support"))


def ranked(*candidates: Candidate, **fields: Any) -> list[dict[str, Any]]:
    return rank_similar(facts_of({**SUPPORT, **fields}, "support"), candidates)


def test_links_are_asked_for_with_what_they_leave_out() -> None:
    record = {
        **SUPPORT,
        "needs": [{"ref": "N-1"}, {"ref": "N-2", "reporter": "AL-WBCTi", "period": "2023-2024"}],
        "responses": [{"ref": "R-1", "reporter": "AL-WBCTi"}],
    }
    lookups = request_lookups([record], **ABOUT_SUPPORT)
    assert lookups.known == {
        ("need", "CEPOL", "2025-2026", "N-1"),
        ("need", "AL-WBCTi", "2023-2024", "N-2"),
        ("response", "AL-WBCTi", "2026", "R-1"),
    }
    assert lookups.refs == ("P-1",)


def test_a_need_that_is_carried_over_is_asked_for_in_the_period_before() -> None:
    record = {**NEED, "carried_over_from": "OLD"}
    lookups = request_lookups([record], kind="need", reporter="AL-WBCTi", period="2025-2026")
    assert lookups.known == {("need", "AL-WBCTi", "2023-2024", "OLD")}


def test_a_record_without_a_ref_is_not_asked_for() -> None:
    nameless = {name: value for name, value in SUPPORT.items() if name != "ref"}
    assert request_lookups([nameless], **ABOUT_SUPPORT).entries == ()


def test_facts_are_the_few_fields_that_later_records_are_compared_with() -> None:
    assert facts_of(NEED, "need") == {
        "title": NEED["title"],
        "disposition": "open",
        "priority_level": "high",
        "estimated_cost": 90000,
        "currency": "EUR",
    }
    assert facts_of(RESPONSE, "response") == {"title": RESPONSE["title"], "status": "completed"}
    assert facts_of(SUPPORT, "support") == {
        "title": SUPPORT["title"],
        "activity_status": "2",
        "budget": 400000,
        "currency": "EUR",
        "support_type": "training",
        "beneficiaries": ["AL", "XK"],
        "start": "2026-01-15",
    }


def test_the_same_answers_in_any_order_are_one_snapshot() -> None:
    known = {("need", "AL-WBCTi", "2025-2026", ref): "in_force" for ref in "ABC"}
    hashes = {Snapshot(known=dict(order)).hash for order in permutations(known.items())}
    assert len(hashes) == 1
    assert Snapshot(known={**known, ("need", "AL-WBCTi", "2025-2026", "A"): "withdrawn"}).hash not in hashes


def test_the_same_project_told_by_another_is_found_with_its_reasons() -> None:
    [similar] = ranked(candidate(title="Detection of explosives in public places", planned_end="2026-12-31"))
    assert similar == {
        "ref": "X-1",
        "reporter": "OSCE",
        "title": "Detection of explosives in public places",
        "score": 88,
        "reasons": [
            "both benefit AL and XK",
            "both run from 2026-01-15 to 2026-12-31",
            'both are of the type "Training"',
            "the words of their titles agree to 75 %",
        ],
    }


@pytest.mark.parametrize(
    ("difference", "score"),
    [
        ({}, 100),
        ({"beneficiaries": [{"code": "RS"}]}, 80),
        ({"actual_start": "2024-01-01", "actual_end": "2025-12-31"}, 85),
        ({"actual_start": None}, 85),
        ({"support_type": "equipment"}, 85),
        ({"title": "DETECTING EXPLOSIVES - at public events (2026)"}, 100),
        ({"title": "Détecting Explosives at Public Events"}, 100),
        ({"title": "Detecting forged documents"}, None),
        ({"title": "Mentoring of prison staff"}, None),
        ({"title": "2026"}, None),
        ({"title": "Public events", "beneficiaries": [{"code": "RS"}]}, None),
    ],
)
def test_each_difference_counts(difference: dict[str, Any], score: int | None) -> None:
    found = ranked(candidate(**difference))
    assert [similar["score"] for similar in found] == ([] if score is None else [score])


def test_titles_are_compared_in_any_script() -> None:
    title = "Обука за откривање експлозива на јавним скуповима"
    [similar] = ranked(candidate(title=title.upper()), title=title)
    assert similar["score"] == 100
    assert similarity_keys({**SUPPORT, "title": title}) == similarity_keys(
        {**SUPPORT, "title": title.upper()}
    )


def test_periods_that_do_not_meet_are_no_reason() -> None:
    [similar] = ranked(candidate(actual_start="2020-01-01", actual_end="2025-12-31"), actual_end="2026-12-31")
    assert not any("run from" in reason for reason in similar["reasons"])
    [open_ended] = ranked(candidate(actual_start="2020-01-01"))
    assert "both run from 2026-01-15 on" in open_ended["reasons"]


def test_the_likeliest_come_first_and_not_more_than_five() -> None:
    others = [
        candidate(f"X-{number}", title="Detecting explosives " + "at public events" * (number % 2))
        for number in range(8)
    ]
    told = [ranked(*order) for order in (others, others[::-1])]
    assert told[0] == told[1]
    assert [similar["ref"] for similar in told[0]] == ["X-1", "X-3", "X-5", "X-7", "X-0"]
    assert len(told[0]) == MAX_SIMILAR


def test_a_record_that_two_submissions_hold_is_told_once() -> None:
    [similar] = ranked(
        candidate(title="Detecting explosives"), candidate(), candidate(title="Explosives at events")
    )
    assert similar["score"] == 100


def test_support_without_beneficiaries_or_words_has_no_sketches() -> None:
    assert similarity_keys({**SUPPORT, "beneficiaries": []}) == ()
    assert similarity_keys({**SUPPORT, "title": "2026 / 1"}) == ()
    assert compared_fields({}) == {}


texts = st.text(max_size=60)
dates = st.none() | st.dates().map(str)
supports = st.fixed_dictionaries(
    {},
    optional={
        "title": texts,
        "support_type": st.sampled_from(["training", "equipment"]),
        "beneficiaries": st.lists(st.fixed_dictionaries({"code": st.sampled_from(["AL", "XK", "89"])})),
        "actual_start": dates,
        "actual_end": dates,
        "planned_start": dates,
        "planned_end": dates,
    },
)


@given(supports, supports)
def test_likeness_is_the_same_from_both_sides_and_within_bounds(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    mine, theirs = facts_of(one, "support"), facts_of(other, "support")
    found = rank_similar(mine, [Candidate("A", "1", theirs)])
    back = rank_similar(theirs, [Candidate("A", "1", mine)])
    assert [similar["score"] for similar in found] == [similar["score"] for similar in back]
    assert all(MIN_SCORE <= similar["score"] <= 100 for similar in found)


@given(texts)
def test_the_same_support_is_found_by_its_sketches_whatever_its_title(title: str) -> None:
    record = {**SUPPORT, "title": title}
    assert len(set(similarity_keys(record))) == len(similarity_keys(record)) <= 6
    assert similarity_keys(record) == similarity_keys({**record, "title": f"  {title}!"})
