import pytest

from tests.reporting.events import accepted, body_of, need, received, returned


def test_completeness_shows_each_obligation_and_percentages_per_partner(get, owed):
    answer = get("completeness").json
    assert [(row["structure"], row["state"], row["records"]) for row in answer["obligations"]] == [
        ("AL-WBCTi", "missing", 0),
        ("AL-WBBSi", "accepted", 1),
        ("XK-WBBSi", "received", 1),
    ]
    partners = {row["partner"]: (row["percent_met"], row["percent_accepted"]) for row in answer["partners"]}
    assert partners == {"AL": ("50.0", "50.0"), "XK": ("100.0", "0.0")}
    assert answer["total"]["obligations"] == 3
    assert answer["as_of"] == "2026-11-23T09:00:00.000Z"


def test_completeness_tells_who_met_an_obligation_by_a_nil_return(runtime, fold, get, owed):
    fold(accepted(runtime, 3, body_of(reporter="AL-WBCTi", pillar="WBCTi")))
    rows = {row["structure"]: row for row in get("completeness").json["obligations"]}
    nothing = rows["AL-WBCTi"]
    assert (nothing["state"], nothing["submissions"], nothing["records"]) == ("accepted", 1, 0)
    assert {each for each, row in rows.items() if row["nothing_to_report"]} == {"AL-WBCTi"}
    fold(returned(runtime, 3, body_of(reporter="AL-WBCTi", pillar="WBCTi"), verdict=2))
    rows = {row["structure"]: row for row in get("completeness").json["obligations"]}
    assert not any(row["nothing_to_report"] for row in rows.values())


@pytest.mark.parametrize(
    ("reader", "seen"), [("AL-WBBSi", {"AL"}), ("XK-NC", {"XK"}), ("SECRETARIAT", {"AL", "XK"})]
)
def test_completeness_is_of_the_own_partner_unless_one_is_rcc(get, owed, reader, seen):
    assert {row["partner"] for row in get("completeness", as_=reader).json["obligations"]} == seen


@pytest.mark.parametrize(
    ("query", "count"),
    [("pillar=WBBSi", 2), ("partner=XK", 1), ("structure=AL-WBCTi", 1), ("kind=response", 0)],
)
def test_completeness_can_be_narrowed(get, owed, query, count):
    assert len(get(f"completeness?{query}").json["obligations"]) == count


def test_completeness_is_not_for_members_and_nothing_but_support_for_the_public(get):
    assert get("completeness", as_="EC").status_code == 403
    assert get("completeness", as_=None).status_code == 401
    assert get("gaps", as_=None).status_code == 401


def test_a_record_of_several_submissions_is_counted_once_whether_or_not_they_are_judged(
    runtime, fold, owed, get
):
    def records():
        answer = get("completeness?structure=AL-WBBSi", as_="SECRETARIAT").json
        return answer["obligations"][0]["records"]

    assert records() == 1
    fold(accepted(runtime, 11, body_of(need("N-1"), need("N-2"))))
    assert records() == 2
    fold(received(runtime, 12, body_of(need("N-2"), need("N-3"))))
    assert records() == 3
    fold(returned(runtime, 12, body_of(need("N-2"), need("N-3"))))
    assert records() == 2
