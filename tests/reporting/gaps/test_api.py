import pytest

from shared.reference.partners import FOOTNOTE
from tests.reporting.events import accepted, body_of, need, response, returned, withdrawn


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
    assert len(get("gaps?period=2025-2026").json["cells"]) == 18
    answer = get("gaps?period=2025-2026&pillar=WBBSi").json
    assert {cell["pillar"] for cell in answer["cells"]} == {"WBBSi"}
    assert answer["totals"]["all"] == {
        "state": "partly_reported",
        "structures": 6,
        "reported": 2,
        "needs": 4,
        "answered": 0,
        "supported": 0,
        "covered": 0,
        "partly": 0,
        "open": 4,
    }
    assert answer["footnote"] == FOOTNOTE
    assert get("gaps?partner=XK").json["totals"]["all"]["needs"] == 2


NUMBERS = ("needs", "answered", "supported", "covered", "partly", "open")


def states(answer):
    """The state of each cell with another state than most."""
    return {
        f"{cell['partner']}-{cell['pillar']}": cell["state"]
        for cell in answer.json["cells"]
        if cell["state"] not in ("not_reported", "unknown")
    }


def test_who_has_not_reported_has_no_numbers_not_even_zeros(get, figures):
    answer = get("gaps?partner=AL")
    for cell in answer.json["cells"]:
        is_reported = cell["pillar"] == "WBBSi"
        assert cell["state"] == ("reported" if is_reported else "not_reported")
        assert {cell[name] is None for name in NUMBERS} == {not is_reported}
    nobody = get("gaps?period=2023-2024").json["totals"]["all"]
    assert (nobody["state"], nobody["needs"], nobody["reported"]) == ("not_reported", None, 0)


def test_a_nil_return_and_needs_that_were_withdrawn_are_reports_without_needs(get, runtime, fold):
    nil = body_of(reporter="RS-WBCTi", pillar="WBCTi")
    merged = body_of(need("N-1", disposition="merged"), reporter="ME-WBBSi")
    fold(accepted(runtime, 1, nil), accepted(runtime, 2, merged))
    answer = get("gaps")
    assert states(answer) == {"RS-WBCTi": "reported", "ME-WBBSi": "reported"}
    assert {row["needs"] for row in answer.json["totals"]["partners"] if row["reported"]} == {0}


def test_what_is_returned_or_withdrawn_was_not_reported(get, runtime, fold):
    body = body_of(need("N-1"))
    fold(returned(runtime, 1, body))
    assert states(get("gaps")) == {}
    fold(accepted(runtime, 2, body))
    assert states(get("gaps")) == {"AL-WBBSi": "reported"}
    fold(withdrawn(2, body))
    assert states(get("gaps")) == {}


@pytest.mark.parametrize(
    ("reader", "known"),
    [("RCC-ANALYST", 18), ("SECRETARIAT", 18), ("EC", 0), ("AL-WBCTi", 3), ("AL-NC", 3), ("XK-NC", 3)],
)
def test_only_who_reads_its_obligations_learns_that_a_structure_has_not_reported(
    get, runtime, fold, reader, known
):
    before = get("gaps", as_=reader).json["cells"]
    assert [cell["state"] for cell in before].count("not_reported") == known
    assert [cell["state"] for cell in before].count("unknown") == 18 - known
    # Neither a nil return nor needs that the reader may not see change what it sees of others.
    fold(accepted(runtime, 1, body_of(reporter="RS-WBCTi", pillar="WBCTi")))
    fold(accepted(runtime, 2, body_of(need("N-1", tlp="TLP:RED"), reporter="MK-WBCTi", pillar="WBCTi")))
    after = get("gaps", as_=reader).json["cells"]
    assert (after == before) is (known < 18)


def test_csv_has_a_line_per_number_and_says_where_nothing_was_reported(get, figures):
    answer = get("gaps?partner=XK&format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["IISGD-Footnote"] == FOOTNOTE
    assert answer.headers["IISGD-Total"] == (
        "need;needs=2;answered=0;supported=0;covered=0;partly=0;open=2;structures=3;reported=1"
    )
    assert answer.headers["Link"] == (
        '</reporting/v1/gaps?partner=XK&format=json>; rel="alternate"; type="application/json"'
    )
    lines = answer.text.splitlines()
    assert lines[0] == "partner,partner_label,pillar,pillar_label,state,measure,value"
    assert len(lines) == 1 + 3 * len(NUMBERS)
    assert lines[1].endswith(",not_reported,needs,")
    assert lines[-1].endswith(",WBBSi,Western Balkan Border Security initiative,reported,open,2")
    assert get("gaps", Accept="text/csv").text.count(",not_reported,") == 16 * len(NUMBERS)
