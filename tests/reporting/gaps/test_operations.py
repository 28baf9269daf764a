import itertools

import pytest

from services.reporting.gaps import operations
from tests.reporting.events import (
    ANSWER,
    HELP,
    NEED,
    accepted,
    body_of,
    need,
    response,
    withdrawn,
)
from tests.reporting.stored_figures import ANALYST


def gap_of(runtime, partner="AL", pillar="WBBSi", reader=ANALYST):
    with runtime.database.read() as tx:
        answer = operations.read_gaps(tx, reader=reader, filters={})
    (cell,) = [at for at in answer["cells"] if (at["partner"], at["pillar"]) == (partner, pillar)]
    return {name: cell[name] for name in ("needs", "answered", "supported", "covered", "partly", "open")}


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_a_link_counts_whichever_side_comes_first(runtime, fold, order):
    events = [accepted(runtime, number, body) for number, body in enumerate([NEED, ANSWER, HELP])]
    fold(*(events[at] for at in order))
    assert gap_of(runtime) == {
        "needs": 1,
        "answered": 1,
        "supported": 1,
        "covered": 1,
        "partly": 0,
        "open": 0,
    }


def test_a_need_that_nothing_answers_is_open_and_one_answered_in_part_is_partly_met(runtime, fold):
    fold(accepted(runtime, 1, NEED))
    assert (gap_of(runtime)["open"], gap_of(runtime)["partly"]) == (1, 0)
    fold(accepted(runtime, 2, ANSWER))
    assert (gap_of(runtime)["open"], gap_of(runtime)["partly"]) == (0, 1)
    fold(withdrawn(2, ANSWER))
    assert (gap_of(runtime)["open"], gap_of(runtime)["partly"]) == (1, 0)


def test_shares_that_sum_to_a_hundred_cover_a_need(runtime, fold):
    fold(accepted(runtime, 1, NEED))
    for number, share in ((2, 60), (3, 40)):
        link = {"ref": "N-1", "coverage": "partial", "share": share}
        fold(accepted(runtime, number, body_of(response(f"R-{number}", needs=[link]), kind="response")))
        assert gap_of(runtime)["covered"] == (number == 3)


def test_a_merged_need_asks_for_nothing(runtime, fold):
    fold(accepted(runtime, 1, body_of(need("N-1", disposition="merged"), need("N-2"))))
    assert gap_of(runtime)["needs"] == 1


def test_a_link_of_a_replaced_record_counts_no_more(runtime, fold):
    fold(accepted(runtime, 1, NEED), accepted(runtime, 2, ANSWER))
    fold(accepted(runtime, 3, body_of(response("R-1"), kind="response")))
    assert gap_of(runtime)["answered"] == 0
