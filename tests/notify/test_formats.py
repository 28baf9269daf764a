from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from services.notify.domain.mails import Mail, MailState
from services.notify.formats import message_id, message_of
from shared.reference import FOOTNOTE
from tests.notify.letters import GOLDENS, LETTERS, rendered

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SENDER = "IISG Secretariat <iisg@rcc.example>"


@pytest.mark.parametrize("name", LETTERS)
def test_every_mail_reads_as_its_golden(name: str) -> None:
    shown = rendered(name)
    assert f"Subject: {shown.subject}\n\n{shown.text}" == (GOLDENS / f"{name}.txt").read_text()
    assert shown.html == (GOLDENS / f"{name}.html").read_text()


def test_every_golden_is_a_mail_of_ours() -> None:
    assert {path.stem for path in GOLDENS.iterdir()} == set(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_the_footnote_stands_wherever_the_starred_label_does_and_nowhere_else(name: str) -> None:
    shown = rendered(name)
    for body in (shown.text, shown.html):
        assert ("Kosovo*" in body) == (FOOTNOTE in " ".join(body.split()))


@pytest.mark.parametrize("name", LETTERS)
def test_a_plain_text_mail_fits_a_narrow_window(name: str) -> None:
    assert max(map(len, rendered(name).text.splitlines())) <= 78


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


def test_a_message_carries_text_and_html_and_asks_for_no_absence_note() -> None:
    message = message_from_bytes(message_of(mail(), sender=SENDER, at=NOW), policy=default)
    assert message["To"].addresses[0].addr_spec == "wbbsi@mia.example"
    assert message["To"].addresses[0].display_name == "Kosovo*, WBBSi structure"
    assert message["Message-ID"] == "<0193@rcc.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == mail().text
    assert html.get_content().replace("\r\n", "\n") == mail().html


def test_one_mail_is_the_same_bytes_and_the_same_id_for_ever() -> None:
    assert message_of(mail(), sender=SENDER, at=NOW) == message_of(mail(), sender=SENDER, at=NOW)
    assert message_id("0193", SENDER) == message_id("0193", "iisg@rcc.example")
