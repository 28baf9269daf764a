from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notify.calendar.operations import loading
from services.notify.sending import tasks
from shared.clock import FixedClock
from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import (
    mails,
    owe_only,
    plan_and_send,
    set_contact,
    states,
    submit_needs,
    with_server,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DUE_ON = date(2026, 11, 30)
AL = "AL-WBCTi"


def test_only_structures_that_owe_something_are_reminded(planned: Runtime, server: MailServer) -> None:
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


def test_all_due_reminders_of_a_mailbox_are_one_mail(planned: Runtime, server: MailServer) -> None:
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


def test_a_waiting_mail_is_written_when_it_is_sent(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    owe_only(planned, AL, "RS-WBBSi")
    tasks.plan(planned)
    with planned.database.begin() as tx:
        submit_needs(tx, AL)
    clock.advance(timedelta(days=2))
    tasks.send(with_server(planned, server.url))
    assert [(recipient, content["Subject"]) for recipient, content in server.taken] == [
        ("rs-wbbsi@iisg.example", "Due in 5 days, on 30 November 2026: Needs 2025-2026")
    ]
    assert {mail.recipient: mail.state.value for mail in mails(planned)} == {
        "al-wbcti@iisg.example": "superseded",
        "rs-wbbsi@iisg.example": "sent",
    }


def test_after_an_outage_the_next_step_replaces_the_waiting_mail(
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


def test_a_structure_is_reminded_once_it_has_a_mailbox(
    runtime: Runtime, calendar: dict[str, Any], server: MailServer
) -> None:
    contacts = calendar.pop("contacts")
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=NOW)
    plan_and_send(with_server(runtime, server.url))
    assert mails(runtime) == ()
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar={"contacts": contacts[:1]}, now=NOW)
    plan_and_send(with_server(runtime, server.url))
    assert [recipient for recipient, _ in server.taken] == ["al-wbcti@iisg.example"]
