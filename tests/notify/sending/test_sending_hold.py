from datetime import timedelta

from services.notify.sending import tasks
from services.notify.sending.operations import sending_hold
from shared.clock import FixedClock
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import (
    mails,
    owe_only,
    plan_and_send,
    with_server,
)

AL = "AL-WBCTi"


def test_one_mail_is_sent_when_a_hold_is_released(
    planned: Runtime, server: MailServer, clock: FixedClock
) -> None:
    runtime = with_server(planned, server.url)
    owe_only(planned, AL)
    tasks.plan(planned)
    with planned.database.begin() as tx:
        sending_hold.hold_sending(tx, reason="Restored from a backup.")
    for _ in range(6):
        plan_and_send(runtime)
        clock.advance(timedelta(days=1))
    assert server.taken == []
    assert [(mail.state.value, mail.reason) for mail in mails(planned)] == [
        ("held", "Restored from a backup.")
    ]
    with planned.database.begin() as tx:
        sending_hold.release_sending(tx)
    plan_and_send(runtime)
    assert [content["Subject"] for _, content in server.taken] == [
        "Due tomorrow, on 30 November 2026: Needs 2025-2026"
    ]
