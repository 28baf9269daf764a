"""The rules of the game at the door."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.domain import (
    KindIsNotYours,
    PillarIsNotYours,
    TextIsClassified,
    Window,
    WindowIsClosed,
    check_right,
    check_unclassified,
    check_window,
    texts_in,
)

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
