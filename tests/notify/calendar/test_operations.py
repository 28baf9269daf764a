import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from services.notify.calendar import store
from services.notify.calendar.domain import Dates, Meeting, MeetingIsUnknown, WindowWouldCloseEarly
from services.notify.calendar.operations import collections, loading, meetings, obligations
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from shared.clock import FixedClock
from shared.database import Transaction
from shared.errors import MatchIsRequired, MatchIsStale, NotFound
from shared.resources import Runtime
from tests.notify.steps import reminders, states, submit_needs

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DUE_ON = date(2026, 11, 30)
AL = "AL-WBCTi"


def move(runtime: Runtime, held_on: date, meeting: str = "board-8") -> None:
    with runtime.database.begin() as tx:
        meetings.move_meeting(tx, meeting=meeting, held_on=held_on, now=runtime.clock.now())


def recorded(runtime: Runtime) -> list[Any]:
    """Return the recorded events, read as the operator: on PostgreSQL a service may not read its own events."""
    url = make_url(runtime.settings.database)
    events = "bus.events" if url.get_backend_name() == "postgresql" else "events"
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT name, payload FROM {events} ORDER BY id")).all()
    engine.dispose()
    return [(row.name, json.loads(row.payload)) for row in rows]


def test_a_calendar_is_loaded_and_announced_once(planned: Runtime, calendar: dict[str, Any]) -> None:
    first = recorded(planned)
    assert Counter(name for name, _ in first) == {
        "meeting.moved.v1": 1,
        "window.set.v1": 1,
        "deadline.set.v1": 1,
        "obligation.set.v1": 18,
    }
    window = next(payload for name, payload in first if name == "window.set.v1")
    assert (window["opens_on"], window["closes_on"]) == ("2026-10-01", "2026-12-15")
    with planned.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=NOW + timedelta(days=1))
    assert recorded(planned) == first


def test_loading_again_does_not_move_a_meeting_back(planned: Runtime, calendar: dict[str, Any]) -> None:
    move(planned, date(2027, 1, 20))
    with planned.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=NOW)
        assert store.get_meeting(tx, "board-8").held_on == date(2027, 1, 20)


def test_the_date_of_a_meeting_can_be_relative_to_today(runtime: Runtime) -> None:
    row = {"code": "board-9", "body": "board", "title": "9th Board meeting", "held_in_days": 40}
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar={"meetings": [row]}, now=NOW)
        assert store.get_meeting(tx, "board-9").held_on == date(2027, 1, 2)


def test_a_moved_meeting_announces_every_new_date_with_a_higher_sequence(planned: Runtime) -> None:
    before = len(recorded(planned))
    move(planned, date(2027, 1, 20))
    news = recorded(planned)[before:]
    moved = next(payload for name, payload in news if name == "meeting.moved.v1")
    assert (moved["held_on"], moved["previously"], moved["sequence"]) == ("2027-01-20", "2026-12-15", 2)
    assert {payload["due_on"] for name, payload in news if name == "obligation.set.v1"} == {"2027-01-05"}
    assert {payload["sequence"] for _, payload in news} == {2}


def dates(runtime: Runtime) -> Dates:
    with runtime.database.read() as tx:
        return collections.get_collection(tx, code="need-2025-2026").dates


def test_a_meeting_that_moves_forward_closes_no_open_window(planned: Runtime) -> None:
    move(planned, date(2026, 11, 20))
    assert dates(planned) == Dates(date(2026, 9, 6), date(2026, 11, 5), date(2026, 12, 15))


def test_a_meeting_that_moves_far_back_leaves_an_open_window_open(planned: Runtime) -> None:
    move(planned, date(2027, 6, 15))
    assert dates(planned) == Dates(date(2026, 10, 1), date(2027, 5, 31), date(2027, 6, 15))


def test_a_window_that_is_not_open_moves_with_its_meeting(planned: Runtime, clock: FixedClock) -> None:
    clock.moment = datetime(2026, 9, 1, tzinfo=UTC)
    move(planned, date(2026, 12, 1))
    assert dates(planned) == Dates(date(2026, 9, 17), date(2026, 11, 16), date(2026, 12, 1))


def test_the_secretariat_sets_the_last_day_of_a_window_with_the_move(planned: Runtime) -> None:
    closes_on = {"need-2025-2026": date(2026, 12, 5)}
    with planned.database.begin() as tx:
        meetings.move_meeting(tx, meeting="board-8", held_on=date(2026, 12, 10), now=NOW, closes_on=closes_on)
    assert dates(planned).closes_on == date(2026, 12, 5)
    early = {"need-2025-2026": date(2026, 11, 24)}
    with (
        pytest.raises(WindowWouldCloseEarly, match="it is due on 2026-11-25"),
        planned.database.begin() as tx,
    ):
        meetings.move_meeting(tx, meeting="board-8", held_on=date(2026, 12, 10), now=NOW, closes_on=early)


def cancel(runtime: Runtime, *, is_cancelled: bool = True) -> None:
    wanted = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), is_cancelled=is_cancelled)
    with runtime.database.begin() as tx:
        meetings.set_meeting(tx, wanted=wanted, now=NOW)


