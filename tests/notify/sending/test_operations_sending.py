import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.notify.calendar.operations import meetings
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from services.notify.sending import tasks
from services.notify.sending.domain import LEASE
from services.notify.sending.gateway import SmtpMailer
from services.notify.sending.operations import sending
from services.notify.sending.operations.delivery import begin_data, claim_mail
from shared.clock import FixedClock
from shared.resources import Runtime
from tests.notify.mail_server import DROP, MailServer
from tests.notify.sending.dying_sender import SENDER
from tests.notify.steps import mails, owe_only, plan_and_send, set_contact, states, submit_needs, with_server

ROOT = Path(__file__).parents[3]
AL = "AL-WBCTi"
T7 = "T-7 2026-11-30"


@pytest.fixture
def one_due(planned: Runtime, server: MailServer) -> Runtime:
    """Plan one mail, with a server that accepts it."""
    owe_only(planned, AL)
    tasks.plan(planned)
    return with_server(planned, server.url)


def state(runtime: Runtime) -> tuple[str, str]:
    (mail,) = mails(runtime)
    return mail.state.value, states(runtime, AL)[T7]


def test_the_ledger_holds_a_mail_as_it_was_sent(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    tasks.send(one_due)
    ((recipient, content),) = server.taken
    (mail,) = mails(one_due)
    body = content.get_body(("plain",))
    assert body is not None
    assert (mail.recipient, mail.message_id, mail.subject) == (
        recipient,
        content["Message-ID"],
        content["Subject"],
    )
    assert mail.text == body.get_content().replace("\r\n", "\n")
    assert mail.sent_at == clock.now()
    assert state(one_due) == ("sent", "sent")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_temporarily_rejected_mail_is_sent_later_and_once(
    one_due: Runtime, server: MailServer, clock: FixedClock, verb: str
) -> None:
    server.replies[verb].append("451 4.7.1 come back later")
    tasks.send(one_due)
    assert state(one_due) == ("due", "bundled")
    assert mails(one_due)[0].reason == "451 4.7.1 come back later"
    tasks.send(one_due)
    assert server.taken == [], "not before the wait is over"
    clock.advance(timedelta(seconds=30))
    tasks.send(one_due)
    tasks.send(one_due)
    assert len(server.taken) == 1
    assert state(one_due) == ("sent", "sent")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_permanently_rejected_mail_has_failed_with_the_servers_reason(
    one_due: Runtime, server: MailServer, clock: FixedClock, verb: str
) -> None:
    server.replies[verb].append("550 5.1.1 no such mailbox")
    tasks.send(one_due)
    clock.advance(timedelta(hours=1))
    plan_and_send(one_due)
    assert server.taken == []
    assert state(one_due) == ("failed", "failed")
    assert mails(one_due)[0].reason == "550 5.1.1 no such mailbox"


@pytest.mark.parametrize("verb", ["BODY", "TAKEN"])
def test_a_mail_without_a_final_reply_is_uncertain_and_never_sent_again(
    one_due: Runtime, server: MailServer, clock: FixedClock, verb: str
) -> None:
    server.replies[verb].append(DROP)
    tasks.send(one_due)
    taken = len(server.taken)
    assert state(one_due) == ("uncertain", "uncertain")
    clock.advance(timedelta(hours=12))
    plan_and_send(one_due)
    assert len(server.taken) == taken
    assert state(one_due) == ("uncertain", "uncertain")


def test_a_connection_lost_before_the_text_is_tried_again(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    server.replies["DATA"].append(DROP)
    tasks.send(one_due)
    assert state(one_due) == ("due", "bundled")
    clock.advance(timedelta(seconds=30))
    tasks.send(one_due)
    assert len(server.taken) == 1


def test_an_unavailable_server_is_tried_once_a_tick_and_given_up_after_two_days(
    planned: Runtime, clock: FixedClock
) -> None:
    with MailServer() as gone:
        runtime = with_server(planned, gone.url)
    tasks.plan(planned)
    tasks.send(runtime)
    assert Counter(mail.attempts for mail in mails(planned)) == {0: 17, 1: 1}
    owe_only(planned, AL)
    for _ in range(120):
        tasks.send(runtime)
        clock.advance(timedelta(minutes=30))
    found = {mail.recipient: mail for mail in mails(planned)}["al-wbcti@iisg.example"]
    assert found.state.value == "failed"
    assert found.reason is not None
    assert found.reason.startswith(
        f"Given up after {found.attempts} attempts. The last error: The mail server cannot"
    )
    assert states(planned, AL)[T7] == "failed"


def test_a_permanently_rejected_mailbox_is_replaced_by_its_backup(
    planned: Runtime, server: MailServer
) -> None:
    set_contact(planned, AL, "gone@mb.example", "backup@mb.example")
    owe_only(planned, AL)
    server.replies["RCPT"].append("550 no such mailbox")
    plan_and_send(with_server(planned, server.url))
    ((recipient, content),) = server.taken
    assert recipient == "backup@mb.example"
    assert content["To"].addresses[0].addr_spec == "backup@mb.example"


@pytest.mark.parametrize("point", ["claimed", "addressed"])
@pytest.mark.both_databases
def test_another_sender_takes_over_when_the_lease_of_a_killed_one_expires(
    one_due: Runtime, server: MailServer, clock: FixedClock, point: str
) -> None:
    die(one_due, clock, point)
    assert state(one_due) == ("sending", "sending")
    plan_and_send(one_due)
    assert server.taken == [], "the killed sender might still be alive"
    clock.advance(LEASE)
    plan_and_send(one_due)
    plan_and_send(one_due)
    assert len(server.taken) == 1
    assert state(one_due) == ("sent", "sent")


@pytest.mark.parametrize(("point", "taken"), [("data", 0), ("delivered", 1)])
@pytest.mark.both_databases
def test_a_mail_whose_sender_was_killed_around_the_text_is_uncertain_and_never_sent_twice(
    one_due: Runtime, server: MailServer, clock: FixedClock, point: str, taken: int
) -> None:
    die(one_due, clock, point)
    assert state(one_due) == ("data", "sending")
    clock.advance(LEASE)
    for _ in range(3):
        plan_and_send(one_due)
        clock.advance(timedelta(hours=1))
    assert len(server.taken) == taken
    assert state(one_due) == ("uncertain", "uncertain")
    reason = mails(one_due)[0].reason
    assert reason is not None
    assert "stopped responding" in reason


@pytest.mark.both_databases
def test_a_slow_sender_that_finishes_resolves_the_uncertainty(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    class SlowMailer(SmtpMailer):
        def send(self, message: bytes) -> None:
            clock.advance(LEASE)
            tasks.send(one_due)
            assert state(one_due) == ("uncertain", "uncertain")
            super().send(message)

    sending.send_due_mails(
        database=one_due.database, mailer=SlowMailer(server.url), clock=clock, sender=SENDER
    )
    assert len(server.taken) == 1
    assert state(one_due) == ("sent", "sent")


@pytest.mark.both_databases
def test_a_slow_sender_that_lost_its_claim_sends_nothing(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    with one_due.database.begin() as tx:
        slow = claim_mail(tx, sender=SENDER, now=clock.now())
    assert slow is not None
    clock.advance(LEASE)
    tasks.send(one_due)
    with one_due.database.begin() as tx:
        assert not begin_data(tx, mail=slow, sender=SENDER, now=clock.now())
    assert len(server.taken) == 1
    assert state(one_due) == ("sent", "sent")


def test_a_meeting_that_moves_between_claim_and_text_stops_the_mail(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    class OvertakenMailer(SmtpMailer):
        def begin(self, sender: str, recipients: object) -> str:
            with one_due.database.begin() as tx:
                meetings.move_meeting(tx, meeting="board-8", held_on=date(2027, 1, 20), now=clock.now())
            return super().begin(sender, list(recipients))  # type: ignore[call-overload]

    sending.send_due_mails(
        database=one_due.database, mailer=OvertakenMailer(server.url), clock=clock, sender=SENDER
    )
    assert server.taken == []
    plan_and_send(one_due)
    assert [content["Subject"] for _, content in server.taken] == [
        "New date: 8th Board meeting on Wednesday 20 January 2027"
    ]
    assert states(one_due, AL)[T7] == "superseded"


def test_a_submission_between_claim_and_text_stops_the_mail(
    one_due: Runtime, server: MailServer, clock: FixedClock
) -> None:
    with one_due.database.begin() as tx:
        mail = claim_mail(tx, sender=SENDER, now=clock.now())
        assert mail is not None
        submit_needs(tx, AL)
        assert not begin_data(tx, mail=mail, sender=SENDER, now=clock.now())
    plan_and_send(one_due)
    assert server.taken == []
    assert state(one_due) == ("superseded", "met")


def test_a_mail_that_cannot_be_written_has_failed_and_delays_no_other(
    planned: Runtime, server: MailServer
) -> None:
    with planned.database.begin() as tx:
        contacts.set_contact(tx, contact=Contact(AL, "al-wbcti@iisg.example", None, "Two\r\nlines"))
    owe_only(planned, AL, "BA-WBCTi")
    plan_and_send(with_server(planned, server.url))
    found = {mail.recipient: mail for mail in mails(planned)}
    failed = found["al-wbcti@iisg.example"]
    assert failed.state.value == "failed"
    assert failed.reason is not None
    assert failed.reason.startswith("The mail cannot be written")
    assert [recipient for recipient, _ in server.taken] == ["ba-wbcti@iisg.example"]


@pytest.mark.both_databases
def test_concurrent_senders_and_ticks_send_each_mail_once(planned: Runtime, server: MailServer) -> None:
    runtime = with_server(planned, server.url)
    with ThreadPoolExecutor(8) as pool:
        ticks = [pool.submit(tasks.plan, runtime) for _ in range(4)]
        ticks += [pool.submit(tasks.send, runtime) for _ in range(4)]
        for tick in ticks:
            tick.result()
    with ThreadPoolExecutor(4) as pool:
        for tick in [pool.submit(tasks.send, runtime) for _ in range(4)]:
            tick.result()
    assert Counter(recipient for recipient, _ in server.taken).most_common(1)[0][1] == 1
    assert len(server.taken) == 18
    assert {mail.state.value for mail in mails(planned)} == {"sent"}


def die(runtime: Runtime, clock: FixedClock, point: str) -> None:
    """Run a sender in its own process that is killed at a point."""
    settings = runtime.settings
    command = [sys.executable, "-m", "tests.notify.sending.dying_sender"]
    arguments = [settings.database, settings.smtp_url, clock.now().isoformat(), point]
    ended = subprocess.run([*command, *arguments], cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
