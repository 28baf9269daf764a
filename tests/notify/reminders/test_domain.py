from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.calendar.domain import (
    Meeting,
)
from services.notify.reminders.domain.ladder import DATE_CHANGED, LADDER
from services.notify.reminders.domain.obligations import Obligation
from services.notify.reminders.domain.reminders import (
    Reminder,
    ReminderState,
    is_current,
    notice_state,
    plan_ladder,
)

MEETING = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), 1)


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


def states(
    obligation: Obligation, day: date, known: dict[str, ReminderState] | None = None
) -> dict[str, ReminderState]:
    stored = {(obligation.code, step, obligation.due_on): state for step, state in (known or {}).items()}
    return {reminder.step: reminder.state for reminder in plan_ladder([obligation], day, stored)}


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 11, 30), "open"),
        (date(2026, 12, 1), "overdue"),
        (date(2026, 12, 15), "overdue"),
        (date(2026, 12, 16), "closed"),
    ],
)
def test_an_obligation_is_overdue_after_its_deadline_until_its_window_closes(day: date, state: str) -> None:
    assert owed().state(day) == state
    assert owed(is_met=True).state(day) == "met"


def test_steps_are_counted_from_the_deadline_and_not_from_the_meeting() -> None:
    assert [step.send_on(owed()) for step in LADDER] == [
        date(2026, 10, 31),
        date(2026, 11, 16),
        date(2026, 11, 23),
        date(2026, 11, 29),
        date(2026, 12, 1),
    ]


def test_no_step_is_sent_before_the_window_opens() -> None:
    obligation = owed(opens=10)
    assert [step.send_on(obligation) for step in LADDER[:3]] == [date(2026, 11, 20)] * 2 + [
        date(2026, 11, 23)
    ]


def test_of_several_steps_due_at_once_only_the_latest_stays() -> None:
    assert states(owed(), date(2026, 11, 24)) == {
        "T-30": ReminderState.PASSED_OVER,
        "T-14": ReminderState.PASSED_OVER,
        "T-7": ReminderState.PLANNED,
        "T-1": ReminderState.PLANNED,
        "overdue": ReminderState.PLANNED,
    }


def test_a_step_that_was_sent_is_never_planned_again() -> None:
    known = {
        "T-30": ReminderState.SENT,
        "T-14": ReminderState.UNCERTAIN,
        "T-7": ReminderState.FAILED,
        "T-1": ReminderState.SENDING,
    }
    assert states(owed(), date(2026, 12, 1), known) == {**known, "overdue": ReminderState.PLANNED}


def test_the_latest_step_is_due_when_a_met_obligation_is_reopened() -> None:
    day = date(2026, 11, 24)
    met = states(owed(is_met=True), day, {"T-30": ReminderState.SENT})
    assert set(met.values()) == {ReminderState.SENT, ReminderState.MET}
    again = states(owed(), day, met)
    assert (again["T-14"], again["T-7"]) == (ReminderState.PASSED_OVER, ReminderState.PLANNED)


def test_no_reminder_is_planned_after_the_window_has_closed() -> None:
    assert set(states(owed(), date(2026, 12, 16)).values()) == {ReminderState.PASSED_OVER}


def test_a_reminder_is_current_only_for_its_own_deadline() -> None:
    day = date(2026, 11, 23)
    reminder = next(each for each in plan_ladder([owed()], day, {}) if each.step == "T-7")
    assert is_current(reminder, owed(), day)
    assert not is_current(reminder, owed(due_on=date(2026, 12, 1)), day)
    assert not is_current(reminder, owed(is_met=True), day)
    assert not is_current(reminder, owed(), date(2026, 11, 29)), "the next step is due"


def test_a_notice_is_superseded_when_the_meeting_moves_again_and_met_when_nothing_is_owed() -> None:
    notice = Reminder(
        "AL-WBCTi",
        "board-8",
        DATE_CHANGED,
        MEETING.held_on,
        date(2026, 11, 23),
        ReminderState.PLANNED,
        sequence=2,
    )
    assert notice_state(notice, held_on=MEETING.held_on, is_owed=True) is ReminderState.PLANNED
    assert notice_state(notice, held_on=date(2027, 1, 20), is_owed=True) is ReminderState.SUPERSEDED
    assert notice_state(notice, held_on=MEETING.held_on, is_owed=False) is ReminderState.MET


DAYS = st.lists(
    st.tuples(
        st.integers(1, 20),  # days until the next tick: more than one is an outage
        st.sampled_from(["", "", "", "move", "back", "submit", "return"]),
        st.integers(-40, 60),
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(DAYS)
def test_each_step_is_sent_at_most_once_per_date_despite_moves_and_outages(
    history: list[tuple[int, str, int]],
) -> None:
    first = date(2026, 3, 1)
    obligation, day = owed(due_on=first), date(2026, 1, 1)
    stored: dict[tuple[str, str, date], ReminderState] = {}
    sent: list[tuple[str, date, date]] = []
    for days, happens, shift in history:
        day += timedelta(days=days)
        if happens in {"move", "back"}:
            due_on = first if happens == "back" else first + timedelta(days=shift)
            obligation = owed(due_on=due_on, is_met=obligation.is_met)
        elif happens:
            obligation = owed(due_on=obligation.due_on, is_met=happens == "submit")
        for _beat in range(2):
            wanted = plan_ladder([obligation], day, stored)
            stored |= {(each.about, each.step, each.due_on): each.state for each in wanted}
            due = [each for each in wanted if each.state is ReminderState.PLANNED and each.send_on <= day]
            assert len(due) <= 1, "never a burst"
            for each in due:
                assert each.due_on == obligation.due_on, "never an outdated date"
                assert obligation.is_open(day)
                sent.append((each.step, each.due_on, day))
                stored[each.about, each.step, each.due_on] = ReminderState.SENT
    assert len({(step, due_on) for step, due_on, _ in sent}) == len(sent)
    assert len({day for _, _, day in sent}) == len(sent), "one a day at most"
