from services.reporting.gaps.domain import Gap, matrix_of


def test_the_matrix_has_every_partner_and_pillar_in_their_order_and_sums_them():
    matrix = matrix_of({("XK", "WBBSi"): Gap(needs=3, open=2), ("AL", "WBCTi"): Gap(needs=1, open=1)})
    assert list(matrix.partners) == ["AL", "BA", "XK", "ME", "MK", "RS"]
    assert list(matrix.cells)[:4] == [("AL", "WBCTi"), ("AL", "WBCSCi"), ("AL", "WBBSi"), ("BA", "WBCTi")]
    assert matrix.partners["XK"] == matrix.pillars["WBBSi"] == Gap(needs=3, open=2)
    assert matrix.total == Gap(needs=4, open=3)
