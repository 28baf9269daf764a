import itertools

import pytest

from services.reporting.completeness import operations
from services.reporting.figures.domain.visibility import ObligationsAreRestricted, Reader
from shared.events import DeadlineSet, MeetingMoved, ObligationSet
from tests.reporting.events import NEED, accepted, received, returned, withdrawn
from tests.reporting.stored_figures import ANALYST

pytestmark = pytest.mark.both_databases  # they test the queries of the store, too


def completeness(runtime, reader=ANALYST, **filters):
    with runtime.database.read() as tx:
        return operations.read_completeness(tx, reader=reader, filters=filters)


def obligation(structure="AL-WBBSi", due_on="2026-12-01", sequence=1):
    return ObligationSet(
        obligation=f"{structure}/need/2025-2026",
        structure=structure,
        kind="need",
        period="2025-2026",
        due_on=due_on,
        sequence=sequence,
    )


def test_completeness_follows_a_submission_from_missing_to_accepted_and_back(runtime, fold):
    fold(obligation())
    states = []
    for event in (
        received(runtime, 1, NEED),
        accepted(runtime, 1, NEED),
        returned(runtime, 1, NEED, verdict=2),
        received(runtime, 1, NEED, version=2),
        withdrawn(1, NEED, version=3),
    ):
        fold(event)
        states.append(completeness(runtime)["obligations"][0]["state"])
    assert states == ["received", "accepted", "returned", "received", "missing"]


def test_an_arrival_that_comes_late_does_not_take_a_later_one_away(runtime, fold):
    fold(obligation(), received(runtime, 1, NEED, version=2), returned(runtime, 1, NEED, version=1))
    fold(received(runtime, 1, NEED, version=1))
    assert completeness(runtime)["obligations"][0]["state"] == "received"


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_the_calendars_highest_sequence_holds_in_every_order(runtime, fold, order):
    days = {1: "2026-12-01", 2: "2026-12-15", 3: "2026-12-08"}
    for at in order:
        fold(
            obligation(due_on=days[at], sequence=at),
            DeadlineSet(
                deadline="need/2025-2026",
                kind="need",
                period="2025-2026",
                due_on=days[at],
                meeting="board-8",
                sequence=at,
            ),
            MeetingMoved(
                meeting="board-8",
                body="board",
                title="8th Board meeting",
                held_on=days[at],
                previously=None,
                sequence=at,
            ),
        )
    answer = completeness(runtime)
    assert answer["obligations"][0]["due_on"] == "2026-12-08"
    assert answer["deadlines"] == [
        {
            "deadline": "need/2025-2026",
            "kind": "need",
            "period": "2025-2026",
            "due_on": "2026-12-08",
            "meeting": "board-8",
            "title": "8th Board meeting",
            "held_on": "2026-12-08",
            "is_cancelled": False,
        }
    ]


@pytest.mark.parametrize("reader", [Reader(), Reader("member")])
def test_the_operation_itself_refuses_completeness_to_members_and_the_public(runtime, reader):
    with pytest.raises(ObligationsAreRestricted):
        completeness(runtime, reader=reader)
