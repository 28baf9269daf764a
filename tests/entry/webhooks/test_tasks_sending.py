"""Messages arrive once, however long their receiver was down; what nobody takes for two days ends its webhook."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.webhooks import tasks
from services.entry.webhooks.domain import LEASE, MAX_REST, RETRIES
from services.entry.webhooks.operations.sending import claim_message, record_failure, record_sent
from services.notify.sending import tasks as notify_tasks
from shared.ids import new_id
from tests.conftest import NOW
from tests.entry.webhooks.receivers import Receiver
from tests.entry.webhooks.steps import PATH, Desk
from tests.in_process import installed
from tests.notify.mail_server import MailServer


@pytest.fixture
def settings(settings):
    return replace(settings, webhooks_may_be_local=True)


GIVE_UP_AFTER = timedelta(days=2)

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before any database is asked."""


def due_at(message):
    return datetime.fromisoformat(message["due_at"])


def step(desk, webhook):
    """Go to the next attempt of the first waiting message, and make it."""
    waiting = [due_at(each) for each in desk.ledger(webhook) if each["state"] == "waiting"]
    desk.clock.moment = max(min(waiting), desk.clock.moment) + MAX_REST
    desk.tick()


# --- When it is tried again -------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.floats(0, 1), st.timedeltas(timedelta(0), GIVE_UP_AFTER - timedelta(seconds=1)))
def test_the_next_attempt_is_about_its_wait_away_and_never_after_two_days(attempts, jitter, passed):
    now = NOW + passed
    wait = RETRIES.waits[min(attempts, len(RETRIES.waits)) - 1]
    found = RETRIES.next_attempt_at(attempts, jitter=jitter, since=NOW, now=now)
    assert now < found <= NOW + GIVE_UP_AFTER
    assert found <= now + wait * 1.25
    assert found >= min(now + wait * 0.75, NOW + GIVE_UP_AFTER)


def test_waits_grow_and_are_never_over_a_tenth_of_the_patience():
    assert sorted(RETRIES.waits) == list(RETRIES.waits)
    assert RETRIES.give_up_after == GIVE_UP_AFTER
    assert RETRIES.waits[-1] < GIVE_UP_AFTER / 10


def test_after_two_days_there_is_no_next_attempt():
    assert RETRIES.next_attempt_at(20, since=NOW, now=NOW + GIVE_UP_AFTER) is None


# --- Delivery ---------------------------------------------------------------------------------------------------------


def test_a_receiver_that_was_down_gets_each_message_once_when_it_is_back(desk, receiver):
    receiver.usually = 503
    made = desk.make(receiver.url)
    desk.happen(*["submission.accepted"] * 3)
    desk.tick()
    for _ in range(6):
        step(desk, made)
    assert {each["state"] for each in desk.ledger(made)} == {"waiting"}
    refused = len(receiver.taken)
    receiver.usually = 200
    while any(each["state"] == "waiting" for each in desk.ledger(made)):
        step(desk, made)
    desk.tick()
    ledger = desk.ledger(made)
    assert [(each["state"], each["last_status"], each["last_error"]) for each in ledger] == [
        ("sent", 200, None)
    ] * 3
    assert sorted(receiver.ids[refused:]) == sorted(each["id"] for each in ledger)


@on_one_database
def test_every_attempt_has_the_same_id_and_a_signature_of_its_own(desk, receiver):
    receiver.answers.append(500)
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    desk.tick()
    step(desk, made)
    first, second = receiver.taken
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500])
@on_one_database
def test_what_is_not_taken_waits_and_the_ledger_says_why(desk, receiver, status):
    receiver.answers.append(status)
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    desk.tick()
    (message,) = desk.ledger(made)
    assert (message["state"], message["attempts"], message["last_status"]) == ("waiting", 1, status)
    assert message["last_error"] == f"The receiver responded with {status}."
    assert timedelta(seconds=3) < due_at(message) - desk.clock.now() < timedelta(seconds=7)
    desk.tick()
    assert len(receiver.taken) == 1, "not before it is due"


@on_one_database
def test_a_receiver_that_is_gone_is_told_in_the_ledger(desk):
    with Receiver() as receiver:
        made = desk.make(receiver.url)
    desk.ask(made, "test")
    desk.tick()
    (message,) = desk.ledger(made)
    assert (message["last_status"], message["last_error"]) == (None, "No connection could be made.")


@on_one_database
def test_a_webhook_that_failed_rests_and_then_goes_on_with_what_waits(desk, receiver):
    receiver.answers.append(500)
    made = desk.make(receiver.url)
    desk.happen("submission.accepted", "submission.returned")
    desk.tick()
    desk.tick()
    assert len(receiver.taken) == 1
    desk.clock.advance(MAX_REST)
    desk.tick()
    assert len(receiver.taken) == 3
    assert {each["state"] for each in desk.ledger(made)} == {"sent"}


