from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.domain.calendar import (
    Collection,
    Meeting,
    Obligation,
    PeriodIsUnknown,
    WindowIsUpsideDown,
    dates_of,
    obligations_of,
)
from services.notify.domain.letters import Letter, Moved, Owed, days_left
from services.notify.domain.mails import PATIENCE, Mail, MailState, is_given_up, next_attempt_at
from services.notify.domain.reminders import (
    DATE_CHANGED,
    STEPS,
    Reminder,
    State,
    notice_state,
    plan,
    still_holds,
)

MEETING = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), 1)
NEEDS = Collection("need", "2025-2026", "board-8", opens_days_before=90, due_days_before=30)
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


def states(obligation: Obligation, day: date, known: dict[str, State] | None = None) -> dict[str, State]:
    stored = {(obligation.code, step, obligation.due_on): state for step, state in (known or {}).items()}
    return {reminder.step: reminder.state for reminder in plan([obligation], day, stored)}


def test_every_date_of_a_collection_is_counted_back_from_its_meeting() -> None:
    dates = dates_of(NEEDS, MEETING)
    assert (dates.opens_on, dates.due_on, dates.closes_on) == (
        date(2026, 9, 16),
        date(2026, 11, 15),
        date(2026, 12, 15),
    )


def test_all_eighteen_structures_owe_a_collection() -> None:
    owing = obligations_of(NEEDS, MEETING)
    assert len(owing) == 18
    assert owing[0].code == "AL-WBCTi/need/2025-2026"


@pytest.mark.parametrize(("opens", "due", "closes"), [(30, 30, 0), (10, 30, 0), (60, 10, 20)])
def test_a_window_in_the_wrong_order_is_refused(opens: int, due: int, closes: int) -> None:
    with pytest.raises(WindowIsUpsideDown, match="open first, then be due, then close"):
        Collection("need", "2025-2026", "board-8", opens, due, closes)


def test_a_period_that_the_kind_does_not_have_is_refused() -> None:
    with pytest.raises(PeriodIsUnknown, match="'2026' is not a period for which need is reported"):
        Collection("need", "2026", "board-8", 90, 30)


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
    assert [step.send_on(owed()) for step in STEPS] == [
        date(2026, 10, 31),
        date(2026, 11, 16),
        date(2026, 11, 23),
        date(2026, 11, 29),
        date(2026, 12, 1),
    ]


def test_no_step_is_sent_before_the_window_opens() -> None:
    obligation = owed(opens=10)
    assert [step.send_on(obligation) for step in STEPS[:3]] == [date(2026, 11, 20)] * 2 + [date(2026, 11, 23)]


def test_of_several_steps_due_at_once_only_the_latest_stays() -> None:
    assert states(owed(), date(2026, 11, 24)) == {
        "T-30": State.PASSED_OVER,
        "T-14": State.PASSED_OVER,
        "T-7": State.PLANNED,
        "T-1": State.PLANNED,
        "overdue": State.PLANNED,
    }


def test_a_step_that_was_sent_is_never_planned_again() -> None:
    known = {"T-30": State.SENT, "T-14": State.UNCERTAIN, "T-7": State.FAILED, "T-1": State.SENDING}
    assert states(owed(), date(2026, 12, 1), known) == {**known, "overdue": State.PLANNED}


def test_nothing_is_due_while_an_obligation_is_met_and_the_latest_step_is_when_it_is_owed_again() -> None:
    day = date(2026, 11, 24)
    met = states(owed(is_met=True), day, {"T-30": State.SENT})
    assert set(met.values()) == {State.SENT, State.MET}
    again = states(owed(), day, met)
    assert (again["T-14"], again["T-7"]) == (State.PASSED_OVER, State.PLANNED)


def test_nobody_is_reminded_of_what_can_no_longer_be_handed_in() -> None:
    assert set(states(owed(), date(2026, 12, 16)).values()) == {State.PASSED_OVER}


def test_a_reminder_holds_only_for_the_deadline_that_it_names() -> None:
    day = date(2026, 11, 23)
    reminder = next(each for each in plan([owed()], day, {}) if each.step == "T-7")
    assert still_holds(reminder, owed(), day)
    assert not still_holds(reminder, owed(due_on=date(2026, 12, 1)), day)
    assert not still_holds(reminder, owed(is_met=True), day)
    assert not still_holds(reminder, owed(), date(2026, 11, 29)), "the next step is due"


