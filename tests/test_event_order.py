"""Tests that every service shows the state of the highest version in whatever order events arrive."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Table, delete

from services.entry.app import SERVICE as ENTRY
from services.notify.app import SERVICE as NOTIFY
from services.notify.calendar.operations import loading
from services.notify.calendar.store import submission_status
from services.reporting.app import SERVICE as REPORTING
from services.validation.app import SERVICE as VALIDATION
from services.validation.verdicts.store import index
from services.validation.verdicts.store import tables as store_tables
from shared.events import Event
from shared.ids import new_id
from shared.resources import Runtime
from shared.runtime.declarations import Service
from tests.conftest import Client
from tests.entry.conftest import window
from tests.reporting import events
from tests.reporting.stored_figures import empty
from tests.validation.conftest import NEED


def body(cost: int, ref: str = "CT-001") -> dict[str, Any]:
    """Return a need that the rules accept; its cost identifies the version."""
    need = NEED | {"ref": ref, "estimated_cost": cost}
    return events.body_of(need, reporter="AL-WBCTi", pillar="WBCTi")


FIRST, SECOND = body(90_000), body(40_000, ref="CT-002")


@dataclass(frozen=True)
class Story:
    """The events of one submission in their order, and the resulting state."""

    happens: tuple[tuple[str, dict[str, Any]], ...]
    """The events: the name of the function in `tests.reporting.events`, and its arguments."""
    cost: int
    """The total cost of the needs that count, in euros."""
    is_met: bool
    """Whether the obligation is met."""


def _first(what: str, **values: Any) -> tuple[str, dict[str, Any]]:
    return what, {"body": FIRST, "version": 1, **values}


def _second(what: str, **values: Any) -> tuple[str, dict[str, Any]]:
    return what, {"body": SECOND, "version": 2, **values}


STORIES = {
    "corrected": Story(
        (_first("received"), _first("accepted"), _second("received"), _second("accepted")),
        40_000,
        is_met=True,
    ),
    "corrected and withdrawn": Story(
        (_first("accepted"), _second("received"), _second("accepted"), ("withdrawn", {"version": 3})),
        0,
        is_met=False,
    ),
    "corrected, and the correction returned": Story(
        (_first("received"), _first("accepted"), _second("received"), _second("returned")), 0, is_met=False
    ),
    "judged anew and returned": Story(
        (_first("received"), _first("accepted"), _first("returned", verdict=2)), 0, is_met=False
    ),
    "returned, judged anew, corrected": Story(
        (
            _first("returned"),
            _first("accepted", verdict=2),
            _second("received"),
            _second("accepted"),
        ),
        40_000,
        is_met=True,
    ),
    "withdrawn before anybody looked": Story(
        (_first("received"), ("withdrawn", {"version": 2})), 0, is_met=False
    ),
}

story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


def told(runtime: Runtime, service: Service, story: Story) -> list[Event]:
    """Return the story's events that the service subscribes to."""
    handled = {handler.event for handler in service.handlers}
    made = []
    for what, values in story.happens:
        make = getattr(events, what)
        event = make(1, FIRST, **values) if what == "withdrawn" else make(runtime, 1, **values)
        made.append(event)
    return [event for event in made if type(event) in handled]


def forget(runtime: Runtime, *tables: Table) -> None:
    with runtime.database.begin() as tx:
        for table in tables:
            tx.execute(delete(table))


@story
def test_entry_shows_the_highest(runtime_of, client_of, deliver, story):
    runtime, client = runtime_of("entry"), client_of("entry")
    deliver(runtime, ENTRY, window())
    with runtime.database.begin() as tx:
        report = runtime.blobs.put(tx, b'{"findings":[]}')
    *_, last = (what for what, _ in story.happens if what != "received")
    for order in permutations(told(runtime, ENTRY, story)):
        submission = hand_in(client, story)
        for event in order:
            deliver(runtime, ENTRY, replace(event, submission=submission, report=report))
        shown = client.get(f"/entry/v1/submissions/{submission}", as_="AL-WBCTi").json
        assert shown["state"] == last, order
        if last != "withdrawn":
            assert shown["verdict"]["outcome"] == last
        listed = client.get(f"/entry/v1/submissions?state={last}", as_="AL-WBCTi").json["items"]
        assert submission in {item["id"] for item in listed}


