from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.figures.domain.cube import KEYS, MANY_VALUED, figures_of
from services.reporting.figures.domain.facts import Envelope, Fact, entries_of, expand, identity_of, links_of
from services.reporting.figures.domain.money import AmountIsUnreadable, cents, decimal_text, split, weights
from tests.reporting.events import body_of, need, response, support

MEMBER = Envelope(reporter="EC", partner=None, pillar="WBBSi", kind="support", period="2026", tlp="TLP:GREEN")


STRUCTURE = Envelope(
    reporter="AL-WBBSi", partner="AL", pillar="WBBSi", kind="need", period="2025-2026", tlp="TLP:AMBER"
)


amounts = st.integers(-(10**13), 10**13)


partner_codes = st.sampled_from(["AL", "BA", "XK", "ME", "MK", "RS", "89"])


beneficiary_codes = partner_codes | st.sampled_from(["UA", "TR", "298"])
"""Beneficiaries in the region and outside it."""


theme_codes = st.sampled_from(["eibm_control", "eibm_return", "eibm_training"])


percentages = st.none() | st.integers(0, 100) | st.sampled_from([33.33, "12.5", 0.01])


def coded(codes, shares):
    pair = st.fixed_dictionaries({"code": codes, "percentage": shares})
    return st.lists(pair, max_size=4, unique_by=lambda entry: entry["code"])


transactions = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["1", "2", "3", "4", "11", "12"]),
        "date": st.sampled_from(["2024-12-31", "2025-01-01", "2026-06-30"]),
        "amount": amounts.map(decimal_text),
        "currency": st.sampled_from(["EUR", "ALL"]),
        "beneficiary": st.none() | beneficiary_codes,
    }
)


supports = st.fixed_dictionaries(
    {
        "ref": st.just("S-1"),
        "support_type": st.just("grant"),
        "activity_status": st.sampled_from(["1", "2"]),
        "beneficiaries": coded(beneficiary_codes, percentages),
        "themes": coded(theme_codes, percentages),
        "planned_start": st.sampled_from(["2025-05-01", None]),
        "budget": amounts.map(decimal_text) | st.none(),
        "currency": st.just("EUR"),
        "transactions": st.lists(transactions, max_size=5),
    }
)


