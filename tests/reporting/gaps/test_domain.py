import pytest

from services.reporting.figures.domain.needs import LinkedNeeds, LinkTotals
from services.reporting.gaps.domain import Cell, Gap, classify, count_gaps, matrix_of

COUNTED = {("XK", "WBBSi"): Gap(needs=3, open=2), ("AL", "WBCTi"): Gap(needs=1, open=1)}


def test_the_matrix_has_every_partner_and_pillar_in_their_order_and_sums_them():
    matrix = matrix_of(COUNTED, reported=COUNTED, known=())
    assert list(matrix.partners) == ["AL", "BA", "XK", "ME", "MK", "RS"]
    assert list(matrix.cells)[:4] == [("AL", "WBCTi"), ("AL", "WBCSCi"), ("AL", "WBBSi"), ("BA", "WBCTi")]
    assert matrix.partners["XK"].gap == matrix.pillars["WBBSi"].gap == Gap(needs=3, open=2)
    assert matrix.total.gap == Gap(needs=4, open=3)
    assert (matrix.total.structures, matrix.total.reported) == (18, 2)


def test_a_sum_says_whether_all_of_its_structures_have_reported():
    places = [("AL", pillar) for pillar in ("WBCTi", "WBCSCi", "WBBSi")]
    matrix = matrix_of(COUNTED, reported=places, known=[*places, ("BA", "WBCTi"), ("BA", "WBCSCi")])
    assert [matrix.partners[code].state for code in ("AL", "BA", "XK", "ME")] == [
        "reported",
        "unknown",
        "partly_reported",
        "unknown",
    ]
    assert matrix.cells["AL", "WBCSCi"] == Cell("reported", Gap(), reported=1)
    assert matrix.cells["BA", "WBCTi"] == Cell("not_reported", None)
    assert matrix.cells["BA", "WBBSi"] == Cell("unknown", None)


@pytest.mark.parametrize(
    ("links", "state"),
    [
        (LinkTotals(), "open"),
        (LinkTotals(responses=1), "partly"),
        (LinkTotals(supports=1), "partly"),
        (LinkTotals(responses=1, share=9_999), "partly"),
        (LinkTotals(responses=2, share=10_000), "covered"),
        (LinkTotals(supports=3, share=12_000), "covered"),
        (LinkTotals(supports=1, full=1), "covered"),
        (LinkTotals(responses=1, supports=1, full=1, share=100), "covered"),
    ],
)
def test_a_need_is_covered_in_full_by_one_record_or_by_shares_that_sum_to_a_hundred(links, state):
    assert classify(links) == state


def test_needs_count_once_per_place_and_by_every_kind_of_link():
    counted = count_gaps(
        [
            LinkedNeeds("AL", "WBBSi", LinkTotals(), 3),
            LinkedNeeds("AL", "WBBSi", LinkTotals(responses=1, supports=2, full=1), 2),
            LinkedNeeds("AL", "WBBSi", LinkTotals(supports=1, share=500), 1),
            LinkedNeeds("XK", "WBBSi", LinkTotals(responses=1), 4),
        ]
    )
    assert counted == {
        ("AL", "WBBSi"): Gap(needs=6, answered=2, supported=3, covered=2, partly=1, open=3),
        ("XK", "WBBSi"): Gap(needs=4, answered=4, partly=4),
    }
