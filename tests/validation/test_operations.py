import json
from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy import select

from services.validation import store
from services.validation.app import SERVICE
from services.validation.operations import ruleset_for
from shared.blobs import BlobIsMissing
from shared.events import Event, SubmissionAccepted, SubmissionReceived, SubmissionReturned
from shared.service import Runtime, Service
from tests.validation.conftest import NEED, RESPONSE, SUPPORT, submission_id, withdrawn

WRONG = {**NEED, "title": "Not Applicable"}


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("validation")


def known(runtime: Runtime) -> list[tuple[str, int]]:
    with runtime.database.read() as tx:
        return sorted(tx.execute(select(store.known_records.c.ref, store.known_records.c.version)))


def verdict(runtime: Runtime, number: int = 1) -> store.VerdictRow | None:
    with runtime.database.read() as tx:
        return store.find_verdict(tx, submission_id(number))


def test_an_accepted_submission_is_told_with_its_report_and_may_be_referred_to(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    event = received(runtime, NEED)
    deliver(runtime, SERVICE, event)
    stamp = ruleset_for("WBCTi").stamp
    [accepted] = told
    assert accepted == SubmissionAccepted(
        **event.payload(),
        verdict=1,
        ruleset=f"WBCTi {stamp.version}",
        ruleset_hash=stamp.hash,
        counts={"blocker": 0, "error": 0, "warning": 0, "info": 0},
        report=accepted.report,
        judged_at="2026-11-23T09:00:00.000Z",
    )
    report = json.loads(runtime.blobs.get(accepted.report))
    assert (report["submission"], report["version"], report["outcome"]) == (event.submission, 1, "accepted")
    assert known(runtime) == [("CT-001", 1)]
    assert verdict(runtime).report == accepted.report


def test_a_returned_submission_is_told_with_its_findings_and_may_not_be_referred_to(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    deliver(runtime, SERVICE, received(runtime, NEED, {**WRONG, "ref": "CT-002"}))
    [returned] = told
    assert isinstance(returned, SubmissionReturned)
    assert returned.counts["error"] == 1
    report = json.loads(runtime.blobs.get(returned.report))
    assert [finding["rule"] for finding in report["findings"]] == ["GEN-02"]
    assert known(runtime) == []


def test_a_later_version_that_is_returned_takes_the_records_of_the_former_away(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
) -> None:
    deliver(runtime, SERVICE, received(runtime, NEED))
    deliver(runtime, SERVICE, received(runtime, WRONG, version=2))
    assert known(runtime) == []
    assert verdict(runtime).outcome == "returned"


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_versions_that_overtake_each_other_leave_the_verdict_of_the_highest(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    order: tuple[int, ...],
) -> None:
    events = {
        version: received(runtime, {**NEED, "ref": f"V-{version}"}, version=version) for version in order
    }
    for version in order:
        deliver(runtime, SERVICE, events[version])
    assert known(runtime) == [("V-3", 3)]
    assert verdict(runtime).version == 3


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_withdrawn_submission_has_nothing_to_refer_to_in_whatever_order_it_is_told(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    order: tuple[int, ...],
) -> None:
    events = {
        1: received(runtime, NEED),
        2: received(runtime, {**NEED, "ref": "CT-002"}, version=2),
        3: withdrawn(1, 3),
    }
    for step in order:
        deliver(runtime, SERVICE, events[step])
    assert known(runtime) == []


def test_what_comes_after_a_withdrawal_is_neither_judged_nor_told(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    deliver(runtime, SERVICE, withdrawn(1, 2))
    deliver(runtime, SERVICE, received(runtime, NEED))
    assert told == []
    assert verdict(runtime) is None


def test_a_version_that_was_overtaken_while_it_was_judged_is_not_told(
    runtime: Runtime, received: Callable[..., SubmissionReceived], told: list[Event]
) -> None:
    handle = SERVICE.handlers[0].handle
    effects = [handle(runtime, received(runtime, NEED, version=version)) for version in (1, 2)]
    for effect in reversed(effects):
        with runtime.database.begin() as tx:
            effect(tx)
    assert [event.version for event in told] == [2]


def warnings(runtime: Runtime, event: SubmissionAccepted | SubmissionReturned) -> list[str]:
    return [finding["rule"] for finding in json.loads(runtime.blobs.get(event.report))["findings"]]


def test_links_are_known_once_the_need_was_accepted_and_unknown_again_when_it_is_withdrawn(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    response = {"kind": "response", "number": 2}
    deliver(runtime, SERVICE, received(runtime, RESPONSE, **response))
    deliver(runtime, SERVICE, received(runtime, NEED))
    deliver(runtime, SERVICE, received(runtime, RESPONSE, version=2, **response))
    deliver(runtime, SERVICE, withdrawn(1, 2))
    deliver(runtime, SERVICE, received(runtime, RESPONSE, version=3, **response))
    assert [warnings(runtime, event) for event in told] == [["GEN-28"], [], [], ["GEN-28"]]
    assert all(isinstance(event, SubmissionAccepted) for event in told)


def test_a_members_support_finds_the_need_of_the_structure_it_names(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    member = {"reporter": "CEPOL", "partner": None, "kind": "support", "number": 2}
    deliver(runtime, SERVICE, received(runtime, NEED))
    deliver(runtime, SERVICE, received(runtime, SUPPORT, **member))
    nameless = {**SUPPORT, "needs": [{"ref": "CT-001", "coverage": "full"}]}
    deliver(runtime, SERVICE, received(runtime, nameless, version=2, **member))
    assert [warnings(runtime, event) for event in told] == [[], [], ["GEN-26", "GEN-28"]]


def test_a_need_that_is_carried_over_is_looked_for_in_the_former_period(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    deliver(runtime, SERVICE, received(runtime, {**NEED, "theme": "jap18_prevention"}, period="2023-2024"))
    carried = {**NEED, "ref": "CT-101", "carried_over_from": "CT-001"}
    deliver(runtime, SERVICE, received(runtime, carried, number=2))
    deliver(runtime, SERVICE, received(runtime, {**carried, "carried_over_from": "CT-9"}, number=3))
    assert [warnings(runtime, event) for event in told[1:]] == [[], ["GEN-29"]]


def test_a_body_that_is_not_there_raises_and_writes_nothing(
    runtime: Runtime,
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
    told: list[Event],
) -> None:
    event = received(runtime, NEED)
    lost = type(event)(**{**event.payload(), "body": "0" * 64})
    with pytest.raises(BlobIsMissing):
        deliver(runtime, SERVICE, lost)
    assert told == []
    assert verdict(runtime) is None