def sums(facts: tuple[Fact, ...]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        found[fact.currency, "committed"] += fact.committed
        found[fact.currency, "spent"] += fact.spent
    return Counter({key: value for key, value in found.items() if value})


def reported(record: dict) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    counted = [at for at in record["transactions"] if at["type"] in {"2", "11", "3", "4"}]
    for at in counted:
        found[at["currency"], "committed" if at["type"] in {"2", "11"} else "spent"] += cents(at["amount"])
    if not counted and record["budget"] is not None:
        found["EUR", "committed"] += cents(record["budget"])
    return Counter({key: value for key, value in found.items() if value})


@given(supports)
def test_the_cells_of_a_support_hold_each_of_its_cents_once(record):
    assert sums(expand(record, MEMBER)) == reported(record)


@given(supports)
def test_a_support_stands_in_every_cell_of_partner_theme_and_year(record):
    facts = expand(record, MEMBER)
    cells = {(fact.partner, fact.theme, fact.period) for fact in facts}
    partners, themes, periods = ({cell[at] for cell in cells} for at in range(3))
    assert len(cells) == len(partners) * len(themes) * len(periods)
    assert len({(fact.partner, fact.theme, fact.period, fact.currency) for fact in facts}) == len(facts)
    own = {at["beneficiary"] for at in record["transactions"] if at["type"] in {"2", "11", "3", "4"}} - {None}
    stated = {entry["code"] for entry in record["beneficiaries"]} or {"unstated"}
    assert partners == {"outside" if code in {"UA", "TR", "298"} else code for code in own | stated}


def test_the_money_of_a_transaction_is_its_own_beneficiarys():
    record = support(
        "S-1",
        currency="EUR",
        beneficiaries=[{"code": "AL", "percentage": 50}, {"code": "RS", "percentage": 50}],
        transactions=[
            {"type": "3", "date": "2026-01-31", "amount": 900_000, "beneficiary": "AL"},
            {"type": "3", "date": "2026-01-31", "amount": "100000", "beneficiary": "RS"},
            {"type": "3", "date": "2026-01-31", "amount": "0.03"},
            {"type": "3", "date": "2026-01-31", "amount": 7, "beneficiary": "UA"},
        ],
    )
    assert {fact.partner: fact.spent for fact in expand(record, MEMBER)} == {
        "AL": 90_000_002,
        "RS": 10_000_001,
        "outside": 700,
    }


@pytest.mark.parametrize(
    ("beneficiaries", "expected"),
    [
        ({"AL": 50, "UA": 50}, {"AL": 50_000, "outside": 50_000}),
        ({"AL": 50, "UA": 30, "298": 20}, {"AL": 50_000, "outside": 50_000}),
        ({"AL": None, "UA": None, "TR": None}, {"AL": 33_334, "outside": 66_666}),
        ({"89": 50, "998": 50}, {"89": 50_000, "outside": 50_000}),
        (dict.fromkeys(["AL", "BA", "XK", "ME"]), dict.fromkeys(["AL", "BA", "XK", "ME"], 25_000)),
    ],
)
def test_shares_outside_the_region_are_counted_for_no_partner(beneficiaries, expected):
    shares = [
        {"code": code} | ({} if percentage is None else {"percentage": percentage})
        for code, percentage in beneficiaries.items()
    ]
    facts = expand(support("S-1", beneficiaries=shares, budget=1000, currency="EUR"), MEMBER)
    assert {fact.partner: fact.committed for fact in facts} == expected


@given(amounts, st.dictionaries(partner_codes, st.integers(0, 10_000).map(Fraction), min_size=1))
def test_a_split_keeps_every_cent_and_gives_what_is_left_to_the_lowest_code(amount, shares):
    parts = split(amount, shares)
    assert sum(parts.values()) == amount
    total = sum(shares.values())
    for code in set(parts) - {min(parts)}:
        exact = amount * (shares[code] / total if total else Fraction(1, len(shares)))
        assert abs(parts[code]) <= abs(exact)
        assert abs(exact - parts[code]) < 1


def test_two_cents_left_of_three_equal_parts_both_go_to_the_lowest_code():
    assert split(200, weights([{"code": "RS"}, {"code": "AL"}, {"code": "BA"}])) == {
        "AL": 68,
        "BA": 66,
        "RS": 66,
    }


def test_a_decommitment_is_split_like_a_commitment():
    assert split(-200, weights([{"code": "RS"}, {"code": "AL"}, {"code": "BA"}])) == {
        "AL": -68,
        "BA": -66,
        "RS": -66,
    }


def test_entries_without_a_percentage_share_what_the_others_leave():
    assert weights([{"code": "AL", "percentage": 60}, {"code": "BA"}, {"code": "RS"}]) == {
        "AL": 60,
        "BA": 20,
        "RS": 20,
    }


def test_the_region_is_a_beneficiary_of_its_own():
    shares = [{"code": "89", "percentage": 75}, {"code": "XK", "percentage": 25}]
    facts = expand(support("S-1", beneficiaries=shares, budget=1000, currency="EUR"), MEMBER)
    assert {fact.partner: fact.committed for fact in facts} == {"89": 75_000, "XK": 25_000}


def test_money_counts_in_the_year_of_its_transaction_and_commitments_apart_from_payments():
    record = support(
        "S-1",
        budget=999,
        currency="EUR",
        transactions=[
            {"type": "2", "date": "2025-01-31", "amount": 100, "currency": "EUR"},
            {"type": "3", "date": "2026-01-31", "amount": "40.50", "currency": "EUR"},
            {"type": "4", "date": "2026-02-28", "amount": 10, "currency": "ALL"},
        ],
    )
    facts = {(fact.period, fact.currency): (fact.committed, fact.spent) for fact in expand(record, MEMBER)}
    assert facts == {("2025", "EUR"): (10_000, 0), ("2026", "EUR"): (0, 4_050), ("2026", "ALL"): (0, 1_000)}


def test_a_support_without_transactions_counts_its_budget_in_the_year_in_which_it_really_started():
    record = support("S-1", budget="12.34", currency="EUR", actual_start="2024-02-01")
    (fact,) = expand(record, MEMBER)
    assert (fact.period, fact.committed, fact.spent) == ("2024", 1_234, 0)


def test_a_need_has_one_cell_and_its_cost_is_an_estimate():
    (fact,) = expand(need("N-1", estimated_cost=500, currency="ALL", tlp="TLP:RED"), STRUCTURE)
    assert fact == Fact(
        pillar="WBBSi",
        partner="AL",
        kind="need",
        theme="eibm_control",
        category="operational",
        period="2025-2026",
        status="open",
        tlp="TLP:RED",
        currency="ALL",
        estimated=50_000,
    )


def test_money_of_an_unknown_currency_is_never_added_to_another():
    (fact,) = expand(need("N-1", estimated_cost=5, currency="Euro"), STRUCTURE)
    assert fact.currency == "XXX"


@pytest.mark.parametrize("value", ["12,000", "NaN", "Infinity", True, 10**18, [], "1e999999999"])
def test_what_is_no_amount_is_refused_by_name(value):
    with pytest.raises(AmountIsUnreadable):
        cents(value)


@given(supports)
def test_every_kept_figure_is_one_more_record_wherever_the_record_stands(record):
    facts = expand(record, MEMBER)
    figures = figures_of(facts)
    assert {figure.records for cell, figure in figures.items() if not cell.currency} == {1}
    assert all(figure.records == 0 for cell, figure in figures.items() if cell.currency)
    top = {
        cell.currency: figure
        for cell, figure in figures.items()
        if {cell.partner, cell.theme, cell.period} == {"*"}
    }
    paid = {(at, "committed"): figure.committed for at, figure in top.items() if figure.committed}
    paid |= {(at, "spent"): figure.spent for at, figure in top.items() if figure.spent}
    assert paid == reported(record)


def test_a_need_has_no_rows_for_any_value_since_it_has_one_of_each():
    figures = figures_of(expand(need("N-1"), STRUCTURE))
    assert len(figures) == 1
    assert set(MANY_VALUED) <= set(KEYS)


def test_a_carried_over_need_is_another_record_and_a_support_is_the_same_in_every_period():
    assert identity_of("AL-WBBSi", "need", "2023-2024", "N/1") != identity_of(
        "AL-WBBSi", "need", "2025-2026", "N/1"
    )
    assert identity_of("EC", "support", "2025", "S-1") == identity_of("EC", "support", "2026", "S-1")


def test_where_a_ref_stands_twice_in_a_submission_the_later_record_holds():
    (entry,) = entries_of(body_of(need("N-1", theme="eibm_return"), need("N-1", theme="eibm_control")))
    assert [fact.theme for fact in entry.facts] == ["eibm_control"]


def test_a_link_without_reporter_and_period_means_the_submitters_own_need_of_that_biennium():
    envelope = Envelope(
        reporter="AL-WBBSi", partner="AL", pillar="WBBSi", kind="response", period="2026", tlp="TLP:GREEN"
    )
    (link,) = links_of(
        response("R-1", needs=[{"ref": "N-1", "coverage": "partial", "share": 12.5}]), envelope
    )
    assert (link.target, link.coverage, link.share) == ("AL-WBBSi/need/2025-2026/N-1", "partial", 1_250)


def test_a_support_links_to_needs_and_responses_of_others():
    record = support(
        "S-1",
        needs=[{"ref": "N-1", "reporter": "AL-WBBSi", "period": "2023-2024", "coverage": "full"}],
        responses=[{"ref": "R-1", "reporter": "AL-WBBSi"}],
    )
    assert [link.target for link in links_of(record, MEMBER)] == [
        "AL-WBBSi/need/2023-2024/N-1",
        "AL-WBBSi/response/2026/R-1",
    ]


def test_a_cancelled_project_answers_no_need():
    record = support("S-1", activity_status="5", needs=[{"ref": "N-1", "reporter": "AL-WBBSi"}])
    assert links_of(record, MEMBER) == ()


def test_a_ref_is_one_identity_in_any_encoding_and_old_records_that_fall_together_stay_apart():
    composed, decomposed = "\u0160-1", "S\u030c-1"
    one, other = (entries_of(body_of(need(ref=ref)))[0].identity for ref in (composed, decomposed))
    assert one == other
    link = response("R-1", needs=[{"ref": decomposed, "coverage": "full"}])
    (answer,) = entries_of(body_of(link, kind="response", period="2025"))[0].links
    assert answer.target.endswith(f"/{composed}")
    both = entries_of(body_of(need(ref=composed), need(ref=decomposed)))
    assert [entry.identity.rpartition("/")[2] for entry in both] == [composed, decomposed]
