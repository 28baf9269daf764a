"""A trial is told what its verdict would be, and leaves nothing behind but the report."""

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
from tests.validation.verdicts.test_bodies import table

TRIAL = submission_id(77)
JUDGED = "trial.judged.v1"
WRONG = {**NEED, "ref": "CT-002", "title": "Not Applicable"}


def received(
    desk: InProcessValidation, *records: Any, supersedes: str | None = None, **about: Any
) -> TrialReceived:
    facts = desk.received(desk.runtime, *records, **about).payload()
    return TrialReceived(**{**facts, "submission": TRIAL}, supersedes=supersedes)


def tried(desk: InProcessValidation, *records: Any, **about: Any) -> TrialJudged:
    desk.tell(received(desk, *records, **about))
    last = desk.told(JUDGED)[-1]
    assert isinstance(last, TrialJudged)
    return last


def kept(desk: InProcessValidation) -> dict[str, int]:
    """How many rows each of validation's tables has."""
    with desk.runtime.database.read() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(table_)).scalar_one()
            for name, table_ in tables.metadata.tables.items()
        }


def test_a_trial_is_told_what_its_verdict_would_be(desk: InProcessValidation) -> None:
    judged = tried(desk, NEED, WRONG)
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
    assert desk.rules(judged) == ["GEN-02"]
    assert desk.report(judged)["faulty"] == [1]
    assert desk.undone() == []


@pytest.mark.parametrize("count", [1, 4_100])
def test_a_trial_keeps_nothing_and_has_the_report_of_the_same_handed_in(
    desk: InProcessValidation, count: int
) -> None:
    rows = [{**WRONG, "ref": f"CT-{number:05d}"} for number in range(count)]
    desk.hand_in({**NEED, "ref": "BEFORE"}, number=2)
    before = kept(desk)
    judged = tried(desk, *rows, origins=table(count))
    assert kept(desk) == before
    assert desk.states(*(row["ref"] for row in rows[:3])) == {}
    event = desk.hand_in(*rows, origins=table(count))
    [verdict] = desk.verdicts(event.submission)
    assert judged.report == verdict.report
    assert judged.outcome == verdict.outcome == "returned"


def test_a_large_trial_goes_to_the_bulk_lane_and_is_judged_in_one_piece(desk: InProcessValidation) -> None:
    desk.tell(received(desk, *({**NEED, "ref": f"CT-{number:05d}"} for number in range(2_001))))
    told = select(deliveries.c.lane).where(deliveries.c.event == TrialReceived.name)
    with desk.engine.connect() as connection:
        assert list(connection.execute(told).scalars()) == ["validation.bulk"]
    assert desk.told("chunk.ready.v1") == []
    [judged] = desk.told(JUDGED)
    assert desk.report(judged)["records"] == 2_001


def test_what_a_trial_would_correct_is_not_held_against_it(desk: InProcessValidation) -> None:
    event = desk.hand_in(SUPPORT, kind="support")
    renamed = {**SUPPORT, "ref": "P-2"}
    anew, corrected = (
        tried(desk, renamed, kind="support", supersedes=each) for each in (None, event.submission)
    )
    gained = set(desk.rules(anew)) - set(desk.rules(corrected))
    assert gained == {"GEN-33"}


@pytest.mark.parametrize(("reporter", "counts"), [("AL-WBCTi", 0), ("BA-WBCTi", 1)])
def test_what_was_excused_stays_so_in_the_trial_of_a_correction_of_ones_own(
    desk: InProcessValidation, reporter: str, counts: int
) -> None:
    open_to_all = {**NEED, "tlp": "TLP:CLEAR"}
    event = desk.hand_in(open_to_all, reporter=reporter, partner=reporter[:2])
    with desk.runtime.database.begin() as tx:
        [found] = store.list_by_submission(tx, event.submission)
        store.update_decision(tx, replace(found, state="justified", note="So it is.", decided_by=reporter))
    anew, corrected = (tried(desk, open_to_all, supersedes=each) for each in (None, event.submission))
    assert (anew.counts[found.severity], corrected.counts[found.severity]) == (1, counts)
