"""A verdict depends on data, rules and references. When one of them changes, another verdict is given."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.validation.app import SERVICE
from services.validation.findings import store
from services.validation.rulesets.operations import files, publishing
from services.validation.verdicts.operations import publication_rollout, rejudging
from services.validation.verdicts.operations.exemptions import waive_finding
from services.validation.verdicts.operations.judging import VerdictIsOvertaken
from services.validation.verdicts.store import tables
from shared.bus.handling import Effect
from shared.events import Event, MeetingMoved, SubmissionOutdated, WindowSet
from shared.identity.callers import Caller
from tests.validation.conftest import NEED, RESPONSE, submission_id, withdrawn
from tests.validation.in_process import InProcessValidation

UNKNOWN_NEED = "GEN-28"
RESPONSES: dict[str, Any] = {"kind": "response", "number": 2}


def prepared(validation: InProcessValidation, event: Event) -> Effect:
    """Return the effect of a worker that has judged and not committed yet."""
    handler = next(each for each in SERVICE.handlers if each.event is type(event))
    return handler.handle(validation.runtime, event)


def commit(validation: InProcessValidation, effect: Effect) -> None:
    with validation.runtime.database.begin() as tx:
        effect(tx)


def given(validation: InProcessValidation, number: int = 2) -> list[tuple[str, bool]]:
    """Return the reason of each verdict on a submission, and whether its need was unknown."""
    rows = validation.verdicts(submission_id(number))
    return [(row.reason, UNKNOWN_NEED in validation.rules(row)) for row in rows]


@pytest.mark.both_databases
def test_a_need_that_arrives_settles_the_warning_by_itself_and_once(validation: InProcessValidation) -> None:
    validation.submit(RESPONSE, **RESPONSES)
    validation.tick()
    assert given(validation) == [("first", True)]
    validation.submit(NEED)
    for _ in range(3):
        validation.tick()
    assert given(validation) == [("first", True), ("references_changed", False)]
    told = [(event.submission, event.verdict, event.reason) for event in validation.published()]
    assert told[-1] == (submission_id(2), 2, "references_changed")
    assert len(validation.published("submission.outdated.v1")) == 1
    assert validation.state(submission_id(2)).outdated is None


def test_a_need_that_is_withdrawn_or_returned_is_noticed_where_it_is_referred_to(
    validation: InProcessValidation,
) -> None:
    validation.submit(NEED)
    validation.submit(RESPONSE, **RESPONSES)
    validation.submit({**NEED, "title": "Not Applicable"}, version=2)
    validation.tick()
    validation.submit(NEED, version=3)
    validation.tick()
    validation.publish(withdrawn(1, 4))
    validation.tick()
    reasons, unknown = zip(*given(validation), strict=True)
    assert unknown == (False, True, False, True)
    assert reasons == ("first", *["references_changed"] * 3)


@pytest.mark.both_databases
def test_a_need_that_arrives_while_who_refers_to_it_is_judged_is_noticed_by_the_tick(
    validation: InProcessValidation,
) -> None:
    """The verdict is prepared before the need is stored, and committed after the tick."""
    late = prepared(validation, validation.received(validation.runtime, RESPONSE, **RESPONSES))
    validation.submit(NEED)
    validation.tick()
    commit(validation, late)
    assert given(validation) == [("first", True)]
    validation.tick()
    assert given(validation) == [("first", True), ("references_changed", False)]


def test_a_need_that_was_judged_before_and_commits_after_is_noticed_by_the_tick(
    validation: InProcessValidation,
) -> None:
    late = prepared(validation, validation.received(validation.runtime, NEED))
    validation.submit(RESPONSE, **RESPONSES)
    validation.tick()
    commit(validation, late)
    validation.tick()
    assert given(validation) == [("first", True), ("references_changed", False)]


def test_a_need_that_arrives_twice_at_once_leads_to_one_more_verdict(validation: InProcessValidation) -> None:
    validation.submit(RESPONSE, **RESPONSES)
    for number in (3, 4):
        validation.submit(NEED, number=number)
    validation.tick()
    validation.publish(withdrawn(3, 2))
    validation.tick()
    # The other submission still has it.
    assert given(validation) == [("first", True), ("references_changed", False)]


def calendar(held_on: str, *, sequence: int = 1) -> list[Event]:
    return [
        WindowSet(
            window="response-2026",
            kind="response",
            period="2026",
            opens_on="2026-01-01",
            closes_on="2026-03-01",
            meeting="board-8",
            sequence=sequence,
        ),
        MeetingMoved(
            meeting="board-8",
            body="board",
            title="8th Board meeting",
            held_on=held_on,
            previously=None,
            sequence=sequence,
        ),
    ]


@pytest.mark.parametrize(("held_on", "is_open"), [("2026-11-22", False), ("2026-11-23", True)])
def test_what_was_adopted_is_not_judged_again(
    validation: InProcessValidation, held_on: str, is_open: bool
) -> None:
    validation.submit(RESPONSE, **RESPONSES)
    validation.publish(*calendar(held_on))
    validation.submit(NEED)
    validation.tick()
    assert len(given(validation)) == (2 if is_open else 1)


def test_the_calendar_that_was_told_last_holds(validation: InProcessValidation) -> None:
    validation.submit(RESPONSE, **RESPONSES)
    validation.publish(*calendar("2026-12-15", sequence=2))
    validation.publish(*calendar("2026-11-01", sequence=1))
    validation.submit(NEED)
    validation.tick()
    assert len(given(validation)) == 2


@pytest.fixture
def outdated(validation: InProcessValidation) -> SubmissionOutdated:
    """A response that is about to be judged again because its need arrived."""
    validation.submit(RESPONSE, **RESPONSES)
    validation.submit(NEED)
    with validation.runtime.database.begin() as tx:
        rejudging.outdate_submissions(tx, [submission_id(2)], reason="references_changed", closed=())
    [event] = validation.published("submission.outdated.v1")
    assert isinstance(event, SubmissionOutdated)
    return event


def test_of_two_verdicts_at_once_the_second_is_judged_again_and_says_nothing_new(
    validation: InProcessValidation, outdated: SubmissionOutdated
) -> None:
    first, second = (prepared(validation, outdated) for _ in range(2))
    commit(validation, first)
    with pytest.raises(VerdictIsOvertaken, match="is judged again"):
        commit(validation, second)
    commit(validation, prepared(validation, outdated))
    assert given(validation) == [("first", True), ("references_changed", False)]


@pytest.mark.parametrize("comes", ["version", "withdrawal"])
def test_a_verdict_that_a_later_version_or_a_withdrawal_overtook_is_dropped(
    validation: InProcessValidation, outdated: SubmissionOutdated, comes: str
) -> None:
    late = prepared(validation, outdated)
    if comes == "version":
        validation.submit(
            {**RESPONSE, "title": "Second course on open-source analysis"}, version=2, **RESPONSES
        )
    else:
        validation.publish(withdrawn(2, 2))
    before = validation.published()
    commit(validation, late)
    commit(validation, prepared(validation, outdated))
    assert validation.published() == before


def test_what_turns_out_to_be_up_to_date_gets_no_other_verdict(validation: InProcessValidation) -> None:
    validation.submit(NEED)
    with validation.runtime.database.begin() as tx:
        rejudging.outdate_submissions(tx, [submission_id(1)], reason="references_changed", closed=())
    assert validation.state(submission_id(1)).outdated == "references_changed"
    validation.work()
    assert validation.state(submission_id(1)).outdated is None
    assert len(validation.verdicts(submission_id(1))) == 1


def test_a_waiver_leads_to_another_verdict_and_excuses_nobody_else(validation: InProcessValidation) -> None:
    wrong = {**NEED, "title": "Not Applicable"}
    validation.submit(wrong)
    secretariat = Caller("SECRETARIAT", "secretariat", None, ())
    with validation.runtime.database.begin() as tx:
        [found] = store.list_by_submission(tx, submission_id(1))
        waive_finding(
            tx,
            caller=secretariat,
            finding=found.finding,
            reason="A title of old",
            expires_on=date(2027, 1, 1),
        )
    validation.work()
    verdicts = [(row.outcome, row.reason) for row in validation.verdicts(submission_id(1))]
    assert verdicts == [("returned", "first"), ("accepted", "waiver_changed")]
    assert validation.states("CT-001") == {"CT-001": "in_force"}
    validation.submit(wrong, number=2, reporter="BA-WBCTi", partner="BA")
    validation.submit(wrong, number=3)
    assert [validation.verdicts(submission_id(number))[0].outcome for number in (2, 3)] == ["returned"] * 2


def test_a_version_that_other_rules_accept_counts_from_then_on(
    validation: InProcessValidation, without_rule: Callable[[InProcessValidation, str], None]
) -> None:
    validation.submit({**NEED, "title": "Not Applicable"})
    validation.submit(RESPONSE, **RESPONSES)
    assert validation.states("CT-001") == {}
    without_rule(validation, "GEN-02")
    validation.work()
    verdicts = [(row.outcome, row.reason) for row in validation.verdicts(submission_id(1))]
    assert verdicts == [("returned", "first"), ("accepted", "rules_changed")]
    assert validation.states("CT-001") == {"CT-001": "in_force"}
    validation.tick()
    assert given(validation)[-1] == ("references_changed", False)


@pytest.fixture
def without_rule() -> Callable[[InProcessValidation, str], None]:
    """Publish the general rules without one of them, and judge open periods by them."""

    def publish(validation: InProcessValidation, rule: str) -> None:
        written = files.bundled_file("general").decode()
        start = written.index(f"  - id: {rule}\n")
        end = written.index("  - id: ", start + 1)
        content = written[:start] + written[end:]
        content = content.replace(f'version: "{shipped_version()}"', 'version: "test.1"', 1)
        runtime = validation.runtime
        with runtime.database.begin() as tx:
            publishing.publish_ruleset(
                tx,
                blobs=runtime.blobs,
                content=content.encode(),
                in_force_from=tx.now.date(),
                by="SECRETARIAT",
            )
        publication_rollout.apply_publications(database=runtime.database, blobs=runtime.blobs)

    return publish


def shipped_version() -> str:
    return files.bundled_ruleset("general").stamp.version


def test_a_former_submission_of_which_is_not_known_what_was_received_keeps_its_verdict(
    validation: InProcessValidation,
) -> None:
    validation.submit(RESPONSE, **RESPONSES)
    with validation.runtime.database.begin() as tx:
        table = tables.metadata.tables["validation.judged_submissions"]
        tx.execute(table.update().values(received=None))
    validation.submit(NEED)
    validation.tick()
    assert given(validation) == [("first", True)]


def test_the_event_of_a_version_that_is_gone_changes_nothing(
    validation: InProcessValidation, outdated: SubmissionOutdated
) -> None:
    commit(validation, prepared(validation, replace(outdated, submission=submission_id(9))))
    assert validation.verdicts(submission_id(9)) == []
