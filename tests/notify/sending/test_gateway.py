from collections.abc import Iterator

import pytest

from services.notify.sending.gateway import (
    DeliveryIsUncertain,
    MailServerUrlIsInvalid,
    RejectedPermanently,
    RejectedTemporarily,
    ServerIsUnavailable,
    SmtpMailer,
)
from tests.notify.mail_server import DROP, MailServer

MESSAGE = b"Subject: x\r\n\r\n.a line that begins with a dot\r\n"
TO = ("first@a.example",)


@pytest.fixture
def mailer(server: MailServer) -> Iterator[SmtpMailer]:
    with SmtpMailer(server.url) as mailer:
        yield mailer


def test_many_mails_go_over_one_connection_and_keep_their_dots(
    server: MailServer, mailer: SmtpMailer
) -> None:
    for _ in range(3):
        mailer.begin("IISG <iisg@rcc.example>", TO)
        mailer.send(MESSAGE)
    assert server.connections == 1
    assert [content.get_content() for _, content in server.taken] == [
        ".a line that begins with a dot\r\n"
    ] * 3


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
@pytest.mark.parametrize(
    ("reply", "error"), [("451 later", RejectedTemporarily), ("550 never", RejectedPermanently)]
)
def test_a_rejection_before_the_text_is_temporary_or_permanent(
    server: MailServer, mailer: SmtpMailer, verb: str, reply: str, error: type[Exception]
) -> None:
    server.replies[verb].append(reply)
    with pytest.raises(error, match=reply):
        mailer.begin("iisg@rcc.example", TO)
    assert mailer.begin("iisg@rcc.example", TO) == TO[0], "the connection is still good"


@pytest.mark.parametrize("verb", ["DATA", "BODY"])
@pytest.mark.parametrize(
    ("reply", "error"), [("452 full", RejectedTemporarily), ("554 spam", RejectedPermanently)]
)
def test_a_rejection_of_the_text_is_temporary_or_permanent(
    server: MailServer, mailer: SmtpMailer, verb: str, reply: str, error: type[Exception]
) -> None:
    server.replies[verb].append(reply)
    mailer.begin("iisg@rcc.example", TO)
    with pytest.raises(error, match=reply):
        mailer.send(MESSAGE)
    assert server.taken == []


def test_a_permanently_rejected_mailbox_is_replaced_by_its_backup(
    server: MailServer, mailer: SmtpMailer
) -> None:
    server.replies["RCPT"].append("550 no such mailbox")
    assert mailer.begin("iisg@rcc.example", ("gone@a.example", "backup@a.example")) == "backup@a.example"
    mailer.send(MESSAGE)
    assert [recipient for recipient, _ in server.taken] == ["backup@a.example"]


def test_a_temporarily_rejected_mailbox_is_not_replaced(server: MailServer, mailer: SmtpMailer) -> None:
    server.replies["RCPT"].append("450 busy")
    with pytest.raises(RejectedTemporarily, match="450 busy"):
        mailer.begin("iisg@rcc.example", ("busy@a.example", "backup@a.example"))


def test_a_connection_lost_before_the_text_is_certain(server: MailServer, mailer: SmtpMailer) -> None:
    server.replies["DATA"].append(DROP)
    mailer.begin("iisg@rcc.example", TO)
    with pytest.raises(ServerIsUnavailable):
        mailer.send(MESSAGE)
    mailer.begin("iisg@rcc.example", TO)
    mailer.send(MESSAGE)
    assert (len(server.taken), server.connections) == (1, 2)


@pytest.mark.parametrize("verb", ["BODY", "TAKEN"])
def test_a_connection_lost_after_the_text_is_uncertain(
    server: MailServer, mailer: SmtpMailer, verb: str
) -> None:
    server.replies[verb].append(DROP)
    mailer.begin("iisg@rcc.example", TO)
    with pytest.raises(DeliveryIsUncertain, match="received the whole mail"):
        mailer.send(MESSAGE)


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with MailServer() as gone:
        url = gone.url
    with SmtpMailer(url) as mailer, pytest.raises(ServerIsUnavailable, match="cannot be reached"):
        mailer.begin("iisg@rcc.example", TO)


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(MailServerUrlIsInvalid, match="'http' is not a mail server"):
        SmtpMailer("http://127.0.0.1:25")
