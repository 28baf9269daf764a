"""Similarity of support: each likeness adds to the score, and every reason is stated."""

from typing import Any

import pytest

from services.validation.engine.domain.references.lookups import (
    IndexEntry,
    Snapshot,
    index_entry,
    list_links,
    previous_needs_period,
    request_lookups,
)
from services.validation.engine.domain.references.similarity import (
    Candidate,
    compared_fields,
    rank_similar,
    similarity_keys,
)

MINE = {
    "title": "Alpha bravo charlie delta",
    "support_type": "training",
    "beneficiaries": ["AL", "XK"],
    "start": "2026-01-01",
    "end": "2026-12-31",
}


def scored(mine: dict[str, Any], theirs: dict[str, Any]) -> tuple[int, list[str]] | None:
    found = rank_similar(mine, [Candidate("OSCE", "X", theirs)])
    return (found[0]["score"], found[0]["reasons"]) if found else None


def other(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in {**MINE, **parts}.items() if value is not None}


BENEFIT = "both benefit AL and XK"
RUN = "both run from 2026-01-01 to 2026-12-31"
TYPE = 'both are of the type "Training"'
WORDS = "the words of their titles agree to 100 %"


@pytest.mark.parametrize(
    ("theirs", "score", "reasons"),
    [
        ({}, 100, [BENEFIT, RUN, TYPE, WORDS]),
        ({"beneficiaries": ["XK", "RS"]}, 100, ["both benefit XK", RUN, TYPE, WORDS]),
        ({"beneficiaries": ["RS"]}, 80, [RUN, TYPE, WORDS]),
        ({"beneficiaries": None}, 80, [RUN, TYPE, WORDS]),
        ({"support_type": "equipment"}, 85, [BENEFIT, RUN, WORDS]),
        ({"support_type": None}, 85, [BENEFIT, RUN, WORDS]),
        ({"start": None}, 85, [BENEFIT, TYPE, WORDS]),
        ({"end": None}, 100, [BENEFIT, RUN, TYPE, WORDS]),
        ({"start": "2026-12-31"}, 100, [BENEFIT, "both run from 2026-12-31 to 2026-12-31", TYPE, WORDS]),
        ({"start": "2027-01-01", "end": None}, 85, [BENEFIT, TYPE, WORDS]),
        (
            {"start": "2020-01-01", "end": "2026-01-01"},
            100,
            [BENEFIT, "both run from 2026-01-01 to 2026-01-01", TYPE, WORDS],
        ),
        ({"start": "2020-01-01", "end": "2025-12-31"}, 85, [BENEFIT, TYPE, WORDS]),
        ({"title": "Alpha bravo"}, 83, [BENEFIT, RUN, TYPE, "the words of their titles agree to 67 %"]),
        (
            {"title": "Alpha bravo x-ray yankee zulu"},
            72,
            [BENEFIT, RUN, TYPE, "the words of their titles agree to 44 %"],
        ),
        ({"title": "Alpha kilo lima mike november oscar"}, None, []),
        (
            {"title": "Alpha bravo kilo lima mike oscar"},
            70,
            [BENEFIT, RUN, TYPE, "the words of their titles agree to 40 %"],
        ),
        ({"title": None}, None, []),
    ],
)
def test_each_likeness_adds_to_the_score_and_is_a_reason(
    theirs: dict[str, Any], score: int | None, reasons: list[str]
) -> None:
    assert scored(MINE, other(**theirs)) == (None if score is None else (score, reasons))


def test_support_that_still_runs_on_both_sides_runs_on() -> None:
    mine, theirs = other(end=None), other(end=None, start="2026-03-01")
    assert scored(mine, theirs) == (100, [BENEFIT, "both run from 2026-03-01 on", TYPE, WORDS])


def test_support_for_nobody_in_particular_is_alike_by_the_rest() -> None:
    assert scored(other(beneficiaries=None), MINE) == (80, [RUN, TYPE, WORDS])


