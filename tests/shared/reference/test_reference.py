from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import reference
from shared.reference import CODELISTS, MEMBERS, PARTNERS, PILLARS, STRUCTURES, markings


def test_the_six_partners_stand_in_alphabetical_order_of_their_labels() -> None:
    labels = [partner.label for partner in PARTNERS.values()]
    assert labels == [
        "Albania",
        "Bosnia and Herzegovina",
        "Kosovo*",
        "Montenegro",
        "North Macedonia",
        "Serbia",
    ]
    assert labels == sorted(labels)


def test_partners_without_a_currency_of_their_own_use_the_euro() -> None:
    assert {code for code, partner in PARTNERS.items() if partner.currency == "EUR"} == {"XK", "ME"}


def test_the_footnote_is_word_for_word_the_agreed_one() -> None:
    assert reference.FOOTNOTE == (
        "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 and "
        "the ICJ Opinion on the Kosovo declaration of independence."
    )


@pytest.mark.parametrize(
    ("text", "needed"), [("Kosovo*, WBCTi structure", True), ("Albania", False), ("", False)]
)
def test_the_footnote_is_needed_where_the_starred_label_is_printed(text: str, needed: bool) -> None:
    assert reference.needs_footnote(text) is needed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("WBCTi", "WBCTi"),
        ("wbcti", "WBCTi"),
        ("WB-CTi", "WBCTi"),
        ("Western Balkans Counter Terrorism Initiative", "WBCTi"),
        ("Western Balkan Counter-Terrorism initiative", "WBCTi"),
        ("western balkans counter-serious crime initiative", "WBCSCi"),
        ("WBCSC", "WBCSCi"),
        ("Western Balkan Border Security", "WBBSi"),
        ("Pillar 3", "WBBSi"),
        (" 2 ", "WBCSCi"),
        ("Western Balkans", None),
        ("WBCT initiative for all", None),
        ("4", None),
        ("", None),
    ],
)
def test_a_pillar_is_recognised_in_all_its_spellings(text: str, code: str | None) -> None:
    assert reference.canonical_pillar(text) == code


def test_every_partner_has_one_structure_per_pillar_and_one_coordinator() -> None:
    assert len(STRUCTURES) == 18
    assert {(each.partner, each.pillar) for each in STRUCTURES.values()} == {
        (a, p) for a in PARTNERS for p in PILLARS
    }
    assert [each.partner for each in reference.COORDINATORS.values()] == list(PARTNERS)


@pytest.mark.parametrize(
    ("code", "role", "partner", "pillars"),
    [
        ("AL-WBCTi", "structure", "AL", ("WBCTi",)),
        ("XK-NC", "coordinator", "XK", tuple(PILLARS)),
        ("RAI", "member", None, ("WBCSCi",)),
        ("RCC", "member", None, tuple(PILLARS)),
        (reference.ANALYST, "analyst", None, tuple(PILLARS)),
        (reference.SECRETARIAT, "secretariat", None, tuple(PILLARS)),
    ],
)
def test_a_reporter_is_known_by_code_with_role_partner_and_pillars(
    code: str, role: str, partner: str | None, pillars: tuple[str, ...]
) -> None:
    found = reference.reporter(code)
    assert (found.code, found.role, found.partner, found.pillars) == (code, role, partner, pillars)
    assert found.label


def test_an_unknown_reporter_is_refused_by_name() -> None:
    with pytest.raises(reference.ReporterIsUnknown, match="There is no reporter 'XX-WBCTi'"):
        reference.reporter("XX-WBCTi")