@pytest.mark.both_databases
def test_senders_that_meet_send_each_message_once_and_one_at_a_time_to_each_receiver(desk):
    with Receiver() as one, Receiver() as other:
        for receiver in (one, other):
            desk.make(receiver.url)
        desk.happen(*["submission.accepted"] * 15)
        threads = [threading.Thread(target=desk.tick) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for receiver in (one, other):
        assert set(Counter(receiver.ids).values()) == {1}
        assert (len(receiver.ids), receiver.most_at_once) == (15, 1)


@pytest.mark.both_databases
def test_a_slow_receiver_holds_up_nobody_else(desk):
    with Receiver() as slow, Receiver() as quick:
        slow.may_answer.clear()
        for receiver in (slow, quick):
            desk.make(receiver.url)
        desk.happen("submission.accepted", "submission.returned")
        ticking = threading.Thread(target=desk.tick)
        ticking.start()
        wait_until(lambda: len(quick.taken) == 2 and len(slow.taken) == 1)
        slow.may_answer.set()
        ticking.join()
        assert len(slow.taken) == 2


def wait_until(happened):
    wakes = threading.Event()
    for _ in range(500):
        if happened():
            return
        wakes.wait(0.01)
    pytest.fail("it did not happen")


def claimed(desk):
    with desk.runtime.database.begin() as tx:
        return claim_message(tx, claim=new_id())


@pytest.mark.both_databases
def test_what_a_killed_sender_held_is_sent_after_its_lease_under_the_same_id(desk, receiver):
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    lost = claimed(desk)
    desk.tick()
    assert receiver.taken == []
    desk.clock.advance(LEASE)
    desk.tick()
    assert receiver.ids == [lost.message.id]
    assert desk.ledger(made)[0]["attempts"] == 2


def test_a_sender_that_lost_its_claim_changes_nothing_by_failing_and_counts_by_succeeding(desk, receiver):
    receiver.usually = 500
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    lost = claimed(desk)
    desk.clock.advance(LEASE)
    desk.tick()
    before = desk.ledger(made)
    with desk.runtime.database.begin() as tx:
        record_failure(tx, claimed=lost, status=None, error="No response in time.", jitter=0.5)
    assert desk.ledger(made) == before
    with desk.runtime.database.begin() as tx:
        record_sent(tx, claimed=lost, status=204)
    assert desk.ledger(made)[0]["state"] == "sent"


# --- Giving up --------------------------------------------------------------------------------------------------------


def test_after_two_days_the_message_has_failed_and_the_webhook_is_disabled(desk, receiver):
    receiver.usually = 503
    made = desk.make(receiver.url)
    desk.happen("submission.accepted")
    desk.tick()
    while desk.shown(made)["state"] == "enabled":
        step(desk, made)
    (message,) = desk.ledger(made)
    assert message["state"] == "failed"
    assert 15 < message["attempts"] == len(receiver.taken) < 30
    passed = desk.clock.now() - datetime.fromisoformat(message["first_due_at"])
    assert GIVE_UP_AFTER <= passed <= GIVE_UP_AFTER + 2 * MAX_REST
    shown = desk.shown(made)
    assert shown["reason"].endswith("two days; the last attempt: The receiver responded with 503.")
    assert shown["disabled_at"] is not None
    desk.happen("submission.returned")
    desk.tick()
    assert len(receiver.taken) == message["attempts"]
    for asked, body in (("test", {}), ("replay", {"after": 0}), (f"messages/{message['id']}/replay", {})):
        answer = desk.client.post(f"{PATH}/{made['id']}/{asked}", json=body, as_="AL-WBCTi")
        assert (answer.status_code, answer.json["title"]) == (409, "The webhook is disabled")


def test_a_receiver_that_answers_gone_is_left_alone_at_once_with_all_that_waits_for_it(desk, receiver):
    receiver.answers.append(410)
    made = desk.make(receiver.url)
    desk.happen("submission.accepted", "submission.returned")
    desk.tick()
    desk.clock.advance(GIVE_UP_AFTER)
    desk.tick()
    assert len(receiver.taken) == 1
    assert [(each["state"], each["last_status"]) for each in desk.ledger(made)] == [
        ("failed", 410),
        ("failed", None),
    ]
    assert desk.shown(made)["state"] == "disabled"


@pytest.mark.parametrize(("as_", "mailbox"), [("AL-WBCTi", "ct@mb.example"), ("UNODC", "iisg@rcc.example")])
def test_its_reporter_gets_one_mail_or_the_secretariat_where_nobody_knows_a_mailbox(
    settings, clock, receiver, as_, mailbox
):
    receiver.usually = 410
    with MailServer() as server, installed(replace(settings, smtp_url=server.url), clock) as installation:
        desk = Desk(installation.client, installation.runtimes["entry"], clock)
        desk.ask(desk.make(receiver.url, as_=as_), "test", as_=as_)
        for _ in range(2):
            desk.tick()
            installation.settle()
            notify_tasks.plan(installation.runtimes["notify"])
            notify_tasks.send(installation.runtimes["notify"])
        log = desk.client.get("/entry/v1/journal?action=webhook.disabled", as_="SECRETARIAT").json["items"]
    told = [(to, mail["Subject"]) for to, mail in server.taken if "Webhook" in mail["Subject"]]
    assert told == [(mailbox, "Webhook disabled: 127.0.0.1")]
    assert [(item["actor"], item["reporter"]) for item in log] == [("iisgd", as_)]


# --- Once more --------------------------------------------------------------------------------------------------------


def test_an_enabled_webhook_is_told_what_happens_from_then_on_and_the_rest_is_replayed(desk, receiver):
    receiver.answers.append(410)
    made = desk.make(receiver.url, "submission.accepted", "submission.returned")
    desk.happen("submission.accepted", "submission.returned")
    desk.tick()
    desk.happen("submission.accepted", "submission.reported", reporter="AL-WBCTi")
    desk.happen("submission.accepted", reporter="RS-WBCTi")
    desk.tick()
    assert desk.ask(made, "enable")["state"] == "enabled"
    desk.happen("submission.returned")
    desk.tick()
    assert [each["sequence"] for each in desk.ledger(made) if each["state"] == "sent"] == [9]
    assert desk.ask(made, "replay", json={"after": 2}) == {"entries": 3, "next": None}
    desk.tick()
    assert sorted(each["sequence"] for each in desk.ledger(made) if each["state"] == "sent") == [3, 5, 9]
    assert len(receiver.taken) == 5


def test_a_long_span_is_replayed_in_pieces(desk, receiver, monkeypatch):
    monkeypatch.setattr("services.entry.webhooks.operations.messages.REPLAYED_AT_ONCE", 2)
    made = desk.make(receiver.url)
    desk.happen(*["submission.accepted"] * 3)
    desk.tick()
    assert desk.ask(made, "replay", json={"after": 0}) == {"entries": 2, "next": 3}
    assert desk.ask(made, "replay", json={"after": 3}) == {"entries": 1, "next": None}
    desk.tick()
    assert set(Counter(receiver.ids).values()) == {2}


@on_one_database
def test_a_message_is_sent_again_under_its_id_and_its_days_begin_anew(desk, receiver):
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    desk.tick()
    desk.clock.advance(timedelta(days=30))
    (message,) = desk.ledger(made)
    again = desk.ask(made, f"messages/{message['id']}/replay")
    assert (again["state"], again["attempts"]) == ("waiting", 0)
    receiver.answers.append(500)
    desk.tick()
    assert desk.ledger(made)[0]["state"] == "waiting"
    step(desk, made)
    assert receiver.ids == [message["id"]] * 3
    assert desk.ledger(made)[0]["state"] == "sent"


def test_the_ledger_comes_in_pages_the_latest_first_and_by_state(desk, receiver):
    receiver.answers.extend([500])
    made = desk.make(receiver.url)
    messages = [desk.ask(made, "test")["id"] for _ in range(3)]
    desk.tick()
    path = f"{PATH}/{made['id']}/messages"
    first = desk.client.get(f"{path}?limit=2", as_="AL-WBCTi").json
    rest = desk.client.get(f"{path}?limit=2&after={first['next']}", as_="AL-WBCTi").json
    assert [each["id"] for each in first["items"] + rest["items"]] == messages[::-1]
    assert rest["next"] is None
    desk.clock.advance(MAX_REST)
    desk.tick()
    sent = desk.client.get(f"{path}?state=sent", as_="AL-WBCTi").json["items"]
    assert len(sent) == 3
    assert desk.client.get(f"{path}?state=failed", as_="AL-WBCTi").json["items"] == []


def test_the_ledger_forgets_after_ninety_days_what_waits_for_nothing(desk, receiver):
    made = desk.make(receiver.url)
    desk.happen("submission.accepted")
    desk.tick()
    desk.clock.advance(timedelta(days=89))
    waiting = desk.ask(made, "test")["id"]
    tasks.delete_messages(desk.runtime)
    assert len(desk.ledger(made)) == 2
    desk.clock.advance(timedelta(days=2))
    tasks.delete_messages(desk.runtime)
    assert [each["id"] for each in desk.ledger(made)] == [waiting]
    assert desk.ask(made, "replay", json={"after": 0})["entries"] == 1


def test_how_many_messages_are_in_which_state_is_a_metric(desk, receiver):
    desk.ask(desk.make(receiver.url), "test")
    assert 'iisgd_webhook_messages{state="waiting"} 1.0' in desk.client.http.get("/metrics").text
