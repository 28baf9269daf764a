import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from sqlalchemy import func, select

from services.reporting.figures.operations import folding, querying, rebuilding
from services.reporting.figures.operations.folding import FoldIsOvertaken
from services.reporting.figures.store.tables import accepted_log
from tests.reporting.events import accepted, body_of, need, returned, withdrawn
from tests.reporting.figures.histories import check_history, histories, some
from tests.reporting.stored_figures import ANALYST, empty, kept, total


@some
@given(history=histories())
def test_many_entries_that_are_staged_before_the_lock_is_taken_come_to_the_same_figures(
    runtime, fold, history
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MANY_ENTRIES", 1)
        check_history(runtime, fold, history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_many_entries_are_staged_others_fold_and_what_they_overtook_is_tried_again(
    runtime, fold, monkeypatch
):
    monkeypatch.setattr(folding, "MANY_ENTRIES", 2)
    body = body_of(need("N-1"), need("N-2"))
    take_turn = folding.generations.lock

    def let_others_fold_first(tx):
        monkeypatch.setattr(folding.generations, "lock", take_turn)
        fold(returned(runtime, 1, body, verdict=2), accepted(runtime, 2, body_of(need("N-3"))))
        return take_turn(tx)

    monkeypatch.setattr(folding.generations, "lock", let_others_fold_first)
    with pytest.raises(FoldIsOvertaken):
        fold(accepted(runtime, 1, body))
    assert total(runtime, "need")["records"] == 1
    fold(accepted(runtime, 1, body))
    assert total(runtime, "need")["records"] == 1


def test_versions_that_overtake_each_other_leave_the_figures_of_the_highest_in_every_order(runtime, fold):
    first = accepted(runtime, 1, body_of(need("N-1"), need("N-2")), version=1)
    second = returned(runtime, 1, body_of(need("N-1")), version=2)
    third = accepted(runtime, 1, body_of(need("N-1", theme="eibm_return")), version=3)
    seen = set()
    for order in itertools.permutations([first, second, third]):
        empty(runtime)
        fold(*order)
        seen.add(tuple((cell.theme, figure.records) for cell, figure in kept(runtime).items()))
    assert seen == {(("eibm_return", 1),)}


def test_a_later_verdict_that_returns_a_version_takes_its_figures_away(runtime, fold):
    body = body_of(need("N-1"))
    fold(accepted(runtime, 1, body), returned(runtime, 1, body, verdict=2), accepted(runtime, 1, body))
    assert kept(runtime) == {}


def test_a_withdrawn_submission_leaves_the_earlier_one_of_the_same_records_in_force(runtime, fold):
    old, new = body_of(need("N-1", theme="eibm_return")), body_of(need("N-1", theme="eibm_control"))
    fold(accepted(runtime, 1, old), accepted(runtime, 2, new))
    assert [cell.theme for cell in kept(runtime)] == ["eibm_control"]
    fold(withdrawn(2, new))
    assert [cell.theme for cell in kept(runtime)] == ["eibm_return"]


def test_a_withdrawal_that_overtakes_the_verdict_still_holds(runtime, fold):
    body = body_of(need("N-1"))
    fold(withdrawn(1, body, version=2), accepted(runtime, 1, body, version=1))
    assert kept(runtime) == {}


def as_of(runtime):
    with runtime.database.read() as tx:
        return querying.read_aggregates(tx, reader=ANALYST, filters={}, group_by=())["as_of"]


def test_what_has_happened_before_does_not_move_the_time_of_the_figures(runtime, fold, clock):
    body = body_of(need("N-1"))
    fold(accepted(runtime, 1, body))
    clock.advance(timedelta(hours=1))
    fold(accepted(runtime, 1, body))
    rebuilding.rebuild(runtime)
    assert as_of(runtime) == "2026-11-23T09:00:00.000Z"
    fold(accepted(runtime, 2, body))
    assert as_of(runtime) == "2026-11-23T10:00:00.000Z"


def test_the_log_has_each_verdict_once(runtime, fold):
    body = body_of(need("N-1"))
    event = accepted(runtime, 1, body)
    fold(event, event, returned(runtime, 1, body, verdict=2))
    with runtime.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(accepted_log)).scalar() == 2