def test_a_notice_is_superseded_when_the_meeting_moves_again_and_met_when_nothing_is_owed() -> None:
    notice = Reminder(
        "AL-WBCTi", "board-8", DATE_CHANGED, MEETING.held_on, date(2026, 11, 23), State.PLANNED, sequence=2
    )
    later = Meeting("board-8", "board", "8th Board meeting", date(2027, 1, 20), 3)
    assert notice_state(notice, meeting=MEETING, is_owed=True) is State.PLANNED
    assert notice_state(notice, meeting=later, is_owed=True) is State.SUPERSEDED
    assert notice_state(notice, meeting=MEETING, is_owed=False) is State.MET


DAYS = st.lists(
    st.tuples(
        st.integers(1, 20),  # days until the next tick: more than one is an outage
        st.sampled_from(["", "", "", "move", "back", "hand in", "return"]),
        st.integers(-40, 60),
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(DAYS)
def test_each_step_is_sent_at_most_once_per_date_whatever_moves_and_whoever_sleeps(
    history: list[tuple[int, str, int]],
) -> None:
    first = date(2026, 3, 1)
    obligation, day = owed(due_on=first), date(2026, 1, 1)
    stored: dict[tuple[str, str, date], State] = {}
    sent: list[tuple[str, date, date]] = []
    for days, happens, shift in history:
        day += timedelta(days=days)
        if happens in {"move", "back"}:
            due_on = first if happens == "back" else first + timedelta(days=shift)
            obligation = owed(due_on=due_on, is_met=obligation.is_met)
        elif happens:
            obligation = owed(due_on=obligation.due_on, is_met=happens == "hand in")
        for _beat in range(2):
            wanted = plan([obligation], day, stored)
            stored |= {(each.about, each.step, each.due_on): each.state for each in wanted}
            due = [each for each in wanted if each.is_due(day)]
            assert len(due) <= 1, "never a burst"
            for each in due:
                assert each.due_on == obligation.due_on, "never a date that no longer holds"
                assert obligation.is_open(day)
                sent.append((each.step, each.due_on, day))
                stored[each.about, each.step, each.due_on] = State.SENT
    assert len({(step, due_on) for step, due_on, _ in sent}) == len(sent)
    assert len({day for _, _, day in sent}) == len(sent), "one a day at most"


@given(st.integers(1, 200))
def test_the_wait_between_attempts_grows_to_half_an_hour_and_no_further(attempts: int) -> None:
    wait = next_attempt_at(attempts, NOW) - NOW
    assert timedelta(seconds=30) <= wait <= timedelta(minutes=30)
    assert wait <= next_attempt_at(attempts + 1, NOW) - NOW


def test_a_mail_is_given_up_two_days_after_its_first_attempt() -> None:
    mail = Mail(
        id="m",
        recipient="a@b.example",
        backup=None,
        label="A",
        state=MailState.DUE,
        attempts=9,
        due_at=NOW,
        first_tried_at=NOW,
        claim=None,
        created_at=NOW,
    )
    assert not is_given_up(mail, NOW + PATIENCE - timedelta(seconds=1))
    assert is_given_up(mail, NOW + PATIENCE)


@pytest.mark.parametrize(
    ("due_on", "said"),
    [(-2, "2 days ago"), (-1, "1 day ago"), (0, "today"), (1, "tomorrow"), (7, "in 7 days")],
)
def test_days_left_are_said_as_a_person_would(due_on: int, said: str) -> None:
    assert days_left(NOW.date() + timedelta(days=due_on), NOW.date()) == said


def test_a_subject_says_what_and_when() -> None:
    day = NOW.date()
    near, late = owed(), owed(due_on=date(2026, 11, 20))
    other = Obligation(**{**_fields(near), "kind": "response", "period": "2026"})
    assert (
        Letter(day, owed=(Owed(near, MEETING),)).subject
        == "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    )
    both = Letter(day, owed=(Owed(near, MEETING), Owed(other, MEETING)))
    assert both.subject == "Due in 7 days, on 30 November 2026: 2 mappings"
    overdue = Letter(day, owed=(Owed(near, MEETING), Owed(late, MEETING)))
    assert overdue.subject == "Overdue since 20 November 2026: Needs 2025-2026"
    moved = Letter(day, moved=(Moved(MEETING, date(2026, 12, 1), (Owed(near, MEETING),)),))
    assert moved.subject == "New date: 8th Board meeting on Tuesday 15 December 2026"


def _fields(obligation: Obligation) -> dict[str, object]:
    return {name: getattr(obligation, name) for name in Obligation.__slots__}