def hand_in(client: Client, story: Story) -> str:
    """Post the story's versions over HTTP; verdicts come later."""

    def post(path: str, sent: dict[str, Any]) -> dict[str, Any]:
        answer = client.post(path, json=sent, as_="AL-WBCTi")
        assert answer.status_code in (200, 202), answer.json
        return answer.json

    def posted(content: dict[str, Any], **more: Any) -> str:
        sent = {name: value for name, value in content.items() if name not in ("reporter", "partner")}
        return post("/entry/v1/submissions", sent | more)["id"]

    # Each order has its own submission; duplicate content would give the same one.
    mark = new_id()
    (need,) = FIRST["records"]
    submission = posted(FIRST | {"records": [need | {"description": mark}]})
    highest = max(values["version"] for _, values in story.happens)
    is_withdrawn = any(what == "withdrawn" for what, _ in story.happens)
    for version in range(1, highest - is_withdrawn):
        (need,) = SECOND["records"]
        correction = SECOND | {"records": [need | {"description": f"{mark} {version}"}]}
        posted(correction, supersedes={"submission": submission, "version": version})
    if is_withdrawn:
        path = f"/entry/v1/submissions/{submission}/withdrawal"
        post(path, {"version": highest - 1, "reason": "entered twice"})
    return submission


@story
def test_reporting_counts_the_highest(runtime_of, client_of, deliver, story):
    runtime, client = runtime_of("reporting"), client_of("reporting")
    for order in permutations(told(runtime, REPORTING, story)):
        empty(runtime)
        for event in order:
            deliver(runtime, REPORTING, event)
        shown = client.get("/reporting/v1/aggregates?kind=need", as_="RCC-ANALYST").json["total"]
        estimated = [float(amount["estimated"]) for amount in shown["amounts"]]
        assert estimated == ([story.cost] if story.cost else []), order
        assert shown["records"] == (1 if story.cost else 0)


@story
def test_notify_holds_the_highest_against_the_obligation(runtime_of, client_of, deliver, story):
    runtime, client = runtime_of("notify"), client_of("notify")
    meeting = {
        "code": "board-8",
        "body": "board",
        "title": "8th Board meeting",
        "held_on": date(2026, 12, 15),
    }
    needs = {"kind": "need", "period": "2025-2026", "meeting": "board-8"}
    with runtime.database.begin() as tx:
        collection = needs | {"opens_days_before": 75, "due_days_before": 15}
        calendar = {"meetings": [meeting], "collections": [collection]}
        loading.load_calendar(tx, calendar=calendar, now=tx.now)
    for order in permutations(told(runtime, NOTIFY, story)):
        for event in order:
            deliver(runtime, NOTIFY, event)
        (owed,) = client.get("/notify/v1/obligations", as_="AL-WBCTi").json["items"]
        assert (owed["state"] == "met") == story.is_met, order
        forget(runtime, submission_status)


@story
def test_validation_lets_nobody_refer_to_what_was_overtaken(runtime_of, deliver, story):
    """Validation judges for itself: it accepts both versions, and only a withdrawal removes records."""
    runtime = runtime_of("validation")
    wanted = {("need", "AL-WBCTi", "2025-2026", ref) for ref in ("CT-001", "CT-002")}
    is_withdrawn = any(what == "withdrawn" for what, _ in story.happens)
    versions = [values["version"] for what, values in story.happens if what == "received"]
    for order in permutations(told(runtime, VALIDATION, story)):
        forget(runtime, *store_tables.metadata.sorted_tables)
        for event in order:
            deliver(runtime, VALIDATION, event)
        with runtime.database.read() as tx:
            states = index.list_states(tx, wanted)
        known = {ref for (*_, ref), state in states.items() if state == "in_force"}
        assert known == (set() if is_withdrawn else {f"CT-00{max(versions)}"}), order