def test_no_member_bears_a_partners_code_and_every_one_sits_in_a_pillar() -> None:
    assert MEMBERS.keys().isdisjoint(PARTNERS)
    assert all(set(member.pillars) <= PILLARS.keys() and member.pillars for member in MEMBERS.values())


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("RESTREINT UE/EU RESTRICTED", "RESTREINT UE/EU RESTRICTED"),
        ("Annex.\nRestreint UE / EU Restricted\nPage 1", "RESTREINT UE/EU RESTRICTED"),
        ("see CONFIDENTIEL\u00a0UE, annex 2", "CONFIDENTIEL UE"),
        ("TRES SECRET UE/EU TOP SECRET", "TRÈS SECRET UE/EU TOP SECRET"),
        ("held as SECRET UE/EU SECRET", "SECRET UE/EU SECRET"),
        ("R-UE/EU-R", "R-UE/EU-R"),
        ("EU CONFIDENTIAL", "EU CONFIDENTIAL"),
        ("NATO RESTRICTED", "NATO RESTRICTED"),
        ("CO\u200bSMIC TOP SECRET", "COSMIC TOP SECRET"),
        ("Plan zaštite (STROGO POVJERLJIVO)", "STROGO POVJERLJIVO"),
        ("STROGO  POVERLJIVO", "STROGO POVERLJIVO"),
        ("STROGO POVERLjIVO", "STROGO POVERLJIVO"),
        ("Predlog - POVJERLjIVO", "POVJERLJIVO"),
        ("DRZAVNA TAJNA", "DRŽAVNA TAJNA"),
        ("Prilog 3 nosi oznaku TAJNO.", "TAJNO"),
        ("INTERNO", "INTERNO"),
        ("Dokumenti: SEKRET", "SEKRET"),
        ("TEPER SEKRET", "TEPËR SEKRET"),
        ("Анекс - СТРОГО ДОВЕРЛИВО", "СТРОГО ДОВЕРЛИВО"),
        ("СТРОГО ПОВЕРЉИВО", "СТРОГО ПОВЕРЉИВО"),
        ("marked SECRET by the ministry", "SECRET"),
        ("\uff33\uff25\uff23\uff32\uff25\uff34", "SECRET"),
        ("VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-NUR FÜR DEN DIENSTGEBRAUCH"),
    ],
)
def test_a_marking_written_as_a_marking_is_found(text: str, marking: str) -> None:
    assert markings.find_marking(text) == marking


@pytest.mark.parametrize(
    "text",
    [
        "TOP S\u0415CR\u0415T",
        "\u0421\u0422\u0420\u041e\u0413\u041e \u0422A\u0408\u041dO",
        "TAJN\u041e",
        "R\u0435streint UE / EU R\u0435stricted",
    ],
)
def test_a_marking_typed_with_letters_of_both_alphabets_is_found(text: str) -> None:
    assert markings.find_marking(f"Annex 2. {text}. To be read by few.") is not None


@pytest.mark.parametrize("marking", [*markings._BILINGUAL, *markings._PHRASES, *markings._WORDS])
def test_every_marking_is_found_in_the_middle_of_a_text(marking: str) -> None:
    assert markings.find_marking(f"Annex 2. {marking}. To be read by few.") is not None


@pytest.mark.parametrize(
    "text",
    [
        "Training of the secret service in handling confidential informants",
        "Mjere tajnog nadzora; tajno praćenje osumnjičenih",
        "Access to the restricted area of the airport is restricted.",
        "Confidential reporting lines; Secret ballots; Restricted goods",
        "SECRET SERVICE ACADEMY",
        "HANDLING OF CONFIDENTIAL INFORMANTS",
        "Secretariat, SECRETARIAT and INTERNOST",
        "Handling of EU classified information (EUCI)",
        "TLP:RED",
        "",
    ],
)
def test_ordinary_prose_is_not_taken_for_a_marking(text: str) -> None:
    assert markings.find_marking(text) is None


@given(st.text(alphabet=st.characters(whitelist_categories=["Ll", "Nd", "Zs", "Po"])))
def test_a_single_word_marking_needs_capitals(text: str) -> None:
    assert markings.find_marking(text.replace("/", "")) is None


def test_tlp_runs_from_the_most_to_the_least_restricted() -> None:
    assert reference.TLP == ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


@pytest.mark.parametrize(
    ("kind", "text", "holds"),
    [
        ("need", "2025-2026", True),
        ("need", "2024-2025", False),
        ("need", "2025-2027", False),
        ("need", "2025", False),
        ("response", "2026", True),
        ("response", "2025-2026", False),
        ("support", "2026", True),
        ("support", "26", False),
        ("support", "2026\n", False),
        ("opinion", "2026", False),
    ],
)
def test_a_period_is_a_biennium_for_needs_and_a_year_for_the_others(
    kind: str, text: str, holds: bool
) -> None:
    assert reference.is_period(kind, text) is holds


@given(st.integers(2001, 2098))
def test_every_year_lies_in_the_biennium_of_its_needs(year: int) -> None:
    biennium = reference.needs_period_containing(str(year))
    assert reference.is_period("need", biennium)
    assert year in reference.years_of(biennium)
    assert reference.needs_period_containing(biennium) == biennium


