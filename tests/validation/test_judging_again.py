"""A verdict rests on the data, the rules and what is referred to. When one of them changes, another verdict is given."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.validation import operations, store
from services.validation.app import SERVICE
from services.validation.operations.excusing import waive_finding
from services.validation.operations.judging import VerdictIsOvertaken
from shared.bus.handling import Effect
from shared.events import Event, MeetingMoved, SubmissionOutdated, WindowSet
from shared.identity.callers import Caller
from tests.validation.conftest import NEED, RESPONSE, submission_id, withdrawn
from tests.validation.desk import Desk

UNKNOWN_NEED = "GEN-28"
RESPONSES: dict[str, Any] = {"kind": "response", "number": 2}


def prepared(desk: Desk, event: Event) -> Effect:
    """What a worker would write that has judged and not committed yet."""
    handler = next(each for each in SERVICE.handlers if each.event is type(event))
    return handler.handle(desk.runtime, event)


def commit(desk: Desk, effect: Effect) -> None:
    with desk.runtime.database.begin() as tx:
        effect(tx)


def given(desk: Desk, number: int = 2) -> list[tuple[str, bool]]:
    """Why each verdict on a submission was given, and whether its need was unknown."""
    rows = desk.verdicts(submission_id(number))
    return [(row.reason, UNKNOWN_NEED in desk.rules(row)) for row in rows]


def test_a_need_that_arrives_settles_the_warning_by_itself_and_once(desk: Desk) -> None:
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.tick()
    assert given(desk) == [("data_changed", True)]
    desk.hand_in(NEED)
    for _ in range(3):
        desk.tick()
    assert given(desk) == [("data_changed", True), ("references_changed", False)]
    told = [(event.submission, event.verdict, event.reason) for event in desk.told()]
    assert told[-1] == (submission_id(2), 2, "references_changed")
    assert len(desk.told("submission.outdated.v1")) == 1
    assert desk.standing(submission_id(2)).outdated is None


def test_a_need_that_is_withdrawn_or_returned_is_noticed_where_it_is_referred_to(desk: Desk) -> None:
    desk.hand_in(NEED)
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.hand_in({**NEED, "title": "Not Applicable"}, version=2)
    desk.tick()
    desk.hand_in(NEED, version=3)
    desk.tick()
    desk.tell(withdrawn(1, 4))
    desk.tick()
    reasons, unknown = zip(*given(desk), strict=True)
    assert unknown == (False, True, False, True)
    assert reasons == ("data_changed", *["references_changed"] * 3)


def test_a_need_that_arrives_while_who_refers_to_it_is_judged_is_noticed_by_the_tick(desk: Desk) -> None:
    """The verdict was looked up before, and is committed after the need was looked after."""
    late = prepared(desk, desk.received(desk.runtime, RESPONSE, **RESPONSES))
    desk.hand_in(NEED)
    desk.tick()
    commit(desk, late)
    assert given(desk) == [("data_changed", True)]
    desk.tick()
    assert given(desk) == [("data_changed", True), ("references_changed", False)]


def test_a_need_that_was_judged_before_and_commits_after_is_noticed_by_the_tick(desk: Desk) -> None:
    late = prepared(desk, desk.received(desk.runtime, NEED))
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.tick()
    commit(desk, late)
    desk.tick()
    assert given(desk) == [("data_changed", True), ("references_changed", False)]


def test_a_need_that_arrives_twice_at_once_leads_to_one_more_verdict(desk: Desk) -> None:
    desk.hand_in(RESPONSE, **RESPONSES)
    for number in (3, 4):
        desk.hand_in(NEED, number=number)
    desk.tick()
    desk.tell(withdrawn(3, 2))
    desk.tick()
    # The other submission still has it.
    assert given(desk) == [("data_changed", True), ("references_changed", False)]


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
def test_what_was_adopted_is_not_judged_again(desk: Desk, held_on: str, is_open: bool) -> None:
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.tell(*calendar(held_on))
    desk.hand_in(NEED)
    desk.tick()
    assert len(given(desk)) == (2 if is_open else 1)


def test_the_calendar_that_was_told_last_holds(desk: Desk) -> None:
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.tell(*calendar("2026-12-15", sequence=2))
    desk.tell(*calendar("2026-11-01", sequence=1))
    desk.hand_in(NEED)
    desk.tick()
    assert len(given(desk)) == 2


@pytest.fixture
def outdated(desk: Desk) -> SubmissionOutdated:
    """A response whose need has come; it is about to be judged again."""
    desk.hand_in(RESPONSE, **RESPONSES)
    desk.hand_in(NEED)
    with desk.runtime.database.begin() as tx:
        operations.outdate_submissions(tx, [submission_id(2)], reason="references_changed", closed=())
    [event] = desk.told("submission.outdated.v1")
    assert isinstance(event, SubmissionOutdated)
    return event


def test_of_two_verdicts_at_once_the_second_is_judged_again_and_says_nothing_new(
    desk: Desk, outdated: SubmissionOutdated
) -> None:
    first, second = (prepared(desk, outdated) for _ in range(2))
    commit(desk, first)
    with pytest.raises(VerdictIsOvertaken, match="is judged again"):
        commit(desk, second)
    commit(desk, prepared(desk, outdated))
    assert given(desk) == [("data_changed", True), ("references_changed", False)]


@pytest.mark.parametrize("comes", ["version", "withdrawal"])
def test_a_verdict_that_a_later_version_or_a_withdrawal_overtook_is_dropped(
    desk: Desk, outdated: SubmissionOutdated, comes: str
) -> None:
    late = prepared(desk, outdated)
    if comes == "version":
        desk.hand_in({**RESPONSE, "title": "Second course on open-source analysis"}, version=2, **RESPONSES)
    else:
        desk.tell(withdrawn(2, 2))
    before = desk.told()
    commit(desk, late)
    commit(desk, prepared(desk, outdated))
    assert desk.told() == before


def test_what_turns_out_to_be_up_to_date_gets_no_other_verdict(desk: Desk) -> None:
    desk.hand_in(NEED)
    with desk.runtime.database.begin() as tx:
        operations.outdate_submissions(tx, [submission_id(1)], reason="references_changed", closed=())
    assert desk.standing(submission_id(1)).outdated == "references_changed"
    desk.work()
    assert desk.standing(submission_id(1)).outdated is None
    assert len(desk.verdicts(submission_id(1))) == 1


def test_a_waiver_leads_to_another_verdict_and_excuses_nobody_else(desk: Desk) -> None:
    wrong = {**NEED, "title": "Not Applicable"}
    desk.hand_in(wrong)
    secretariat = Caller("SECRETARIAT", "secretariat", None, ())
    with desk.runtime.database.begin() as tx:
        [found] = store.findings_of(tx, submission_id(1))
        waive_finding(
            tx,
            caller=secretariat,
            finding=found.finding,
            reason="A title of old",
            expires_on=date(2027, 1, 1),
        )
    desk.work()
    verdicts = [(row.outcome, row.reason) for row in desk.verdicts(submission_id(1))]
    assert verdicts == [("returned", "data_changed"), ("accepted", "waiver_changed")]
    assert desk.states("CT-001") == {"CT-001": "in_force"}
    desk.hand_in(wrong, number=2, reporter="BA-WBCTi", partner="BA")
    desk.hand_in(wrong, number=3)
    assert [desk.verdicts(submission_id(number))[0].outcome for number in (2, 3)] == ["returned"] * 2


def test_a_version_that_other_rules_accept_counts_from_then_on(
    desk: Desk, without_rule: Callable[[Desk, str], None]
) -> None:
    desk.hand_in({**NEED, "title": "Not Applicable"})
    desk.hand_in(RESPONSE, **RESPONSES)
    assert desk.states("CT-001") == {}
    without_rule(desk, "GEN-02")
    desk.work()
    verdicts = [(row.outcome, row.reason) for row in desk.verdicts(submission_id(1))]
    assert verdicts == [("returned", "data_changed"), ("accepted", "rules_changed")]
    assert desk.states("CT-001") == {"CT-001": "in_force"}
    desk.tick()
    assert given(desk)[-1] == ("references_changed", False)


@pytest.fixture
def without_rule() -> Callable[[Desk, str], None]:
    """Publishes the general rules without one of them, and has open periods judged by that."""

    def publish(desk: Desk, rule: str) -> None:
        written = operations.shipped_file("general").decode()
        start = written.index(f"  - id: {rule}\n")
        end = written.index("  - id: ", start + 1)
        content = written[:start] + written[end:]
        content = content.replace(f'version: "{shipped_version()}"', 'version: "test.1"', 1)
        runtime = desk.runtime
        with runtime.database.begin() as tx:
            operations.publish_ruleset(
                tx,
                blobs=runtime.blobs,
                content=content.encode(),
                in_force_from=tx.now.date(),
                by="SECRETARIAT",
            )
        operations.apply_publications(database=runtime.database, blobs=runtime.blobs)

    return publish


def shipped_version() -> str:
    return operations.ruleset_file("general").stamp.version


def test_a_former_submission_of_which_is_not_known_what_was_received_keeps_its_verdict(desk: Desk) -> None:
    desk.hand_in(RESPONSE, **RESPONSES)
    with desk.runtime.database.begin() as tx:
        table = store.metadata.tables["validation.judged_submissions"]
        tx.execute(table.update().values(received=None))
    desk.hand_in(NEED)
    desk.tick()
    assert given(desk) == [("data_changed", True)]


def test_the_event_of_a_version_that_is_gone_changes_nothing(
    desk: Desk, outdated: SubmissionOutdated
) -> None:
    commit(desk, prepared(desk, replace(outdated, submission=submission_id(9))))
    assert desk.verdicts(submission_id(9)) == []
