import pytest

from shared.reference.partners import FOOTNOTE
from tests.reporting.events import accepted, body_of, need, response


def gaps_of(answer):
    return {row["partner"]: row["needs"] for row in answer.json["totals"]["partners"] if row["needs"]}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("RCC-ANALYST", {"AL": 2, "XK": 2}),
        ("EC", {"AL": 1, "XK": 1}),
        ("AL-WBBSi", {"AL": 2, "XK": 1}),
        ("XK-NC", {"AL": 1, "XK": 2}),
    ],
)
def test_the_gap_matrix_shows_the_own_partner_in_full_and_others_by_marking(get, figures, reader, seen):
    assert gaps_of(get("gaps", as_=reader)) == seen


def test_a_restricted_answer_does_not_show_in_a_members_matrix(get, runtime, fold):
    link = {"ref": "N-1", "coverage": "full"}
    fold(accepted(runtime, 1, body_of(need("N-1"))))
    fold(accepted(runtime, 2, body_of(response("R-1", tlp="TLP:RED", needs=[link]), kind="response")))
    assert get("gaps", as_="EC").json["totals"]["all"]["open"] == 1
    assert get("gaps", as_="AL-WBCTi").json["totals"]["all"]["covered"] == 1


def test_the_gap_matrix_is_whole_and_can_be_narrowed(get, figures):
    answer = get("gaps?period=2025-2026&pillar=WBBSi").json
    assert len(answer["cells"]) == 18
    assert answer["totals"]["all"] == {
        "needs": 4,
        "answered": 0,
        "supported": 0,
        "covered": 0,
        "partly": 0,
        "open": 4,
    }
    assert answer["footnote"] == FOOTNOTE
    assert get("gaps?period=2023-2024").json["totals"]["all"]["needs"] == 0
    assert get("gaps?partner=XK").json["totals"]["all"]["needs"] == 2