def test_neither_a_missing_type_nor_a_missing_title_makes_two_alike() -> None:
    assert scored(other(support_type=None), other(support_type=None)) == (85, [BENEFIT, RUN, WORDS])
    assert scored(other(title=None), other(title=None)) is None


def test_one_that_is_likelier_takes_the_place_of_the_same_one_told_before() -> None:
    less, more = Candidate("OSCE", "X", other(end=None, title="Alpha bravo")), Candidate("OSCE", "X", other())
    for order in ([less, more], [more, less]):
        [found] = rank_similar(MINE, order)
        assert (found["ref"], found["reporter"], found["title"], found["score"]) == (
            "X",
            "OSCE",
            MINE["title"],
            100,
        )
    named = [
        Candidate("OSCE", "X", other()),
        Candidate("UNODC", "X", other()),
        Candidate("OSCE", "A", other()),
    ]
    assert [(each["reporter"], each["ref"]) for each in rank_similar(MINE, named)] == [
        ("OSCE", "A"),
        ("OSCE", "X"),
        ("UNODC", "X"),
    ]


def record(**parts: Any) -> dict[str, Any]:
    said = {
        "ref": "A",
        "title": "Detecting explosives",
        "support_type": "training",
        "beneficiaries": [{"code": "XK"}, {"code": "AL"}, {"code": "AL"}],
        "planned_start": "2026-01-01",
        "planned_end": "2026-06-01",
        **parts,
    }
    return {name: value for name, value in said.items() if value is not None}


def test_what_happened_counts_before_what_was_planned() -> None:
    assert compared_fields(record()) == {
        "support_type": "training",
        "beneficiaries": ["AL", "XK"],
        "start": "2026-01-01",
        "end": "2026-06-01",
    }
    happened = compared_fields(record(actual_start="2026-02-02", actual_end="2026-07-07"))
    assert (happened["start"], happened["end"]) == ("2026-02-02", "2026-07-07")
    assert compared_fields({"title": "A"}) == {}


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Detecting explosives", "Detection of explosive"),
        ("Detecting explosives", "EXPLOSIVES: detecting (2026)"),
        ("Détecting explosives", "Detecting explosives"),
        ("of at explosives", "explosives"),
    ],
)
def test_titles_of_the_same_words_have_the_same_sketches(one: str, same: str) -> None:
    assert set(similarity_keys(record(title=one))) & set(similarity_keys(record(title=same)))


def test_the_order_of_words_that_are_equally_long_makes_no_difference() -> None:
    words = ["alphas", "bravos", "deltas", "gammas"]
    one, other_way = (similarity_keys(record(title=" ".join(each))) for each in (words, words[::-1]))
    assert one == other_way
    assert similarity_keys(record(title=None)) == ()


def test_a_sketch_is_made_for_each_beneficiary_of_the_three_longest_words() -> None:
    few = similarity_keys(record(title="Detecting explosives"))
    assert len(few) == 4
    assert {len(each) for each in few} == {16}
    many = record(title="wordy wordiest lengthier unbelievable", beneficiaries=[{"code": "AL"}])
    assert len(similarity_keys(many)) == 3
    without_the_shortest = {**many, "title": "unbelievable lengthier wordiest tiny"}
    assert similarity_keys(many) == similarity_keys(without_the_shortest)
    assert set(similarity_keys({**many, "support_type": "equipment"})).isdisjoint(similarity_keys(many))
    assert set(similarity_keys({**many, "beneficiaries": [{"code": "XK"}]})).isdisjoint(similarity_keys(many))


@pytest.mark.parametrize(
    ("title", "count"),
    [("aaa", 1), ("aa", 0), ("abcdef abcdefg", 1), ("abcdeX abcdef", 2), ("a1b2c3", 0), ("abc_def", 2)],
)
def test_words_have_three_letters_or_more_and_are_known_by_their_first_six(title: str, count: int) -> None:
    assert len(similarity_keys(record(title=title, beneficiaries=[{"code": "AL"}]))) == count


