from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from services.notify.sending.domain import Mail, MailState
from services.notify.sending.formats import message_id, write_mail
from tests.notify.messages.examples import rendered

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SENDER = "IISG Secretariat <iisg@rcc.example>"


def mail() -> Mail:
    shown = rendered("reminder-7-kosovo")
    return Mail(
        id="0193",
        recipient="wbbsi@mia.example",
        backup=None,
        label="Kosovo*, WBBSi structure",
        state=MailState.SENDING,
        attempts=1,
        due_at=NOW,
        first_tried_at=NOW,
        claim="c",
        created_at=NOW,
        subject=shown.subject,
        text=shown.text,
        html=shown.html,
    )


def test_a_mail_carries_text_and_html_and_prevents_absence_notes() -> None:
    message = message_from_bytes(write_mail(mail(), sender=SENDER, at=NOW), policy=default)
    assert message["To"].addresses[0].addr_spec == "wbbsi@mia.example"
    assert message["To"].addresses[0].display_name == "Kosovo*, WBBSi structure"
    assert message["Message-ID"] == "<0193@rcc.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == mail().text
    assert html.get_content().replace("\r\n", "\n") == mail().html


def test_the_bytes_and_the_message_id_of_a_mail_never_change() -> None:
    assert write_mail(mail(), sender=SENDER, at=NOW) == write_mail(mail(), sender=SENDER, at=NOW)
    assert message_id("0193", SENDER) == message_id("0193", "iisg@rcc.example")
