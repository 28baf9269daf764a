"""Webhooks over HTTP, as a reporter sees them, and the messages that they receive."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.entry.audit.domain import SYSTEM, Entry
from services.entry.webhooks.domain import PAYLOAD_DETAIL, payload_of
from services.entry.webhooks.formats import signature_headers
from tests.conftest import NOW
from tests.entry.webhooks.steps import ALL, PATH, documented_check

URL = "https://portal.example/hooks"


@pytest.fixture
def settings(settings, request):
    return replace(settings, webhooks_may_be_local=getattr(request, "param", True))


on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before any database is asked."""


# --- Making and keeping them ------------------------------------------------------------------------------------------


def test_a_webhook_is_made_and_its_secret_is_shown_this_once(desk):
    made = desk.make(URL, "submission.accepted")
    assert made["secret"].startswith("whsec_")
    known = {name: value for name, value in made.items() if name != "secret"}
    assert desk.shown(made) == known
    assert desk.client.get(PATH, as_="AL-WBCTi").json == {"items": [known]}
    assert (known["url"], known["events"], known["state"]) == (URL, ["submission.accepted"], "enabled")
    assert [secret["ends_at"] for secret in known["secrets"]] == [None]


@on_one_database
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "http://portal.example/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "https://2130706433/"}, "/url"),
        ({"url": "https://me:secret@portal.example/"}, "/url"),
        ({"url": ""}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["submission.accepted", "submission.accepted"]}, "/events"),
        ({"events": ["client.made"]}, "/events/0"),
        ({"reporter": "RS-WBCTi"}, "/reporter"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_at_the_place_that_is_wrong(desk, change, pointer):
    body = {"url": URL, "events": ["submission.accepted"]} | change
    answer = desk.client.post(PATH, json=body, as_="AL-WBCTi")
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])


@on_one_database
@pytest.mark.parametrize("settings", [False], indirect=True)
def test_this_machine_is_no_place_for_a_webhook_unless_a_setting_says_so(desk):
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/"):
        answer = desk.client.post(PATH, json={"url": url, "events": ALL}, as_="AL-WBCTi")
        assert answer.status_code == 422


def test_a_reporter_has_five_webhooks_and_its_neighbour_as_many(desk):
    made = [desk.make(URL) for _ in range(5)]
    sixth = desk.client.post(PATH, json={"url": URL, "events": ALL}, as_="AL-WBCTi")
    assert (sixth.status_code, sixth.json["title"]) == (409, "Too many webhooks")
    desk.make(URL, as_="AL-WBBSi")
    desk.ask(made[0], "end")
    desk.make(URL)