def test_a_period_has_a_first_and_a_last_day() -> None:
    assert reference.bounds("2025-2026") == (date(2025, 1, 1), date(2026, 12, 31))
    assert reference.bounds("2026") == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("text", ["2024-2025", "next year", "", "1999"])
def test_a_period_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(reference.PeriodIsUnknown, match=r"biennium \(2025-2026\)"):
        reference.years_of(text)


def test_every_list_that_records_refer_to_is_there_with_its_source() -> None:
    assert set(CODELISTS) == {
        *(f"theme:{pillar}" for pillar in PILLARS),
        *("category", "perspective", "strand", "priority_level", "urgency", "capability", "disposition"),
        *("proficiency", "response_type", "response_status", "coverage", "support_type", "activity_status"),
        *(
            "organisation_role",
            "organisation_type",
            "transaction_type",
            "purpose_code",
            "currency",
            "beneficiary",
            "outside",
        ),
    }
    assert all(each.source and each.version and each.codes for each in CODELISTS.values())


@pytest.mark.parametrize(
    ("name", "code", "on", "valid"),
    [
        ("theme:WBCSCi", "empact22_drugs", date(2025, 12, 31), True),
        ("theme:WBCSCi", "empact22_drugs", date(2026, 1, 1), False),
        ("theme:WBCSCi", "empact26_drugs", date(2025, 12, 31), False),
        ("theme:WBCSCi", "empact26_drugs", date(2026, 1, 1), True),
        ("theme:WBCTi", "jap18_protection", date(2025, 10, 29), True),
        ("theme:WBCTi", "jap18_protection", date(2025, 10, 30), False),
        ("theme:WBCTi", "jap25_protection", date(2025, 10, 30), True),
        ("currency", "HRK", date(2022, 12, 31), True),
        ("currency", "HRK", date(2023, 1, 1), False),
        ("currency", "BGN", date(2026, 1, 1), False),
        ("purpose_code", "15132", date(2026, 1, 1), True),
        ("purpose_code", "99999", date(2026, 1, 1), False),
    ],
)
def test_a_code_is_valid_between_its_days_and_not_a_day_longer(
    name: str, code: str, on: date, valid: bool
) -> None:
    assert reference.is_valid(name, code, on) is valid


@pytest.mark.parametrize(
    ("code", "period", "valid"),
    [
        ("empact22_firearms", "2025-2026", True),
        ("empact26_firearms", "2025-2026", True),
        ("empact22_firearms", "2025", True),
        ("empact22_firearms", "2026", False),
        ("empact26_firearms", "2025", False),
        ("empact22_firearms", "2027-2028", False),
        ("unheard_of", "2026", False),
    ],
)
def test_a_biennium_that_spans_two_empact_cycles_takes_codes_of_both(
    code: str, period: str, valid: bool
) -> None:
    assert reference.is_valid_in_period("theme:WBCSCi", code, period) is valid
    assert (code in reference.codes_valid_in_period("theme:WBCSCi", period)) is valid


def test_ten_empact_priorities_gave_way_to_seven_and_five_areas_to_five() -> None:
    assert len(reference.codes_valid_in_period("theme:WBCSCi", "2025")) == 10
    assert len(reference.codes_valid_in_period("theme:WBCSCi", "2026")) == 7
    assert len(reference.codes_valid_in_period("theme:WBCTi", "2024")) == 5
    assert len(reference.codes_valid_in_period("theme:WBCTi", "2026")) == 5
    assert len(reference.codes_valid_in_period("theme:WBBSi", "2026")) == 12


@pytest.mark.parametrize("name", ["theme:WBCTi", "theme:WBCSCi"])
def test_the_crosswalk_leads_from_every_closed_theme_to_every_open_one(name: str) -> None:
    codes = CODELISTS[name].codes
    closed = set(codes) - set(reference.codes_valid_in_period(name, "2026"))
    led_to = {follower for code in closed for follower in reference.successors(code)}
    assert all(reference.successors(code) for code in closed)
    assert led_to == set(codes) - closed
    assert not any(reference.successors(code) for code in led_to)


def test_a_label_is_printed_for_a_code_and_an_unknown_code_as_it_is() -> None:
    assert reference.label("beneficiary", "XK") == "Kosovo*"
    assert reference.label("capability", "it") == "IT"
    assert reference.label("proficiency", "train_the_trainer") == "Train-the-trainer"
    assert reference.label("support_type", "carrier_pigeon") == "carrier_pigeon"
