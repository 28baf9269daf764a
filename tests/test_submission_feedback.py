"""Tests of the feedback that reporters get on a submission from all four services."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.in_process import NEEDS, SUPPORTS, Installation, installed
from tests.validation.conftest import NEED, PERIODS

SUBMISSIONS = "/entry/v1/submissions"
SIGNED = {"signed_by": "A. Hoxha", "function": "Head of the counter-terrorism desk"}
COUNTED_NOWHERE = ("validation.", "reporting.", "notify.")


@pytest.fixture
def system(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


def sign_nil_return(system: Installation, *, kind: str, as_: str = "AL-WBCTi") -> dict[str, Any]:
    body = {
        "pillar": "WBCTi",
        "kind": kind,
        "period": PERIODS[kind],
        "tlp": "TLP:AMBER",
        "statement": SIGNED,
    }
    answer = system.client.post("/entry/v1/nothing-to-report", json=body, as_=as_)
    assert answer.status_code == 202, answer.text
    system.settle()
    return shown(system, answer.json["id"], as_=as_)


def shown(system: Installation, submission: str, *, as_: str = "AL-WBCTi") -> dict[str, Any]:
    found: dict[str, Any] = system.client.get(f"{SUBMISSIONS}/{submission}", as_=as_).json
    return found


def stages(found: dict[str, Any]) -> list[str]:
    return [step["stage"] for step in found["timeline"]]


@pytest.mark.parametrize(
    ("kind", "sender"), [("need", "AL-WBCTi"), ("support", "AL-WBCTi"), ("support", "CEPOL")]
)
def test_that_there_is_nothing_to_report_is_accepted_and_in_report(system, kind, sender):
    found = sign_nil_return(system, kind=kind, as_=sender)
    assert (found["state"], found["records"], found["findings"]) == ("accepted", 0, [])
    assert stages(found) == ["received", "accepted", "reported"]
    figures = system.client.get(f"/reporting/v1/aggregates?kind={kind}", as_="RCC-ANALYST").json
    assert figures["total"] == {"records": 0, "amounts": []}


def test_that_there_is_nothing_to_report_meets_the_obligation(system):
    sign_nil_return(system, kind="need")
    [owed] = [
        each
        for each in system.client.get("/reporting/v1/completeness", as_="SECRETARIAT").json["obligations"]
        if each["structure"] == "AL-WBCTi"
    ]
    assert (owed["state"], owed["records"], owed["nothing_to_report"]) == ("accepted", 0, True)
    found = system.client.get("/notify/v1/obligations", as_="AL-WBCTi").json["items"]
    assert [each["state"] for each in found] == ["met"]


def test_the_first_record_after_nothing_corrects_it_and_nothing_may_be_reported_again(system):
    nothing = sign_nil_return(system, kind="need")
    supersedes = {"submission": nothing["id"], "version": 1}
    assert system.hand_in(NEEDS | {"supersedes": supersedes}) == nothing["id"]
    found = shown(system, nothing["id"])
    assert (found["version"], found["state"], found["records"]) == (2, "accepted", 1)
    assert [(step["version"], step["stage"]) for step in found["timeline"]][-1] == (2, "reported")


def test_a_sender_sees_since_when_records_are_in_report(system):
    found = shown(system, system.hand_in())
    assert stages(found) == ["received", "accepted", "reported"]
    assert found["timeline"][-1]["text"] == "in the report since 23 November 2026, 10:00 (Europe/Tirane)"
    assert found["in_report_since"] == "2026-11-23T09:00:00.000Z"
    returned = system.hand_in(NEEDS | {"records": [NEED | {"ref": "X", "title": "Not Applicable"}]})
    assert stages(shown(system, returned)) == ["received", "returned"]


def test_that_records_are_in_report_is_told_to_whom_they_concern(system):
    submission = system.hand_in()
    system.seal()
    changes = system.client.get("/entry/v1/changes", as_="AL-WBCTi").json["items"]
    [change] = [each for each in changes if each["action"] == "submission.reported"]
    assert (change["submission"], change["version"]) == (submission, 1)


@pytest.mark.parametrize("title", ["Open-source analysis for the unit", "Not Applicable"])
def test_a_trial_shows_its_verdict_and_counts_nowhere(system, title):
    before = system.stored()
    body = NEEDS | {"records": [NEED | {"title": title}], "dry_run": True}
    answer = system.client.post(SUBMISSIONS, json=body, as_="AL-WBCTi")
    assert answer.status_code == 202, answer.text
    system.settle()
    found = shown(system, answer.json["id"])
    outcome = "returned" if title == "Not Applicable" else "accepted"
    assert (found["is_trial"], found["state"], stages(found)) == (True, outcome, ["received", outcome])
    assert [each["rule"] for each in found["findings"]] == (["GEN-02"] if outcome == "returned" else [])
    changed = {name for name, rows in system.stored().items() if rows != before[name]}
    assert not [name for name in changed if name.startswith(COUNTED_NOWHERE)]


def test_the_trial_of_a_correction_is_not_held_against_what_it_corrects(system):
    submission = system.hand_in(SUPPORTS)
    renamed = SUPPORTS | {"records": [SUPPORTS["records"][0] | {"ref": "P-2"}], "dry_run": True}
    found = []
    for supersedes in ({}, {"supersedes": {"submission": submission, "version": 1}}):
        made = system.client.post(SUBMISSIONS, json=renamed | supersedes, as_="AL-WBCTi")
        system.settle()
        found.append({each["rule"] for each in shown(system, made.json["id"])["findings"]})
    assert found[0] - found[1] == {"GEN-33"}
