"""A trial gets the report of a verdict, and leaves nothing behind but the report."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from services.validation.findings import store
from services.validation.verdicts.store import tables
from shared.bus.store import deliveries
from shared.events import TrialJudged, TrialReceived
from tests.bundled_rulesets import ruleset_for
from tests.validation.conftest import NEED, SUPPORT, submission_id
from tests.validation.in_process import InProcessValidation
from tests.validation.verdicts.test_operations_bodies import table

TRIAL = submission_id(77)
JUDGED = "trial.judged.v1"
WRONG = {**NEED, "ref": "CT-002", "title": "Not Applicable"}


def received(
    validation: InProcessValidation, *records: Any, supersedes: str | None = None, **about: Any
) -> TrialReceived:
    facts = validation.received(validation.runtime, *records, **about).payload()
    return TrialReceived(**{**facts, "submission": TRIAL}, supersedes=supersedes)


def tried(validation: InProcessValidation, *records: Any, **about: Any) -> TrialJudged:
    validation.publish(received(validation, *records, **about))
    last = validation.published(JUDGED)[-1]
    assert isinstance(last, TrialJudged)
    return last


def kept(validation: InProcessValidation) -> dict[str, int]:
    """Return the number of rows of each of validation's tables."""
    with validation.runtime.database.read() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(table_)).scalar_one()
            for name, table_ in tables.metadata.tables.items()
        }


def test_a_trial_is_told_what_its_verdict_would_be(validation: InProcessValidation) -> None:
    judged = tried(validation, NEED, WRONG)
    stamp = ruleset_for("WBCTi").stamp
    assert judged == TrialJudged(
        submission=TRIAL,
        version=1,
        outcome="returned",
        ruleset=f"WBCTi {stamp.version}",
        ruleset_hash=stamp.hash,
        counts={"blocker": 0, "error": 1, "warning": 0, "info": 0},
        report=judged.report,
        judged_at="2026-11-23T09:00:00.000Z",
    )
    assert validation.rules(judged) == ["GEN-02"]
    assert validation.report(judged)["faulty"] == [1]
    assert validation.unfinished() == []


@pytest.mark.parametrize("count", [1, 4_100])
def test_a_trial_keeps_nothing_and_has_the_report_of_the_same_handed_in(
    validation: InProcessValidation, count: int
) -> None:
    rows = [{**WRONG, "ref": f"CT-{number:05d}"} for number in range(count)]
    validation.submit({**NEED, "ref": "BEFORE"}, number=2)
    before = kept(validation)
    judged = tried(validation, *rows, origins=table(count))
    assert kept(validation) == before
    assert validation.states(*(row["ref"] for row in rows[:3])) == {}
    event = validation.submit(*rows, origins=table(count))
    [verdict] = validation.verdicts(event.submission)
    assert judged.report == verdict.report
    assert judged.outcome == verdict.outcome == "returned"


def test_a_large_trial_goes_to_the_bulk_lane_and_is_judged_in_one_piece(
    validation: InProcessValidation,
) -> None:
    validation.publish(
        received(validation, *({**NEED, "ref": f"CT-{number:05d}"} for number in range(2_001)))
    )
    told = select(deliveries.c.lane).where(deliveries.c.event == TrialReceived.name)
    with validation.engine.connect() as connection:
        assert list(connection.execute(told).scalars()) == ["validation.bulk"]
    assert validation.published("chunk.ready.v1") == []
    [judged] = validation.published(JUDGED)
    assert validation.report(judged)["records"] == 2_001


def test_what_a_trial_would_correct_is_not_held_against_it(validation: InProcessValidation) -> None:
    event = validation.submit(SUPPORT, kind="support")
    renamed = {**SUPPORT, "ref": "P-2"}
    anew, corrected = (
        tried(validation, renamed, kind="support", supersedes=each) for each in (None, event.submission)
    )
    gained = set(validation.rules(anew)) - set(validation.rules(corrected))
    assert gained == {"GEN-33"}


@pytest.mark.parametrize(("reporter", "counts"), [("AL-WBCTi", 0), ("BA-WBCTi", 1)])
def test_what_was_excused_stays_so_in_the_trial_of_a_correction_of_ones_own(
    validation: InProcessValidation, reporter: str, counts: int
) -> None:
    open_to_all = {**NEED, "tlp": "TLP:CLEAR"}
    event = validation.submit(open_to_all, reporter=reporter, partner=reporter[:2])
    with validation.runtime.database.begin() as tx:
        [found] = store.list_by_submission(tx, event.submission)
        store.update_decision(tx, replace(found, state="justified", note="So it is.", decided_by=reporter))
    anew, corrected = (tried(validation, open_to_all, supersedes=each) for each in (None, event.submission))
    assert (anew.counts[found.severity], corrected.counts[found.severity]) == (1, counts)
