"""The rules of the game at the door, and what the sender is shown."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.domain.findings import grouped
from services.entry.domain.markings import TextIsClassified, check_unclassified, texts_in
from services.entry.domain.submissions import (
    KindIsNotYours,
    PillarIsNotYours,
    Progress,
    Verdict,
    Version,
    check_right,
)
from services.entry.domain.timeline import timeline
from services.entry.domain.windows import Window, WindowIsClosed, check_window
from tests.conftest import NOW

WINDOW = Window("w", "need", "2025-2026", date(2026, 9, 1), date(2026, 12, 31), 1)


@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2026, 12, 31)])
def test_a_window_is_open_on_its_first_and_last_day(today):
    check_window([WINDOW], kind="need", period="2025-2026", today=today)
    assert WINDOW.is_open(today)


def test_a_refusal_before_the_window_says_when_it_opens():
    with pytest.raises(WindowIsClosed, match=r"opens on 2026-09-01 and closes on 2026-12-31.*Secretariat"):
        check_window([WINDOW], kind="need", period="2025-2026", today=date(2026, 8, 31))


def test_a_refusal_after_the_window_says_until_when_it_was_open():
    with pytest.raises(WindowIsClosed, match="was open from 2026-09-01 until 2026-12-31"):
        check_window([WINDOW], kind="need", period="2025-2026", today=date(2027, 1, 1))


def test_a_window_of_another_period_opens_nothing():
    with pytest.raises(WindowIsClosed, match="No collection window"):
        check_window([WINDOW], kind="need", period="2023-2024", today=date(2026, 10, 1))


def test_support_is_taken_at_any_time():
    assert check_window([], kind="support", period="2026", today=date(2026, 1, 1)) is None


def test_a_member_reports_no_needs():
    with pytest.raises(KindIsNotYours, match="response and support"):
        check_right(role="member", pillars=["WBCTi"], kind="need", pillar="WBCTi")


def test_a_structure_reports_for_its_own_pillar_only():
    with pytest.raises(PillarIsNotYours, match="for WBCTi"):
        check_right(role="structure", pillars=["WBCTi"], kind="need", pillar="WBBSi")


def test_a_marking_is_found_wherever_it_stands_and_its_place_is_named():
    records = [{"ref": "1"}, {"ref": "2", "training": {"topic": ["x", "RESTREINT UE/EU RESTRICTED"]}}]
    with pytest.raises(TextIsClassified, match="/records/1/training/topic/1"):
        check_unclassified(records, at="/records")


def test_a_marking_in_the_name_of_a_field_is_found():
    with pytest.raises(TextIsClassified, match="/records/0/"):
        check_unclassified([{"ref": "1", "SECRET UE/EU SECRET": 1}], at="/records")


def test_a_marking_is_not_made_of_two_texts_side_by_side():
    assert check_unclassified([{"ref": "RESTREINT", "title": "UE and others"}], at="/records") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def resolve(value, pointer):
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@given(JSON)
def test_every_pointer_leads_to_its_text(value):
    for pointer, text in texts_in(value, ""):
        found = resolve(value, pointer) if pointer else value
        assert found == text or pointer.endswith("/" + text.replace("~", "~0").replace("/", "~1"))


RETURNED = Verdict(
    number=1,
    outcome="returned",
    reason="data_changed",
    judged_at=NOW,
    ruleset="WBCTi",
    ruleset_hash="f" * 64,
    counts={"error": 1},
    report="0" * 64,
)
FIRST = Version(number=1, state="returned", received_at=NOW, body="0" * 64, verdicts=[RETURNED])


def steps(*versions):
    return [(step.version, step.stage, step.text) for step in timeline(versions)]


def test_the_first_verdict_of_all_needs_no_reason_and_that_on_a_correction_has_one():
    second = replace(FIRST, number=2, verdicts=[replace(RETURNED, outcome="accepted")])
    assert steps(FIRST, second) == [
        (1, "received", None),
        (1, "returned", None),
        (2, "received", None),
        (2, "accepted", "your data changed"),
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("rules_changed", "our rules changed"),
        ("references_changed", "what you refer to changed"),
        ("waiver_changed", "a waiver was given or ended"),
    ],
)
def test_a_later_verdict_on_the_same_version_says_what_changed(reason, words):
    later = replace(RETURNED, number=2, outcome="accepted", reason=reason)
    known = replace(FIRST, verdicts=[RETURNED, later])
    assert steps(known)[-2:] == [(1, "returned", None), (1, "accepted", words)]
    assert known.verdict == later


def test_a_checking_that_goes_on_is_the_last_step():
    later = NOW + timedelta(minutes=1)
    (*_, last) = timeline([replace(FIRST, progress=Progress(12, 50, later))])
    assert (last.stage, last.text, last.at) == ("checking", "being checked: 12 of 50 chunks", later)


def test_a_checking_that_a_correction_overtook_is_not_shown():
    overtaken = replace(FIRST, verdicts=(), progress=Progress(12, 50, NOW))
    second = replace(FIRST, number=2, verdicts=())
    assert steps(overtaken, second) == [(1, "received", None), (2, "received", None)]


def test_a_finding_of_a_former_report_is_a_group_of_one_place():
    of_rule = {
        "rule": "GEN-04",
        "title": "Ends after it starts",
        "severity": "error",
        "outcome": "failed",
        "why": "Figures are by year.",
        "reference": "",
    }
    place = {"ref": "1", "pointer": "/records/0/end", "value": 5, "message": "No.", "expected": "A date."}
    group = of_rule | {"count": 1, "places": [place], "left_out": 0}
    assert grouped([of_rule | place, group | {"count": 250, "left_out": 249}]) == [
        group,
        group | {"count": 250, "left_out": 249},
    ]
