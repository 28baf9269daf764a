from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from services.validation.app import SERVICE
from services.validation.verdicts.store import submission_states, tables
from shared.blobs import BlobIsMissing
from shared.events import Event, SubmissionAccepted, SubmissionReturned
from shared.resources import Runtime
from shared.runtime.declarations import Service
from tests.bundled_rulesets import ruleset_for
from tests.validation.conftest import NEED, RESPONSE, SUPPORT, submission_id, withdrawn
from tests.validation.in_process import InProcessValidation

WRONG = {**NEED, "title": "Not Applicable"}
MEMBER = {"reporter": "CEPOL", "partner": None, "kind": "support"}


def test_an_accepted_submission_is_told_with_its_report_and_may_be_referred_to(
    validation: InProcessValidation,
) -> None:
    event = validation.submit(NEED)
    stamp = ruleset_for("WBCTi").stamp
    [accepted] = validation.published()
    assert accepted == SubmissionAccepted(
        **event.payload(),
        verdict=1,
        ruleset=f"WBCTi {stamp.version}",
        ruleset_hash=stamp.hash,
        counts={"blocker": 0, "error": 0, "warning": 0, "info": 0},
        report=accepted.report,
        judged_at="2026-11-23T09:00:00.000Z",
        reason="first",
    )
    report = validation.report(accepted)
    assert (report["outcome"], report["records"], report["findings"]) == ("accepted", 1, [])
    assert validation.states("CT-001") == {"CT-001": "in_force"}
    [row] = validation.verdicts(event.submission)
    assert (row.report, row.stamp) == (accepted.report, report["stamp"])


def test_a_returned_submission_is_told_with_its_findings_and_may_not_be_referred_to(
    validation: InProcessValidation,
) -> None:
    validation.submit(NEED, {**WRONG, "ref": "CT-002"})
    [returned] = validation.published()
    assert isinstance(returned, SubmissionReturned)
    assert returned.counts["error"] == 1
    assert validation.rules(returned) == ["GEN-02"]
    assert validation.states("CT-001", "CT-002") == {}


def test_a_later_version_that_is_returned_takes_the_records_of_the_former_away(
    validation: InProcessValidation,
) -> None:
    validation.submit(NEED)
    validation.submit(WRONG, version=2)
    assert validation.states("CT-001") == {"CT-001": "returned"}
    assert validation.state(submission_id(1)).outcome == "returned"


def test_a_record_that_a_later_version_leaves_out_is_withdrawn(validation: InProcessValidation) -> None:
    validation.submit(NEED, {**NEED, "ref": "CT-002"})
    validation.submit({**NEED, "ref": "CT-002"}, version=2)
    assert validation.states("CT-001", "CT-002") == {"CT-001": "withdrawn", "CT-002": "in_force"}


@pytest.mark.both_databases
@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_versions_that_overtake_each_other_leave_the_verdict_of_the_highest(
    validation: InProcessValidation, order: tuple[int, ...]
) -> None:
    for version in order:
        validation.submit({**NEED, "ref": f"V-{version}"}, version=version)
    in_force = [ref for ref, state in validation.states("V-1", "V-2", "V-3").items() if state == "in_force"]
    assert in_force == ["V-3"]
    assert validation.verdicts(submission_id(1))[-1].version == 3


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_withdrawn_submission_has_nothing_in_force_in_whatever_order_it_is_told(
    validation: InProcessValidation, order: tuple[int, ...]
) -> None:
    events = {
        1: validation.received(validation.runtime, NEED),
        2: validation.received(validation.runtime, {**NEED, "ref": "CT-002"}, version=2),
        3: withdrawn(1, 3),
    }
    for step in order:
        validation.publish(events[step])
    assert set(validation.states("CT-001", "CT-002").values()) <= {"withdrawn"}


def test_what_comes_after_a_withdrawal_is_neither_judged_nor_told(validation: InProcessValidation) -> None:
    validation.publish(withdrawn(1, 2))
    validation.submit(NEED)
    assert validation.published() == []
    assert validation.verdicts(submission_id(1)) == []


