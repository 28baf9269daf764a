from datetime import UTC, date, datetime, timedelta

from services.notify.calendar.domain import Collection, Meeting
from services.notify.calendar.operations import collections, meetings
from shared.clock import FixedClock
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import (
    owe_only,
    plan_and_send,
    states,
    submit_needs,
    with_server,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DUE_ON = date(2026, 11, 30)
AL = "AL-WBCTi"


def move(runtime: Runtime, held_on: date, meeting: str = "board-8") -> None:
    with runtime.database.begin() as tx:
        meetings.move_meeting(tx, meeting=meeting, held_on=held_on, now=runtime.clock.now())


def test_a_returned_submission_reopens_its_obligation_and_the_step_is_caught_up(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned)
    plan_and_send(runtime)
    assert server.taken == []
    with planned.database.begin() as tx:
        submit_needs(tx, AL, status="returned", verdict=1)
    clock.advance(timedelta(days=1))
    plan_and_send(runtime)
    assert [content["Subject"] for _, content in server.taken] == [
        "Due in 6 days, on 30 November 2026: Needs 2025-2026"
    ]


def test_a_move_supersedes_planned_reminders_and_notifies_each_structure_once(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned, AL)
    plan_and_send(runtime)
    move(planned, date(2027, 1, 20))
    for _ in range(3):
        plan_and_send(runtime)
        clock.advance(timedelta(hours=1))
    assert [content["Subject"] for _, content in server.taken] == [
        "Due in 7 days, on 30 November 2026: Needs 2025-2026",
        "New date: 8th Board meeting on Wednesday 20 January 2027",
    ]
    found = states(planned, AL)
    assert found[f"T-1 {DUE_ON}"] == found[f"overdue {DUE_ON}"] == "superseded"
    assert found["T-30 2027-01-05"] == "planned"


def test_an_unsent_notice_is_merged_into_that_of_the_next_move(planned: Runtime, server: MailServer) -> None:
    owe_only(planned, AL)
    move(planned, date(2027, 1, 20))
    move(planned, date(2027, 2, 10))
    plan_and_send(with_server(planned, server.url))
    ((_, content),) = server.taken
    assert content["Subject"] == "New date: 8th Board meeting on Wednesday 10 February 2027"
    body = content.get_body(("plain",))
    assert body is not None
    assert "Old date      Tuesday 15 December 2026" in body.get_content()


def test_a_meeting_moved_back_before_any_mail_needs_no_notice(planned: Runtime, server: MailServer) -> None:
    owe_only(planned, AL)
    move(planned, date(2027, 1, 20))
    move(planned, date(2026, 12, 15))
    plan_and_send(with_server(planned, server.url))
    assert [content["Subject"] for _, content in server.taken] == [
        "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    ]


def test_who_was_told_of_a_cancellation_is_told_that_the_meeting_is_held_after_all(
    planned: Runtime, server: MailServer
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned, AL)
    for is_cancelled in (True, False):
        wanted = Meeting(
            "board-8", "board", "8th Board meeting", date(2026, 12, 15), is_cancelled=is_cancelled
        )
        with planned.database.begin() as tx:
            meetings.set_meeting(tx, wanted=wanted, now=NOW)
        plan_and_send(runtime)
    assert [content["Subject"] for _, content in server.taken] == [
        "Cancelled: 8th Board meeting on Tuesday 15 December 2026",
        "Not cancelled: 8th Board meeting on Tuesday 15 December 2026",
    ]


def test_a_changed_collection_moves_the_deadline_and_starts_a_new_ladder(planned: Runtime) -> None:
    with planned.database.begin() as tx:
        collections.define_collection(
            tx, collection=Collection("need", "2025-2026", "board-8", 75, 5), now=NOW
        )
    found = states(planned, AL)
    assert found[f"T-7 {DUE_ON}"] == "superseded"
    assert found["T-30 2026-12-10"] == found["overdue 2026-12-10"] == "planned"