def test_the_dates_towards_a_cancelled_meeting_stay(planned: Runtime) -> None:
    before, known = dates(planned), len(recorded(planned))
    cancel(planned)
    assert dates(planned) == before
    ((name, payload),) = recorded(planned)[known:]
    assert (name, payload["held_on"], payload["sequence"]) == ("meeting.cancelled.v1", "2026-12-15", 2)
    assert states(planned, AL)["cancelled 2026-12-15"] == "planned"
    assert states(planned, AL)[f"T-7 {DUE_ON}"] == "planned"


def test_a_meeting_that_is_held_after_all_supersedes_the_unsent_notice_and_needs_none(
    planned: Runtime,
) -> None:
    cancel(planned)
    cancel(planned, is_cancelled=False)
    found = states(planned, AL)
    assert found["cancelled 2026-12-15"] == "superseded"
    assert "date_changed 2026-12-15" not in found


def test_an_unchanged_meeting_announces_nothing(planned: Runtime) -> None:
    before = recorded(planned)
    move(planned, date(2026, 12, 15))
    assert recorded(planned) == before


def test_an_unknown_meeting_cannot_be_moved(runtime: Runtime) -> None:
    with pytest.raises(MeetingIsUnknown, match="no meeting 'board-99'"):
        move(runtime, DUE_ON, "board-99")


def test_the_highest_version_and_verdict_decide_the_status_of_a_submission(planned: Runtime) -> None:
    def is_met(tx: Transaction) -> bool:
        return obligations.list_obligations(tx, structures=[AL])[0].is_met

    with planned.database.begin() as tx:
        submit_needs(tx, AL, status="returned", version=2, verdict=1)
        submit_needs(tx, AL, status="accepted", version=1, verdict=1)
        submit_needs(tx, AL, status="received", version=2)
        assert not is_met(tx)
        submit_needs(tx, AL, status="accepted", version=2, verdict=2)
        assert is_met(tx)
        submit_needs(tx, AL, status="withdrawn", version=3)
        assert not is_met(tx)


def test_a_move_supersedes_planned_reminders_before_any_tick(planned: Runtime) -> None:
    assert set(states(planned, AL).values()) == {"planned", "passed_over"}
    move(planned, date(2027, 1, 20))
    assert states(planned, AL) == {
        f"T-30 {DUE_ON}": "passed_over",
        f"T-14 {DUE_ON}": "passed_over",
        f"T-7 {DUE_ON}": "superseded",
        f"T-1 {DUE_ON}": "superseded",
        f"overdue {DUE_ON}": "superseded",
        "T-30 2027-01-05": "planned",
        "T-14 2027-01-05": "planned",
        "T-7 2027-01-05": "planned",
        "T-1 2027-01-05": "planned",
        "overdue 2027-01-05": "planned",
        "date_changed 2027-01-20": "planned",
    }


def test_a_move_supersedes_the_unsent_notices_of_earlier_moves_before_any_tick(planned: Runtime) -> None:
    for held_on in (date(2027, 1, 20), date(2027, 2, 10), date(2027, 1, 20)):
        move(planned, held_on)
    notices = [each for each in reminders(planned, [AL]) if each.is_notice]
    assert sorted((each.sequence, each.due_on, each.state.value) for each in notices) == [
        (2, date(2027, 1, 20), "superseded"),
        (3, date(2027, 2, 10), "superseded"),
        (4, date(2027, 1, 20), "planned"),
    ]
    assert {each.previously for each in notices} == {date(2026, 12, 15)}


def put_meeting(tx: Transaction, *, if_match: frozenset[str] | None) -> None:
    wanted = Meeting("board-8", "board", "8th Board meeting", date(2027, 1, 20))
    meetings.put_meeting(tx, wanted=wanted, closes_on={}, if_match=if_match, now=NOW)


def put_collection(tx: Transaction, *, if_match: frozenset[str] | None) -> None:
    fields = asdict(collections.get_collection(tx, code="need-2025-2026").collection)
    collections.put_collection(
        tx, code="need-2025-2026", if_match=if_match, now=NOW, **(fields | {"due_days_before": 10})
    )


def put_contact(tx: Transaction, *, if_match: frozenset[str] | None) -> None:
    contacts.put_contact(tx, contact=Contact(AL, "ct@mb.example", None, "CT desk"), if_match=if_match)


@pytest.mark.parametrize("put", [put_meeting, put_collection, put_contact])
def test_an_operation_refuses_a_missing_or_stale_etag_by_itself(
    planned: Runtime, put: Callable[..., None]
) -> None:
    for if_match, error in ((None, MatchIsRequired), ({"stale"}, MatchIsStale)):
        with pytest.raises(error), planned.database.begin() as tx:
            put(tx, if_match=if_match)


def test_operations_refuse_unknown_codes_by_themselves(planned: Runtime) -> None:
    unknown = Contact("AL-NOBODY", "ct@mb.example", None, "CT desk")
    with planned.database.begin() as tx:
        for read in (
            lambda: meetings.get_meeting(tx, code="board-99"),
            lambda: collections.get_collection(tx, code="need-2099-2100"),
            lambda: contacts.get_contact(tx, structure="AL-NOBODY"),
            lambda: contacts.put_contact(tx, contact=unknown, if_match=None),
        ):
            with pytest.raises(NotFound):
                read()
