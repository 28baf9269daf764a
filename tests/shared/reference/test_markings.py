"""Markings as a reader sees them: spaced, hyphenated, in look-alike letters; and prose that only resembles them."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.reference import markings
from shared.reference.markings import find_marked_text, find_marking

RESTREINT, TOP, CYRILLIC = "RESTREINT UE", "TOP SECRET", "СТРОГО ПОВЕРЉИВО"


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("R E S T R E I N T", "RESTREINT"),
        ("R E S T R E I N T   U E", RESTREINT),
        ("R E S T R E I N T U E", RESTREINT),
        ("R.E.S.T.R.E.I.N.T. U.E.", RESTREINT),
        ("R-E-S-T-R-E-I-N-T U-E", RESTREINT),
        ("R·E·S·T·R·E·I·N·T   U·E", RESTREINT),
        ("R\u200bE\u200bS\u2060T\u200dR\ufeffE\u00adI\u200bN\u200bT\u200b U\u200bE", RESTREINT),
        ("R\u00a0E\u00a0S\u00a0T\u00a0R\u00a0E\u00a0I\u00a0N\u00a0T\u00a0\u00a0U\u00a0E", RESTREINT),
        ("R\nE\nS\nT\nR\nE\nI\nN\nT\nU\nE", RESTREINT),
        ("RES TRE INT UE", RESTREINT),
        ("RESTREI-\nNT UE", RESTREINT),
        ("RESTREINT-UE", RESTREINT),
        ("RESTREINT  —  UE", RESTREINT),
        ("RESTREINT U.E.", RESTREINT),
        ("RESTREINTUE", RESTREINT),
        ("2026_RESTREINT_UE_v2.xlsx", RESTREINT),
        ("𝐑𝐄𝐒𝐓𝐑𝐄𝐈𝐍𝐓 ＵＥ", RESTREINT),
        ("RΕSΤRΕΙΝΤ UΕ", RESTREINT),
        ("R\x08ESTREINT UE", RESTREINT),
        ("EU\u2011CONFIDENTIAL", "EU CONFIDENTIAL"),
        ("T O P   S E C R E T", TOP),
        ("TOP-SECRET", TOP),
        ("N A T O  S E C R E T", "NATO SECRET"),
        ("Annex 2: S E C R E T", "SECRET"),
        ("notes_SECRET_2026.csv", "SECRET"),
        ("T A J N O", "TAJNO"),
        ("С Т Р О Г О   П О В Е Р Љ И В О", CYRILLIC),
        ("СТРОГО\tПОВЕРЉИВО", CYRILLIC),
        ("D R Ž A V N A   T A J N A", "DRŽAVNA TAJNA"),
        ("CONF<b>IDEN</b>TIAL", "CONFIDENTIAL"),
        ("RESTREINT<br>UE", RESTREINT),
        ("<p>STROGO</p><p>TAJNO</p>", "TAJNO"),
        ("RESTR<wbr/>EINT&nbsp;UE", RESTREINT),
        ("&#82;ESTREINT UE", RESTREINT),
        ("CONF&lt;i&gt;IDENTIAL", "CONFIDENTIAL"),
        ("CONF<span title='a > b'>IDENTIAL</span>", "CONFIDENTIAL"),
        ("R E S T R E I N T  U E / E U  R E S T R I C T E D", "RESTREINT UE/EU RESTRICTED"),
    ],
)
def test_a_marking_is_found_as_a_reader_sees_it(text, marking):
    assert find_marking(text) == marking
    assert find_marking(f"Title of 2026. {text}; read by few.") is not None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "R E S E A R C H",
            "<p>Confidential</p> advice &amp; training, a < b > c",
            "S E C U R I T Y",
            "C O N F E R E N C E",
            "Е У",
            "A.B.C.D.E.F.",
            "J. R. R. Tolkien",
        ),
        *("S E C R E T A R I A T", "N A T O   S E C R E T A R I A T", "B U R E A U   S E C R E T A R Y"),
        *("NATO SECRETARIAT", "EU SECRETARIAT", "LIEU SECRETARIAT", "TOP SECRETARIES", "EU-RESTRUCTURING"),
        *(
            "S E C R E T   S E R V I C E",
            "SECRET SERVICE",
            "CONFIDENTIALITY",
            "TAJNOST",
            "INTERNATIONAL",
            "IN TERNO",
        ),
        *(
            "funded by the EU. Restricted access",
            "TRAINING FOR THE EU, RESTRICTION OF ARMS",
            "MoU EU-SEC RETREAT",
        ),
        *(
            "RESTREINT",
            "ACCÈS RESTREINT",
            "Strogo povjerljivo pitanje",
            "tajno praćenje",
            "EU IPA III",
            "CON FIDENTIAL talk",
        ),
        *("AL BA XK ME MK RS", "U.S.A. and E.U. members", "AL-CT-001 BA-CT-002", "КОНФЕРЕНЦИЈА", "GEHEIMNIS"),
    ],
)
def test_prose_and_initials_that_resemble_a_marking_pass(text):
    assert find_marking(text) is None
    assert find_marking(f"Title of 2026. {text}; read by few.") is None


@given(
    marking=st.sampled_from(
        [each for each in (*markings._BILINGUAL, *markings._PHRASES, *markings._WORDS) if "-" not in each]
    ),
    gap=st.sampled_from([" ", ".", "-", "\u00a0", "\u200b", "·", " - ", "\n"]),
)
def test_every_marking_is_found_letter_by_letter(marking, gap):
    words = [gap.join(word) for word in marking.split()]
    assert find_marking(f"Annex 2: {(gap + '  ').join(words)}, to be read by few.") is not None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzčćžšđëçабвгдежњљ ,.-0123456789"))
@example("secret service, eu secret, tajno, strogo poverljivo")
def test_lower_case_prose_passes_whatever_it_says(text):
    assert find_marking(text) is None


def test_the_place_of_a_marking_names_no_field_that_the_sender_made_up():
    assert find_marked_text([{"ref": "1", "SECRET UE/EU SECRET": 1}], at="/records") == (
        "SECRET UE/EU SECRET",
        "/records/0/…",
    )
    assert find_marked_text([{"training": {"Name of agent": TOP}}], at="/records") == (
        TOP,
        "/records/0/training/…",
    )
    assert find_marked_text(TOP, at="lines 1 to 3") == (TOP, "lines 1 to 3")


@pytest.mark.parametrize("text", ["<" + "a" * 300_000, "<a " * 100_000, '<a "' + "x" * 300_000])
def test_a_tag_without_an_end_takes_no_longer_than_its_text(text):
    assert find_marking(text) is None
    assert find_marking(f"{text}\nSEC<b>RET UE") == "SECRET UE"
