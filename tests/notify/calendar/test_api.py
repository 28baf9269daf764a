import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.conftest import Client
from tests.notify.steps import submit_needs

AL = "AL-WBCTi"
SECRETARIAT = "SECRETARIAT"
MEETING = {"body": "board", "title": "9th Board meeting", "held_on": "2027-06-15"}
RESPONSES = {
    "kind": "response",
    "period": "2026",
    "meeting": "board-8",
    "opens_days_before": 60,
    "due_days_before": 10,
}
MAILBOX = {"address": "ct@mb.example", "backup": "desk@mb.example", "label": "Counter-terrorism desk"}


@pytest.fixture
def client(client_of: Callable[[str], Client], planned: Runtime) -> Client:
    assert planned.service == "notify"
    return client_of("notify")


def test_every_caller_with_a_token_lists_the_meetings_and_their_windows(client: Client) -> None:
    for reporter in (AL, "AL-NC", "EC", "RCC-ANALYST", SECRETARIAT):
        (meeting,) = client.get("/notify/v1/meetings", as_=reporter).json["items"]
        assert (meeting["meeting"], meeting["held_on"]) == ("board-8", "2026-12-15")
        (needs,) = meeting["collections"]
        assert (needs["opens_on"], needs["due_on"], needs["closes_on"]) == (
            "2026-10-01",
            "2026-11-30",
            "2026-12-15",
        )
    assert client.get("/notify/v1/meetings", as_=None).status_code == 401


def test_an_unchanged_meeting_is_not_sent_again(client: Client) -> None:
    first = client.get("/notify/v1/meetings/board-8", as_=AL)
    again = client.get(
        "/notify/v1/meetings/board-8", as_=AL, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (first.status_code, again.status_code) == (200, 304)
    assert client.get("/notify/v1/meetings/board-99", as_=AL).status_code == 404


def test_the_secretariat_adds_a_meeting(client: Client) -> None:
    added = client.put("/notify/v1/meetings/board-9", json=MEETING, as_=SECRETARIAT)
    assert added.status_code == 201
    shown = client.get("/notify/v1/meetings/board-9", as_=AL).json
    assert added.json == shown | {"is_dry_run": False, "was": None, "changes": [], "notified": []}
    assert client.put("/notify/v1/meetings/board-10", json=MEETING, as_=AL).status_code == 403


def test_a_meeting_is_moved_only_with_its_current_etag(client: Client) -> None:
    path = "/notify/v1/meetings/board-8"
    tag = client.get(path, as_=SECRETARIAT).headers["ETag"]
    later = {"body": "board", "title": "8th Board meeting", "held_on": "2027-01-20"}
    assert client.put(path, json=later, as_=SECRETARIAT).status_code == 428
    moved = client.put(path, json=later, as_=SECRETARIAT, headers={"If-Match": tag})
    assert moved.status_code == 200
    assert moved.json["collections"][0]["due_on"] == "2027-01-05"
    assert client.put(path, json=later, as_=SECRETARIAT, headers={"If-Match": tag}).status_code == 412
    reminders = client.get("/notify/v1/reminders?limit=200", as_=AL).json["items"]
    assert {each["due_on"] for each in reminders if each["state"] == "planned"} == {
        "2027-01-05",
        "2027-01-20",
    }
    (notice,) = (each for each in reminders if each["step"] == "date_changed")
    assert (notice["about"], notice["previously"]) == ("board-8", "2026-12-15")


def test_a_dry_run_lists_what_a_move_would_change_for_whom_and_changes_nothing(client: Client) -> None:
    path = "/notify/v1/meetings/board-8"
    before = client.get(path, as_=SECRETARIAT)
    later = {"body": "board", "title": "8th Board meeting", "held_on": "2026-12-01"}
    preview = client.put(f"{path}?dry_run=true", json=later, as_=SECRETARIAT).json
    assert preview["changes"] == [
        {
            "collection": "need-2025-2026",
            "kind": "need",
            "period": "2025-2026",
            "was": {"opens_on": "2026-10-01", "due_on": "2026-11-30", "closes_on": "2026-12-15"},
            "now": {"opens_on": "2026-09-17", "due_on": "2026-11-16", "closes_on": "2026-12-15"},
        }
    ]
    assert {"structure": "AL-WBCTi", "time_zone": "Europe/Tirane"} in preview["notified"]
    assert (preview["is_dry_run"], preview["was"]["held_on"]) == (True, "2026-12-15")
    assert client.get(path, as_=SECRETARIAT).json == before.json
    made = client.put(path, json=later, as_=SECRETARIAT, headers={"If-Match": before.headers["ETag"]}).json
    assert {name: made[name] for name in ("changes", "notified")} == {
        name: preview[name] for name in ("changes", "notified")
    }


@pytest.mark.parametrize("path", ["meetings/board-8", "collections/need-2025-2026", "contacts/AL-WBCTi"])
def test_one_of_several_concurrent_changes_succeeds(client: Client, path: str) -> None:
    path = f"/notify/v1/{path}"
    tag = client.get(path, as_=SECRETARIAT).headers["ETag"]
    together = threading.Barrier(5)

    def change(number: int) -> int:
        bodies = {
            "meetings": MEETING | {"title": f"Board meeting, draft {number}", "held_on": "2026-12-15"},
            "collections": RESPONSES
            | {"kind": "need", "period": "2025-2026", "due_days_before": 11 + number},
            "contacts": MAILBOX | {"label": f"Desk {number}"},
        }
        together.wait()
        http = Client(client.http.application.test_client(), client.settings, client.clock)
        body = bodies[path.split("/")[3]]
        return http.put(path, json=body, as_=SECRETARIAT, headers={"If-Match": tag}).status_code

    with ThreadPoolExecutor(5) as pool:
        statuses = sorted(pool.map(change, range(5)))
    assert statuses == [200, 412, 412, 412, 412]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"held_on": "15 June"}, "/held_on"),
        ({"body": "council"}, "/body"),
        ({"held_on": "20270615"}, "/held_on"),
        ({"held_on": "0001-01-01"}, "/held_on"),
        ({"held_on": "9999-12-31"}, "/held_on"),
        ({"title": ""}, "/title"),
        ({"title": "9th\r\nBoard meeting"}, "/title"),
        ({"place": "Sarajevo"}, "/place"),
        ({"closes_on": {"need-2025-2026": "2027-07-01"}}, "/closes_on/need-2025-2026"),
    ],
)
def test_an_invalid_meeting_is_refused_with_a_pointer(
    client: Client, change: dict[str, Any], pointer: str
) -> None:
    refused = client.put("/notify/v1/meetings/board-9", json=MEETING | change, as_=SECRETARIAT)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json["errors"]] == [pointer]