# index entries and look-ups


def test_what_is_kept_of_a_record_is_its_marking_its_facts_and_of_support_its_sketches() -> None:
    kept = index_entry({**record(), "tlp": "TLP:RED", "budget": 5, "colour": "red"}, "support")
    assert (kept.ref, kept.tlp) == ("A", "TLP:RED")
    assert kept.facts == {**compared_fields(record()), "title": "Detecting explosives", "budget": 5}
    assert kept.similarity_keys == similarity_keys(record())
    need = index_entry(
        {"ref": "N", "title": "T", "disposition": "open", "beneficiaries": [{"code": "AL"}]}, "need"
    )
    assert need == IndexEntry("N", None, {"title": "T", "disposition": "open"}, ())


ABOUT = {"reporter": "CEPOL", "period": "2026"}


def test_only_support_asks_what_is_like_it() -> None:
    rows = [record(), record(ref="B", beneficiaries=None), record(ref=None)]
    assert set(request_lookups(rows, kind="support", **ABOUT).comparable) == {"A"}
    assert request_lookups(rows, kind="need", **ABOUT).comparable == {}
    assert request_lookups(rows, kind="support", **ABOUT).refs == ("A", "B")


@pytest.mark.parametrize(
    ("kind", "said", "asked"),
    [
        ("support", {"needs": [{"ref": "N"}]}, [("need", "CEPOL", "2025-2026", "N")]),
        ("support", {"responses": [{"ref": "R"}]}, [("response", "CEPOL", "2026", "R")]),
        (
            "response",
            {
                "needs": [{"ref": "N", "reporter": "AL-WBCTi", "period": "2023-2024"}],
                "responses": [{"ref": "R", "reporter": "X", "period": "2020"}],
            },
            [("need", "AL-WBCTi", "2023-2024", "N"), ("response", "X", "2020", "R")],
        ),
        ("support", {"carried_over_from": "OLD"}, []),
        ("support", {"needs": None}, []),
    ],
)
def test_a_record_asks_for_what_it_links_to_with_what_the_link_leaves_out(
    kind: str, said: Any, asked: Any
) -> None:
    assert list(list_links(said, kind=kind, **ABOUT)) == asked


def test_a_need_asks_for_the_one_that_it_carries_on() -> None:
    about = {"kind": "need", "reporter": "AL-WBCTi", "period": "2025-2026"}
    assert list(list_links({"carried_over_from": "OLD"}, **about)) == [
        ("need", "AL-WBCTi", "2023-2024", "OLD")
    ]
    assert list(list_links({}, **about)) == []
    assert previous_needs_period("2026") == "2024-2025"


def test_a_snapshot_is_written_in_one_order_and_its_hash_tells_of_each_answer() -> None:
    first, second = ("need", "A", "2026", "B"), ("need", "A", "2026", "A")
    snapshot = Snapshot(
        known={first: "in_force", second: "withdrawn"},
        previous={"A": {"title": "x"}},
        similar={"A": ({"ref": "Q"},)},
        alike={"A": ("A ",)},
        former=({"ref": "F"},),
    )
    assert snapshot.written == {
        "known": {"need|A|2026|A": "withdrawn", "need|A|2026|B": "in_force"},
        "previous": {"A": {"title": "x"}},
        "similar": {"A": [{"ref": "Q"}]},
        "alike": {"A": ["A "]},
        "former": [{"ref": "F"}],
    }
    assert list(snapshot.written["known"]) == ["need|A|2026|A", "need|A|2026|B"]
    others = [
        Snapshot(),
        Snapshot(known=snapshot.known),
        Snapshot(previous=snapshot.previous),
        Snapshot(similar=snapshot.similar),
        Snapshot(alike=snapshot.alike),
        Snapshot(former=snapshot.former),
    ]
    assert len({each.hash for each in (snapshot, *others)}) == 7
