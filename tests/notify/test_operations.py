import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from services.notify import operations, store, tasks
from services.notify.domain.calendar import Collection
from shared.clock import FixedClock
from shared.database import Transaction
from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import (
    hand_in,
    mails,
    owe_only,
    plan_and_send,
    reminders,
    set_contact,
    states,
    with_server,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DUE_ON = date(2026, 11, 30)
AL = "AL-WBCTi"


def move(runtime: Runtime, held_on: date, meeting: str = "board-8") -> None:
    with runtime.database.begin() as tx:
        operations.move_meeting(tx, meeting=meeting, held_on=held_on, now=runtime.clock.now())


def told(runtime: Runtime) -> list[Any]:
    """The events, read as the operator: on PostgreSQL a service may not read what it has told."""
    url = make_url(runtime.settings.database)
    events = "bus.events" if url.get_backend_name() == "postgresql" else "events"
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT name, payload FROM {events} ORDER BY id")).all()
    engine.dispose()
    return [(row.name, json.loads(row.payload)) for row in rows]


def test_a_calendar_is_loaded_once_and_tells_the_others(planned: Runtime, calendar: dict[str, Any]) -> None:
    first = told(planned)
    assert Counter(name for name, _ in first) == {
        "meeting.moved.v1": 1,
        "window.set.v1": 1,
        "deadline.set.v1": 1,
        "obligation.set.v1": 18,
    }
    window = next(payload for name, payload in first if name == "window.set.v1")
    assert (window["opens_on"], window["closes_on"]) == ("2026-10-01", "2026-12-15")
    with planned.database.begin() as tx:
        operations.load_calendar(tx, calendar=calendar, now=NOW + timedelta(days=1))
    assert told(planned) == first


def test_loading_again_leaves_a_meeting_where_it_was_moved(
    planned: Runtime, calendar: dict[str, Any]
) -> None:
    move(planned, date(2027, 1, 20))
    with planned.database.begin() as tx:
        operations.load_calendar(tx, calendar=calendar, now=NOW)
        assert store.get_meeting(tx, "board-8").held_on == date(2027, 1, 20)


def test_a_meeting_can_be_said_to_lie_so_many_days_ahead(runtime: Runtime) -> None:
    row = {"code": "board-9", "body": "board", "title": "9th Board meeting", "held_in_days": 40}
    with runtime.database.begin() as tx:
        operations.load_calendar(tx, calendar={"meetings": [row]}, now=NOW)
        assert store.get_meeting(tx, "board-9").held_on == date(2027, 1, 2)


def test_a_moved_meeting_tells_every_new_date_with_a_higher_sequence(planned: Runtime) -> None:
    before = len(told(planned))
    move(planned, date(2027, 1, 20))
    news = told(planned)[before:]
    moved = next(payload for name, payload in news if name == "meeting.moved.v1")
    assert (moved["held_on"], moved["previously"], moved["sequence"]) == ("2027-01-20", "2026-12-15", 2)
    assert {payload["due_on"] for name, payload in news if name == "obligation.set.v1"} == {"2027-01-05"}
    assert {payload["sequence"] for _, payload in news} == {2}


def test_a_meeting_set_to_what_it_is_tells_nothing(planned: Runtime) -> None:
    before = told(planned)
    move(planned, date(2026, 12, 15))
    assert told(planned) == before


def test_an_unknown_meeting_cannot_be_moved(runtime: Runtime) -> None:
    with pytest.raises(store.MeetingIsUnknown, match="no meeting 'board-99'"):
        move(runtime, DUE_ON, "board-99")


def test_only_what_is_missing_is_reminded_of(planned: Runtime, server: MailServer) -> None:
    owe_only(planned, AL, "RS-WBBSi")
    plan_and_send(with_server(planned, server.url))
    assert sorted(recipient for recipient, _ in server.taken) == [
        "al-wbcti@iisg.example",
        "rs-wbbsi@iisg.example",
    ]
    assert {content["Subject"] for _, content in server.taken} == {
        "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    }


def test_a_late_start_sends_one_catch_up_mail_and_never_a_burst(planned: Runtime, server: MailServer) -> None:
    runtime = with_server(planned, server.url)
    plan_and_send(runtime)
    plan_and_send(runtime)
    assert len(server.taken) == 18
    assert states(planned, AL) == {
        f"T-30 {DUE_ON}": "passed_over",
        f"T-14 {DUE_ON}": "passed_over",
        f"T-7 {DUE_ON}": "sent",
        f"T-1 {DUE_ON}": "planned",
        f"overdue {DUE_ON}": "planned",
    }


def test_what_is_due_to_one_mailbox_is_one_mail(planned: Runtime, server: MailServer) -> None:
    for code in STRUCTURES:
        if code.startswith("AL-"):
            set_contact(planned, code, "iisg@mb.example")
    owe_only(planned, *(code for code in STRUCTURES if code.startswith("AL-")))
    plan_and_send(with_server(planned, server.url))
    ((recipient, content),) = server.taken
    assert recipient == "iisg@mb.example"
    assert content["Subject"] == "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    body = content.get_body(("plain",))
    assert body is not None
    assert body.get_content().count("from        the WB") == 3


def test_a_returned_submission_is_owed_again_and_its_step_is_caught_up(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned)
    plan_and_send(runtime)
    assert server.taken == []
    with planned.database.begin() as tx:
        hand_in(tx, AL, standing="returned", verdict=1)
    clock.advance(timedelta(days=1))
    plan_and_send(runtime)
    assert [content["Subject"] for _, content in server.taken] == [
        "Due in 6 days, on 30 November 2026: Needs 2025-2026"
    ]


def test_the_highest_version_and_verdict_say_how_a_submission_stands(planned: Runtime) -> None:
    def is_met(tx: Transaction) -> bool:
        return store.all_obligations(tx, structures=[AL])[0].is_met

    with planned.database.begin() as tx:
        hand_in(tx, AL, standing="returned", version=2, verdict=1)
        hand_in(tx, AL, standing="accepted", version=1, verdict=1)
        hand_in(tx, AL, standing="received", version=2)
        assert not is_met(tx)
        hand_in(tx, AL, standing="accepted", version=2, verdict=2)
        assert is_met(tx)
        hand_in(tx, AL, standing="withdrawn", version=3)
        assert not is_met(tx)


def test_a_move_supersedes_what_was_planned_and_tells_each_structure_once(
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


def test_a_move_that_was_not_told_yet_is_told_together_with_the_next(
    planned: Runtime, server: MailServer
) -> None:
    owe_only(planned, AL)
    move(planned, date(2027, 1, 20))
    move(planned, date(2027, 2, 10))
    plan_and_send(with_server(planned, server.url))
    ((_, content),) = server.taken
    assert content["Subject"] == "New date: 8th Board meeting on Wednesday 10 February 2027"
    body = content.get_body(("plain",))
    assert body is not None
    assert "No longer     Tuesday 15 December 2026" in body.get_content()


def test_a_move_there_and_back_that_nobody_was_told_of_is_not_told(
    planned: Runtime, server: MailServer
) -> None:
    owe_only(planned, AL)
    move(planned, date(2027, 1, 20))
    move(planned, date(2026, 12, 15))
    plan_and_send(with_server(planned, server.url))
    assert [content["Subject"] for _, content in server.taken] == [
        "Due in 7 days, on 30 November 2026: Needs 2025-2026"
    ]


def test_a_mail_that_waits_says_what_holds_when_it_is_sent(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    owe_only(planned, AL, "RS-WBBSi")
    tasks.plan(planned)
    with planned.database.begin() as tx:
        hand_in(tx, AL)
    clock.advance(timedelta(days=2))
    tasks.send(with_server(planned, server.url))
    assert [(recipient, content["Subject"]) for recipient, content in server.taken] == [
        ("rs-wbbsi@iisg.example", "Due in 5 days, on 30 November 2026: Needs 2025-2026")
    ]
    assert {mail.recipient: mail.state.value for mail in mails(planned)} == {
        "al-wbcti@iisg.example": "superseded",
        "rs-wbbsi@iisg.example": "sent",
    }


def test_after_an_outage_the_waiting_mail_goes_with_the_next_step_in_one(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    owe_only(planned, AL)
    tasks.plan(planned)
    clock.advance(timedelta(days=6))
    plan_and_send(with_server(planned, server.url))
    assert [content["Subject"] for _, content in server.taken] == [
        "Due tomorrow, on 30 November 2026: Needs 2025-2026"
    ]
    assert [mail.state.value for mail in mails(planned)] == ["superseded", "sent"]


def test_a_structure_without_a_mailbox_is_reminded_once_it_has_one(
    runtime: Runtime, calendar: dict[str, Any], server: MailServer
) -> None:
    contacts = calendar.pop("contacts")
    with runtime.database.begin() as tx:
        operations.load_calendar(tx, calendar=calendar, now=NOW)
    plan_and_send(with_server(runtime, server.url))
    assert mails(runtime) == ()
    with runtime.database.begin() as tx:
        operations.load_calendar(tx, calendar={"contacts": contacts[:1]}, now=NOW)
    plan_and_send(with_server(runtime, server.url))
    assert [recipient for recipient, _ in server.taken] == ["al-wbcti@iisg.example"]


def test_while_held_nothing_is_sent_and_on_release_one_mail_goes_out(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned, AL)
    tasks.plan(planned)
    with planned.database.begin() as tx:
        operations.hold_sending(tx, reason="Restored from a backup.")
    for _ in range(6):
        plan_and_send(runtime)
        clock.advance(timedelta(days=1))
    assert server.taken == []
    assert [(mail.state.value, mail.reason) for mail in mails(planned)] == [
        ("held", "Restored from a backup.")
    ]
    with planned.database.begin() as tx:
        operations.release_sending(tx)
    plan_and_send(runtime)
    assert [content["Subject"] for _, content in server.taken] == [
        "Due tomorrow, on 30 November 2026: Needs 2025-2026"
    ]


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (date(2026, 11, 23), "T-7"),
        (date(2026, 11, 29), "T-1"),
        (date(2026, 12, 1), "overdue"),
        (date(2026, 11, 25), None),
    ],
)
def test_a_preview_shows_who_would_get_what_and_changes_nothing(
    planned: Runtime, on: date, step: str | None
) -> None:
    owe_only(planned, AL, "RS-WBBSi")
    before = reminders(planned)
    with planned.database.read() as tx:
        shown = operations.preview(tx, on=on, today=NOW.date())
    assert [mail.recipient for mail in shown] == (
        ["al-wbcti@iisg.example", "rs-wbbsi@iisg.example"] if step else []
    )
    assert {reminder.step for mail in shown for reminder in mail.reminders} == ({step} if step else set())
    assert reminders(planned) == before
    assert mails(planned) == ()


def test_a_preview_names_structures_that_nobody_could_write_to(
    runtime: Runtime, calendar: dict[str, Any]
) -> None:
    del calendar["contacts"]
    with runtime.database.begin() as tx:
        operations.load_calendar(tx, calendar=calendar, now=NOW)
        (shown,) = operations.preview(tx, on=NOW.date(), today=NOW.date())
    assert shown.recipient is None
    assert len(shown.structures) == 18


def test_a_changed_collection_moves_the_deadline_and_begins_its_ladder_anew(planned: Runtime) -> None:
    with planned.database.begin() as tx:
        operations.define_collection(
            tx, collection=Collection("need", "2025-2026", "board-8", 75, 5), now=NOW
        )
    found = states(planned, AL)
    assert found[f"T-7 {DUE_ON}"] == "superseded"
    assert found["T-30 2026-12-10"] == found["overdue 2026-12-10"] == "planned"
