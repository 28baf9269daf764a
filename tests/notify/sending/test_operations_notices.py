"""The notice of a disabled webhook has its own mail, beside the reminders to the same mailbox."""

import pytest

from services.notify.app import SERVICE
from services.notify.sending import tasks
from services.notify.sending.operations import sending_hold
from shared.events import WebhookDisabled
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import mails, owe_only, with_server


def disabled(reporter: str, partner: str | None = None) -> WebhookDisabled:
    return WebhookDisabled(
        webhook="01936b1c-7a40-7c11-8d5e-2f6f3a9b7c21",
        reporter=reporter,
        partner=partner,
        host="portal.example",
        reason="The receiver answered 410: it wants no more.",
        disabled_at="2026-11-23T09:00:00.000Z",
    )


@pytest.fixture
def sending(planned: Runtime, server: MailServer) -> Runtime:
    return with_server(planned, server.url)


def test_the_reporters_mailbox_gets_the_notice_beside_its_reminders(sending, server, deliver):
    owe_only(sending, "AL-WBCTi")
    deliver(sending, SERVICE, disabled("AL-WBCTi", "AL"))
    tasks.plan(sending)
    tasks.send(sending)
    assert [to for to, _ in server.taken] == ["al-wbcti@iisg.example"] * 2
    about = {mail["Subject"]: mail.get_body(("plain",)).get_content() for _, mail in server.taken}
    told = about.pop("Webhook disabled: portal.example")
    assert "The receiver answered 410: it wants no more." in told
    assert [subject.partition(":")[0] for subject in about] == ["Due in 7 days, on 30 November 2026"]


@pytest.mark.parametrize("reporter", ["UNODC", "AL-NC", "SECRETARIAT", "of-another-issuer"])
def test_the_secretariat_gets_the_notice_of_a_reporter_without_a_mailbox(sending, server, deliver, reporter):
    deliver(sending, SERVICE, disabled(reporter))
    tasks.send(sending)
    ((to, mail),) = server.taken
    assert to == "iisg@rcc.example"
    text = mail.get_body(("plain",)).get_content()
    assert "To the IISG Secretariat" in text
    assert ("Please inform the owner" in text) == (reporter != "SECRETARIAT")


def test_a_notice_waits_while_sending_is_held(sending, server, deliver):
    with sending.database.begin() as tx:
        sending_hold.hold_sending(tx, reason="restored")
    deliver(sending, SERVICE, disabled("AL-WBCTi", "AL"))
    tasks.plan(sending)
    tasks.send(sending)
    assert server.taken == []
    with sending.database.begin() as tx:
        sending_hold.release_sending(tx)
    tasks.plan(sending)
    tasks.send(sending)
    assert "Webhook disabled: portal.example" in [mail.subject for mail in mails(sending)]
    assert len([mail for _, mail in server.taken if "Webhook" in mail["Subject"]]) == 1