@pytest.mark.both_databases
def test_a_version_that_was_overtaken_while_it_was_judged_is_not_told(
    validation: InProcessValidation,
) -> None:
    handle = SERVICE.handlers[0].handle
    events = [validation.received(validation.runtime, NEED, version=version) for version in (1, 2)]
    effects = [handle(validation.runtime, event) for event in events]
    for effect in reversed(effects):
        with validation.runtime.database.begin() as tx:
            effect(tx)
    assert [event.version for event in validation.published()] == [2]


def test_links_are_known_once_the_need_was_accepted_and_unknown_again_when_it_is_withdrawn(
    validation: InProcessValidation,
) -> None:
    response: dict[str, Any] = {"kind": "response", "number": 2}
    validation.submit(RESPONSE, **response)
    validation.submit(NEED)
    validation.submit(RESPONSE, version=2, **response)
    validation.publish(withdrawn(1, 2))
    validation.submit(RESPONSE, version=3, **response)
    rules = [
        [each for each in validation.rules(event) if each == "GEN-28"] for event in validation.published()
    ]
    assert rules == [["GEN-28"], [], [], ["GEN-28"]]
    assert all(isinstance(event, SubmissionAccepted) for event in validation.published())


def test_a_members_support_finds_the_need_of_the_structure_it_names(validation: InProcessValidation) -> None:
    validation.submit(NEED)
    validation.submit(SUPPORT, number=2, **MEMBER)
    nameless = {**SUPPORT, "needs": [{"ref": "CT-001", "coverage": "full"}]}
    validation.submit(nameless, number=2, version=2, **MEMBER)
    assert [validation.rules(event) for event in validation.published()] == [[], [], ["GEN-26", "GEN-28"]]


def test_a_need_that_is_carried_over_is_looked_for_in_the_former_period(
    validation: InProcessValidation,
) -> None:
    validation.submit({**NEED, "theme": "jap18_prevention"}, period="2023-2024")
    carried = {**NEED, "ref": "CT-101", "carried_over_from": "CT-001"}
    validation.submit(carried, number=2)
    validation.submit({**carried, "carried_over_from": "CT-9"}, number=3)
    rules = [
        [each for each in validation.rules(event) if each == "GEN-29"] for event in validation.published()
    ]
    assert rules[1:] == [[], ["GEN-29"]]


def test_a_body_that_is_not_there_raises_and_writes_nothing(
    validation: InProcessValidation, deliver: Callable[[Runtime, Service, Event], None]
) -> None:
    event = validation.received(validation.runtime, NEED)
    lost = type(event)(**{**event.payload(), "body": "0" * 64})
    with pytest.raises(BlobIsMissing):
        deliver(validation.runtime, SERVICE, lost)
    assert validation.published() == []
    assert validation.verdicts(event.submission) == []
    with validation.runtime.database.read() as tx:
        assert submission_states.find_state(tx, event.submission) is None


def test_the_same_content_under_the_same_rules_and_references_is_judged_once(
    validation: InProcessValidation,
) -> None:
    for number in (1, 2):
        validation.submit(NEED, number=number)
    # Were it judged again, nobody would come upon a report that says otherwise than the second's.
    with validation.runtime.database.begin() as tx:
        otherwise = validation.runtime.blobs.put(tx, b'{"findings":[],"outcome":"accepted"}')
        verdicts = tables.metadata.tables["validation.verdicts"]
        tx.execute(
            verdicts.update().where(verdicts.c.submission == submission_id(2)).values(report=otherwise)
        )
    validation.submit(NEED, number=3)
    validation.submit({**NEED, "estimated_cost": 90001}, number=4)
    first, second, third, fourth = (validation.verdicts(submission_id(number))[0] for number in (1, 2, 3, 4))
    assert second.judgement == third.judgement
    assert third.report == otherwise
    # The first had nothing before it to be compared with.
    assert len({first.judgement, second.judgement, fourth.judgement}) == 3