@pytest.mark.both_databases
def test_of_those_that_are_made_at_once_never_more_than_five_are_there(desk):
    token = desk.client.token("AL-WBCTi")
    body = {"url": URL, "events": ALL}

    def make(number: int) -> int:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(number)}
        http = desk.client.http.application.test_client()
        return http.post(PATH, json=body, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        answered = Counter(pool.map(make, range(8)))
    assert answered.keys() == {201, 409}
    assert len(desk.client.get(PATH, as_="AL-WBCTi").json["items"]) == answered[201] <= 5


def test_another_reporters_webhook_is_answered_as_one_that_does_not_exist(desk, receiver):
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    (message,) = desk.ledger(made)
    secret = made["secrets"][0]["id"]
    steps = [
        "end",
        "enable",
        "secrets",
        "test",
        "replay",
        f"secrets/{secret}/end",
        f"messages/{message['id']}/replay",
    ]
    for as_ in ("AL-WBBSi", "AL-NC", "RS-WBCTi", "SECRETARIAT"):
        for step in steps:
            body = {"after": 0} if step == "replay" else {}
            answers = [
                desk.client.post(f"{PATH}/{webhook}/{step}", json=body, as_=as_)
                for webhook in (made["id"], "0" * 36)
            ]
            assert {(answer.status_code, answer.json["detail"]) for answer in answers} == {
                (404, "There is no such webhook.")
            }
        for path in (f"{PATH}/{made['id']}", f"{PATH}/{made['id']}/messages"):
            assert desk.client.get(path, as_=as_).status_code == 404
        assert desk.client.get(PATH, as_=as_).json == {"items": []}


@on_one_database
def test_a_message_and_a_secret_of_another_webhook_are_none_of_this_one(desk):
    one, other = desk.make(URL), desk.make(URL)
    message = desk.ask(other, "test")["id"]
    for step in (f"messages/{message}/replay", f"secrets/{other['secrets'][0]['id']}/end"):
        answer = desk.client.post(f"{PATH}/{one['id']}/{step}", json={}, as_="AL-WBCTi")
        assert answer.status_code == 404


def test_what_is_ended_is_forgotten_with_its_ledger_and_told_nothing(desk, receiver):
    ended = desk.make(receiver.url)
    desk.ask(ended, "test")
    desk.ask(ended, "end")
    desk.happen("submission.accepted")
    desk.tick()
    assert receiver.taken == []
    assert desk.client.get(f"{PATH}/{ended['id']}/messages", as_="AL-WBCTi").status_code == 404


@on_one_database
def test_who_did_what_to_a_webhook_is_in_the_audit_log_and_its_secret_is_not(desk):
    made = desk.make(f"{URL}?token=of-theirs")
    desk.ask(made, "secrets")
    desk.ask(made, "end")
    log = desk.client.get("/entry/v1/journal?action=webhook.", as_="SECRETARIAT")
    assert [(item["action"], item["actor"]) for item in log.json["items"]] == [
        ("webhook.ended", "AL-WBCTi"),
        ("webhook.secret_made", "AL-WBCTi"),
        ("webhook.made", "AL-WBCTi"),
    ]
    assert "whsec_" not in log.text
    assert "of-theirs" not in log.text


# --- Who is told of what ----------------------------------------------------------------------------------------------


def test_everybody_is_told_of_what_concerns_them_and_nobody_of_what_concerns_another(desk, receiver):
    owners = {as_: desk.make(receiver.url, as_=as_) for as_ in ("AL-WBCTi", "AL-NC", "UNODC", "SECRETARIAT")}
    for concerned in ("AL-WBCTi", "AL-WBBSi", "RS-WBCTi", "UNODC"):
        desk.happen("submission.accepted", reporter=concerned, submission=f"of {concerned}", version=1)
    desk.happen("deadline.changed", reporter=None)
    desk.tick()
    told = {
        as_: [json.loads(each["body"])["data"].get("submission") for each in desk.ledger(made, as_=as_)]
        for as_, made in owners.items()
    }
    assert told == {
        "AL-WBCTi": ["of AL-WBCTi", None],
        "AL-NC": ["of AL-WBCTi", "of AL-WBBSi", None],
        "UNODC": ["of UNODC", None],
        "SECRETARIAT": ["of AL-WBCTi", "of AL-WBBSi", "of RS-WBCTi", "of UNODC", None],
    }


@on_one_database
def test_only_what_was_asked_for_is_told(desk, receiver):
    desk.make(receiver.url, "submission.returned", "records.withdrawn")
    desk.happen("submission.received", *ALL, "client.made")
    desk.tick()
    assert [json.loads(taken.body)["type"] for taken in receiver.taken] == [
        "records.withdrawn",
        "submission.returned",
    ]


@on_one_database
def test_what_happened_before_a_webhook_was_made_is_not_told(desk, receiver):
    desk.happen("submission.accepted")
    desk.tick()
    desk.make(receiver.url)
    desk.tick()
    assert receiver.taken == []


@on_one_database
def test_a_message_names_what_it_is_about_and_says_nothing_of_it(desk, receiver):
    desk.make(receiver.url)
    desk.happen(
        "records.withdrawn",
        submission="s-1",
        version=3,
        detail={"reason": "A gap nobody should know", "records": ["CT-RED"], "content": "f" * 64},
    )
    desk.tick()
    (taken,) = receiver.taken
    assert json.loads(taken.body) == {
        "type": "records.withdrawn",
        "timestamp": "2026-11-23T09:00:00.000Z",
        "data": {"sequence": 2, "reporter": "AL-WBCTi", "partner": "AL", "submission": "s-1", "version": 3},
    }


@on_one_database
def test_a_moved_deadline_is_told_with_both_days(desk, receiver):
    desk.make(receiver.url)
    moved = {"kind": "need", "period": "2025-2026", "was": "2026-11-30", "now": "2026-12-04"}
    desk.happen("deadline.changed", reporter=None, detail=moved | {"deadline": "need-2025-2026"})
    desk.tick()
    assert json.loads(receiver.taken[0].body)["data"] == moved | {
        "deadline": "need-2025-2026",
        "sequence": 2,
    }


def test_nothing_is_told_but_what_the_list_has():
    detail = dict.fromkeys((*PAYLOAD_DETAIL, "reason", "records", "text", "counts", "content"), "x")
    entry = Entry("0190", NOW, SYSTEM, "submission.returned", "AL-WBCTi", "AL", "s-1", 2, detail)
    about = {"sequence", "reporter", "partner", "submission", "version"}
    assert payload_of(7, entry).keys() == about | set(PAYLOAD_DETAIL)


def test_the_journal_is_read_once_however_many_ticks_read_it(desk, receiver, monkeypatch):
    monkeypatch.setattr("services.entry.webhooks.operations.messages.READ_AT_ONCE", 2)
    made = desk.make(receiver.url)
    desk.happen(*["submission.accepted"] * 5, "client.made")
    for _ in range(3):
        desk.tick()
    assert [each["sequence"] for each in desk.ledger(made)] == [2, 3, 4, 5, 6]
    assert len(receiver.taken) == 5


# --- Signatures -------------------------------------------------------------------------------------------------------


def test_a_signature_is_as_the_specification_has_it():
    # The example of the specification's own libraries.
    headers = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        body='{"test": 2432232314}',
        at=NOW.fromtimestamp(1614265330, NOW.tzinfo),
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@on_one_database
def test_what_arrives_passes_the_documented_check_and_what_was_tampered_with_does_not(desk, receiver):
    is_genuine = documented_check()
    made = desk.make(receiver.url)
    desk.ask(made, "test")
    desk.tick()
    (taken,) = receiver.taken
    secret, headers = made["secret"], taken.headers
    always = {"tolerance": float("inf")}
    assert is_genuine(secret, headers, taken.body, **always)
    assert not is_genuine(secret, headers, taken.body + b" ", **always)
    assert not is_genuine(secret, headers | {"webhook-id": "another"}, taken.body, **always)
    assert not is_genuine(secret, headers | {"webhook-timestamp": "1"}, taken.body, **always)
    assert not is_genuine(desk.make(URL)["secret"], headers, taken.body, **always)
    assert headers["content-type"] == "application/json"
    is_now = abs(time.time() - int(headers["webhook-timestamp"])) <= 300  # noqa: TID251 - as the receiver's clock has it
    assert is_genuine(secret, headers, taken.body) == is_now


def test_while_a_secret_is_changed_over_both_sign_and_after_a_day_the_new_one_alone(desk, receiver):
    is_genuine = documented_check()
    made = desk.make(receiver.url)
    rotated = desk.ask(made, "secrets")
    assert [secret["ends_at"] for secret in rotated["secrets"]] == [None, "2026-11-24T09:00:00.000Z"]

    def fit() -> tuple[int, list[bool]]:
        desk.ask(made, "test")
        desk.tick()
        taken = receiver.taken[-1]
        signatures = taken.headers["webhook-signature"].split(" ")
        return len(signatures), [
            is_genuine(each["secret"], taken.headers, taken.body, tolerance=float("inf"))
            for each in (made, rotated)
        ]

    assert fit() == (2, [True, True])
    third = desk.client.post(f"{PATH}/{made['id']}/secrets", json={}, as_="AL-WBCTi")
    assert (third.status_code, third.json["title"]) == (409, "Too many live secrets")
    desk.clock.moment = NOW.replace(day=24)
    assert fit() == (1, [False, True])
    assert len(desk.shown(made)["secrets"]) == 1
    assert len(desk.ask(made, "secrets")["secrets"]) == 2


def test_a_secret_is_ended_at_once_and_the_last_one_never(desk, receiver):
    is_genuine = documented_check()
    made = desk.make(receiver.url)
    old, new = made["secrets"][0]["id"], desk.ask(made, "secrets")
    left = desk.ask(made, f"secrets/{old}/end")
    assert [secret["id"] for secret in left["secrets"]] == [new["secrets"][0]["id"]]
    last = desk.client.post(
        f"{PATH}/{made['id']}/secrets/{new['secrets'][0]['id']}/end", json={}, as_="AL-WBCTi"
    )
    assert (last.status_code, last.json["title"]) == (409, "The last secret cannot be revoked")
    desk.ask(made, "test")
    desk.tick()
    (taken,) = receiver.taken
    assert is_genuine(new["secret"], taken.headers, taken.body, tolerance=float("inf"))
    assert not is_genuine(made["secret"], taken.headers, taken.body, tolerance=float("inf"))
