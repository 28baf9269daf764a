from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.calendar.domain import (
    Meeting,
)
from services.notify.messages.domain import Item, Message, MovedMeeting, OpenObligation
from services.notify.messages.formats import days_left, render
from services.notify.reminders.domain.ladder import OVERDUE, REMINDER
from services.notify.reminders.domain.obligations import Obligation

MEETING = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), 1)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def owed(
    *, due_on: date = date(2026, 11, 30), opens: int = 60, closes: int = 15, is_met: bool = False
) -> Obligation:
    return Obligation(
        structure="AL-WBCTi",
        kind="need",
        period="2025-2026",
        meeting="board-8",
        opens_on=due_on - timedelta(days=opens),
        due_on=due_on,
        closes_on=due_on + timedelta(days=closes),
        is_met=is_met,
    )


@pytest.mark.parametrize(
    ("due_on", "said"),
    [(-2, "2 days ago"), (-1, "1 day ago"), (0, "today"), (1, "tomorrow"), (7, "in 7 days")],
)
def test_the_distance_of_a_date_reads_naturally(due_on: int, said: str) -> None:
    assert days_left(NOW.date() + timedelta(days=due_on), NOW.date()) == said


def test_a_subject_names_the_mapping_and_the_date() -> None:
    near, late = owed(), owed(due_on=date(2026, 11, 20))
    other = Obligation(**{**_fields(near), "kind": "response", "period": "2026"})
    assert subject(item(near)) == "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    assert subject(item(near), item(other)) == "Due in 7 days, on 30 November 2026: 2 mappings"
    overdue = subject(item(near), item(late, OVERDUE))
    assert overdue == "Overdue since 20 November 2026: Needs 2025-2026"
    moved = subject(MovedMeeting(MEETING, date(2026, 12, 1), (item(near),)), item(late, OVERDUE))
    assert moved == "New date: 8th Board meeting on Tuesday 15 December 2026"


def item(obligation: Obligation, kind: str = REMINDER) -> OpenObligation:
    return OpenObligation(kind, obligation, MEETING)


def subject(*items: Item) -> str:
    return render(Message(NOW.date(), items), public_url="https://iisgd.example").subject


def _fields(obligation: Obligation) -> dict[str, object]:
    return {name: getattr(obligation, name) for name in Obligation.__slots__}
