from datetime import date

import pytest

from services.notify.calendar.domain import (
    Collection,
    Meeting,
    PeriodIsUnknown,
    ScheduledCollection,
    WindowIsUpsideDown,
    dates_of,
    obligations_of,
)

MEETING = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), 1)
NEEDS = Collection("need", "2025-2026", "board-8", opens_days_before=90, due_days_before=30)


def test_every_date_of_a_collection_is_counted_back_from_its_meeting() -> None:
    dates = dates_of(NEEDS, MEETING)
    assert (dates.opens_on, dates.due_on, dates.closes_on) == (
        date(2026, 9, 16),
        date(2026, 11, 15),
        date(2026, 12, 15),
    )


def test_all_eighteen_structures_owe_a_collection() -> None:
    owing = obligations_of(ScheduledCollection(NEEDS, dates_of(NEEDS, MEETING), 1))
    assert len(owing) == 18
    assert owing[0].code == "AL-WBCTi/need/2025-2026"


@pytest.mark.parametrize(("opens", "due", "closes"), [(30, 30, 0), (10, 30, 0), (60, 10, 20)])
def test_a_window_in_the_wrong_order_is_refused(opens: int, due: int, closes: int) -> None:
    with pytest.raises(WindowIsUpsideDown, match="open first, then be due, then close"):
        Collection("need", "2025-2026", "board-8", opens, due, closes)


def test_a_period_that_the_kind_does_not_have_is_refused() -> None:
    with pytest.raises(PeriodIsUnknown, match="'2026' is not a period for which need is reported"):
        Collection("need", "2026", "board-8", 90, 30)
