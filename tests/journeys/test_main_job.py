"""The main job on the whole system: all processes, on a real broker and each database."""

import json
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import httpx
import pytest

from shared.clock import SystemClock
from shared.ids import new_id
from tests.systems import System, systems

SUPPORT: dict[str, Any] = {
    "pillar": "WBCTi",
    "kind": "support",
    "period": "2026",
    "tlp": "TLP:CLEAR",
    "records": [
        {
            "ref": "P-1",
            "title": "Mentoring of local prevention councils",
            "support_type": "training",
            "activity_status": "2",
            "themes": [{"code": "jap25_prevention"}],
            "planned_start": "2026-02-01",
            "planned_end": "2026-06-01",
            "beneficiaries": [{"code": "AL", "percentage": 100}],
            "organisations": [{"name": "Ministry of Interior", "role": "1", "type": "10"}],
        }
    ],
}
NEED: dict[str, Any] = {
    "pillar": "WBCTi",
    "kind": "need",
    "period": "2025-2026",
    "tlp": "TLP:AMBER",
    "records": [
        {
            "ref": "N-1",
            "title": "Open-source analysis for the counter-terrorism unit",
            "category": "operational",
            "theme": "jap25_prevention",
            "perspective": "prevention",
            "strand": "prevent",
            "priority_level": "high",
            "disposition": "open",
            "capabilities": ["equipment"],
        }
    ],
}
RESPONSE: dict[str, Any] = {
    "pillar": "WBCTi",
    "kind": "response",
    "period": "2026",
    "tlp": "TLP:AMBER",
    "records": [
        {
            "ref": "R-1",
            "title": "First course on open-source analysis",
            "type": "training",
            "status": "completed",
            "theme": "jap25_prevention",
            "start": "2026-02-01",
            "end": "2026-02-05",
            "responsible_institution": "General Directorate of Police",
            "needs": [{"ref": "N-1", "coverage": "partial"}],
        }
    ],
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    if request.param == "sqlite":
        yield request.getfixturevalue("launched")
        return
    server = request.getfixturevalue("postgres")
    with systems(tmp_path_factory.mktemp("journey"), server) as make:
        yield make(database="postgresql", log_level="INFO", canary_seconds=1.0, poll_seconds=0.05)


def post(system: System, code: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    given = system.headers(code) | {"Prefer": "wait=20"} | headers
    return system.http.post(f"{system.url}/entry/v1/submissions", json=body, headers=given, timeout=60)


def accepted(system: System, code: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = post(system, code, body)
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted"), answer.json()
    shown: dict[str, Any] = answer.json()
    return shown


def withdraw(system: System, code: str, shown: dict[str, Any]) -> None:
    answer = system.http.post(
        f"{system.url}/entry/v1/submissions/{shown['id']}/withdrawal",
        json={"version": shown["version"], "reason": "entered by mistake"},
        headers=system.headers(code),
    )
    assert answer.status_code == 200, answer.json()


def eventually(look: Callable[[], Any], expected: Any, *, seconds: float = 60.0) -> None:
    """Wait until a check passes, because effects of an event come after a delay."""
    until = time.monotonic() + seconds
    while (seen := look()) != expected:
        assert time.monotonic() < until, seen
        time.sleep(0.05)


def way_of(system: System, code: str, shown: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return each stage of a submission, with its text."""
    answer = system.get(f"/entry/v1/submissions/{shown['id']}", code).json()
    return [(stage["stage"], stage.get("text")) for stage in answer["timeline"]]


def versions_of(system: System, code: str, shown: dict[str, Any]) -> list[tuple[str, int]]:
    """Return each stage of a submission, with its version."""
    answer = system.get(f"/entry/v1/submissions/{shown['id']}", code).json()
    return [(stage["stage"], stage["version"]) for stage in answer["timeline"]]


def state_of(system: System, code: str, submission: str) -> str:
    state: str = system.get(f"/entry/v1/submissions/{submission}", code).json()["state"]
    return state


def figure(system: System, query: str) -> int:
    answer = system.get(f"/reporting/v1/aggregates?{query}", "RCC-ANALYST")
    records: int = answer.json()["total"]["records"]
    return records


NOT_REPORTED = (None, None, None)
"""The gap of a structure that has not reported."""


def gap(system: System, partner: str, pillar: str) -> tuple[int | None, int | None, int | None]:
    """Return the needs, the answered needs and the open needs."""
    cells = system.get("/reporting/v1/gaps", "RCC-ANALYST").json()["cells"]
    (cell,) = (cell for cell in cells if (cell["partner"], cell["pillar"]) == (partner, pillar))
    return cell["needs"], cell["answered"], cell["open"]


def changed(body: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return the body with other values in its record."""
    other = deepcopy(body)
    other["records"][0] |= values
    return other


def test_a_mistake_is_returned_with_its_rule_corrected_counted_and_taken_back(system):
    query = "kind=support&partner=AL"
    before = figure(system, query)
    mistaken = changed(SUPPORT, planned_end="2026-01-01")
    returned = post(system, "AL-WBCTi", mistaken).json()
    assert returned["state"] == "returned"
    finding = next(each for each in returned["findings"] if each["severity"] == "error")
    assert finding["rule"].startswith("GEN-")
    (place,) = finding["places"]
    assert place["pointer"].startswith("/records/0")
    assert figure(system, query) == before
    corrected = SUPPORT | {"supersedes": {"submission": returned["id"], "version": 1}}
    shown = accepted(system, "AL-WBCTi", corrected)
    assert (shown["id"], shown["version"]) == (returned["id"], 2)
    eventually(lambda: figure(system, query), before + 1)
    way = [("received", 1), ("returned", 1), ("received", 2), ("accepted", 2), ("reported", 2)]
    eventually(lambda: versions_of(system, "AL-WBCTi", shown), way)
    withdraw(system, "AL-WBCTi", shown)
    eventually(lambda: figure(system, query), before)


def test_a_response_that_comes_before_its_need_still_answers_it(system):
    assert gap(system, "AL", "WBCTi") == NOT_REPORTED
    answered = accepted(system, "AL-WBCTi", RESPONSE)
    assert [finding["severity"] for finding in answered["findings"]] == ["warning"]
    need = accepted(system, "AL-WBCTi", NEED)
    eventually(lambda: gap(system, "AL", "WBCTi"), (1, 1, 0))
    way = [("received", None), ("accepted", None), ("accepted", "a record that you refer to changed")]
    eventually(lambda: [step for step in way_of(system, "AL-WBCTi", answered) if step[0] != "reported"], way)
    settled = system.get(f"/entry/v1/submissions/{answered['id']}", "AL-WBCTi").json()
    assert (settled["verdict"]["number"], settled["findings"]) == (2, [])
    withdraw(system, "AL-WBCTi", answered)
    eventually(lambda: gap(system, "AL", "WBCTi"), (1, 0, 1))
    withdraw(system, "AL-WBCTi", need)
    eventually(lambda: gap(system, "AL", "WBCTi"), NOT_REPORTED)


def test_a_need_that_comes_first_is_answered_when_the_response_comes(system):
    need = accepted(system, "RS-WBCTi", NEED)
    eventually(lambda: gap(system, "RS", "WBCTi"), (1, 0, 1))
    answered = accepted(system, "RS-WBCTi", RESPONSE)
    eventually(lambda: gap(system, "RS", "WBCTi"), (1, 1, 0))
    for shown in (answered, need):
        withdraw(system, "RS-WBCTi", shown)


def test_one_trace_follows_a_submission_through_every_service_and_back(system):
    trace = new_id().replace("-", "")
    answer = post(system, "AL-WBCTi", SUPPORT, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    assert answer.headers["Trace-Id"] == trace
    system.wait_until_drained(seconds=20)

    def seen() -> set[tuple[str, str, str]]:
        lines = []
        for process in ("web", "worker"):
            log = (system.launcher.logs / f"{process}.log").read_text(encoding="utf-8")
            lines += [json.loads(line) for line in log.splitlines() if trace in line]
        return {(line["process"], line["service"], line.get("about", "")) for line in lines}

    assert seen() == {
        ("web", "entry", ""),
        *(("worker", name, "submission.received.v1") for name in ("validation", "reporting", "notify")),
        *(("worker", name, "submission.accepted.v2") for name in ("entry", "reporting", "notify")),
        ("worker", "entry", "submission.reported.v1"),
    }
    withdraw(system, "AL-WBCTi", answer.json())


def test_a_system_with_all_its_parts_is_live_and_ready(system):
    live = system.http.get(f"{system.url}/health/live")
    ready = system.http.get(f"{system.url}/health/ready")
    assert (live.status_code, live.json()) == (200, {"state": "live"})
    assert (ready.status_code, ready.json()) == (200, {"state": "ready", "failing": {}, "degraded": {}})


def test_metrics_tell_of_requests_deliveries_handlers_verdicts_and_mails(system):
    withdraw(system, "AL-WBCTi", accepted(system, "AL-WBCTi", SUPPORT))
    system.wait_until_drained(seconds=20)
    text = system.http.get(f"{system.url}/metrics").text
    for expected in (
        'iisgd_requests_total{method="POST",route="/submissions",service="entry",status="200"}',
        'iisgd_handler_seconds{event="submission.received.v1",quantile="0.5",service="validation"}',
        'iisgd_verdicts{outcome="accepted"}',
        'iisgd_submissions{state="withdrawn"}',
        "# HELP iisgd_deliveries ",
        "# HELP iisgd_oldest_delivery_seconds ",
    ):
        assert expected in text
    eventually(lambda: "iisgd_mails{" in system.http.get(f"{system.url}/metrics").text, expected=True)


def test_when_the_broker_is_away_submissions_are_taken_and_work_themselves_off_once_it_is_back(system):
    query = "kind=support&partner=ME"
    system.wait_until_drained(seconds=20)
    system.launcher.keep_down("broker")
    handed = []
    try:
        for number in range(3):
            sent = changed(SUPPORT, ref=f"B-{number}", beneficiaries=[{"code": "ME", "percentage": 100}])
            answer = post(system, "ME-WBCTi", sent, Prefer="wait=0")
            assert answer.status_code == 202
            handed.append(answer.json()["id"])
        ready = system.http.get(f"{system.url}/health/ready", timeout=20)
        assert (ready.status_code, ready.json()["state"]) == (200, "degraded")
        assert "broker" in ready.json()["degraded"]
        assert figure(system, query) == 0
    finally:
        system.launcher.release("broker")
    eventually(lambda: figure(system, query), 3, seconds=60)

    for submission in handed:
        # Reporting may count a submission before entry learns of the verdict.
        eventually(partial(state_of, system, "ME-WBCTi", submission), "accepted")
        withdraw(system, "ME-WBCTi", {"id": submission, "version": 1})


def test_a_meeting_that_moves_takes_deadlines_with_it_and_closes_no_open_window(system):
    path, secretariat = "/notify/v1/meetings/board-8", "SECRETARIAT"

    def move(held_on: str) -> dict[str, Any]:
        present = system.get(path, secretariat)
        sent = {name: present.json()[name] for name in ("body", "title")} | {"held_on": held_on}
        headers = system.headers(secretariat) | {"If-Match": present.headers["ETag"]}
        moved = system.http.put(system.url + path, json=sent, headers=headers)
        assert moved.status_code == 200, moved.json()
        collections = moved.json()["collections"]
        needs: dict[str, Any] = next(each for each in collections if each["collection"] == "need-2025-2026")
        return needs

    def completeness() -> set[str]:
        owed = system.get("/reporting/v1/completeness?kind=need", "RCC-ANALYST").json()["obligations"]
        return {obligation["due_on"] for obligation in owed}

    def handed_in() -> int:
        return post(system, "BA-WBCTi", NEED).status_code

    known = system.get(path, secretariat).json()
    before = known["held_on"]
    (opened_on,) = (
        each["opens_on"] for each in known["collections"] if each["collection"] == "need-2025-2026"
    )
    later = SystemClock().now().date().replace(year=SystemClock().now().year + 2, day=15).isoformat()
    moved = move(later)
    eventually(completeness, {moved["due_on"]})
    assert (moved["opens_on"], moved["closes_on"]) == (opened_on, later)
    assert handed_in() == 200
    back = move(before)
    eventually(completeness, {back["due_on"]})
    assert back["closes_on"] == later
    assert handed_in() == 200
