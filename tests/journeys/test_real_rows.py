"""Tests with real aid activities submitted as support: none is lost, and submitting them again changes no figure."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from deploy.sample_loader import Portal
from shared.ids import new_id
from tests.iati import SAMPLE, SampleSubmission, submissions
from tests.systems import System, systems

GROUPS = "group_by=partner,pillar,category,period,status"
CLIENTS = 4

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists(), reason="the real rows lie beside the project, and are not here"
)


def hand_in(
    system: System, handed: list[SampleSubmission], *, expected: int = 202
) -> dict[str, SampleSubmission]:
    """Post all submissions, each with its own key; return the submitted data by submission id."""
    headers = {code: system.headers(code) for code in {each.reporter for each in handed}}
    with httpx.Client(base_url=system.url, timeout=60) as http, ThreadPoolExecutor(CLIENTS) as pool:

        def post(each: SampleSubmission) -> str:
            given = headers[each.reporter] | {"Idempotency-Key": new_id()}
            answer = http.post("/entry/v1/submissions", json=each.body, headers=given)
            assert answer.status_code == expected, answer.json()
            submission: str = answer.json()["id"]
            return submission

        return dict(zip(pool.map(post, handed), handed, strict=True))


def figures(system: System) -> Any:
    answer = system.get(f"/reporting/v1/aggregates?{GROUPS}", "RCC-ANALYST").json()
    return answer["blocks"]


def test_every_row_is_accepted_or_returned_with_a_named_rule_and_a_second_time_changes_no_figure(tmp_path):
    everything = list(submissions())
    with SAMPLE.open(encoding="utf-8") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    assert sum(len(each.body["records"]) for each in everything) == rows
    with systems(tmp_path) as make:
        system = make(database="sqlite", workers=2, poll_seconds=0.05)
        posted = hand_in(system, everything)
        system.wait_until_drained(seconds=120)
        portal = Portal(system.settings, system.launcher.port)
        shown = {item["id"]: item for item in portal.get_all("/entry/v1/submissions", "SECRETARIAT")}
        assert shown.keys() == posted.keys()
        states = Counter(item["state"] for item in shown.values())
        assert states.keys() <= {"accepted", "returned"}
        assert states["accepted"] > 0
        for submission, item in shown.items():
            if item["state"] == "returned":
                found = portal.get(f"/entry/v1/submissions/{submission}", item["reporter"])["findings"]
                assert any(
                    finding["rule"] and finding["severity"] in ("error", "blocker") for finding in found
                )
        portal.close()
        refs = {
            (each.reporter, record["ref"])
            for submission, each in posted.items()
            if shown[submission]["state"] == "accepted"
            for record in each.body["records"]
        }
        before = figures(system)
        assert sum(block["total"]["records"] for block in before) == len(refs)
        # Duplicate content gives the same submission.
        assert hand_in(system, everything, expected=200).keys() == posted.keys()
        system.wait_until_drained(seconds=120)
        assert figures(system) == before