def test_the_secretariat_defines_and_changes_a_collection(client: Client) -> None:
    path = "/notify/v1/collections/response-2026"
    added = client.put(path, json=RESPONSES, as_=SECRETARIAT)
    assert (added.status_code, added.json["due_on"]) == (201, "2026-12-05")
    changed = RESPONSES | {"due_days_before": 5}
    assert client.put(path, json=changed, as_=SECRETARIAT).status_code == 428
    tag = client.get(path, as_=SECRETARIAT).headers["ETag"]
    kept = client.put(path, json=changed, as_=SECRETARIAT, headers={"If-Match": tag})
    assert (kept.status_code, kept.json["due_on"]) == (200, "2026-12-10")
    assert client.put(path, json=changed, as_=AL).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"period": "2025"},
        {"period": "2025-2026"},
        {"meeting": "board-99"},
        {"due_days_before": 60},
        {"kind": "wish"},
    ],
)
def test_an_invalid_collection_is_refused(client: Client, change: dict[str, Any]) -> None:
    refused = client.put("/notify/v1/collections/response-2026", json=RESPONSES | change, as_=SECRETARIAT)
    assert refused.status_code == 422
    assert client.get("/notify/v1/collections/response-2026", as_=SECRETARIAT).status_code == 404


def test_the_credential_decides_which_obligations_are_listed(client: Client) -> None:
    def seen_by(reporter: str) -> set[str]:
        answer = client.get("/notify/v1/obligations", as_=reporter)
        return {item["structure"] for item in answer.json["items"]}

    assert seen_by(AL) == {AL}
    assert seen_by("XK-NC") == {"XK-WBCTi", "XK-WBCSCi", "XK-WBBSi"}
    assert seen_by("RCC-ANALYST") == seen_by(SECRETARIAT) == set(STRUCTURES)
    assert client.get("/notify/v1/obligations", as_="EC").status_code == 403


def test_an_obligation_has_a_state(client: Client, planned: Runtime) -> None:
    with planned.database.begin() as tx:
        submit_needs(tx, AL)
    assert client.get("/notify/v1/obligations", as_=AL).json["items"] == [
        {
            "obligation": "AL-WBCTi/need/2025-2026",
            "structure": AL,
            "kind": "need",
            "period": "2025-2026",
            "meeting": "board-8",
            "opens_on": "2026-10-01",
            "due_on": "2026-11-30",
            "closes_on": "2026-12-15",
            "time_zone": "Europe/Tirane",
            "state": "met",
        }
    ]
