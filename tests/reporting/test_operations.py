import contextlib
import itertools
import random
import threading
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.reporting.app import SERVICE
from services.reporting.figures.operations import folding, querying, rebuilding
from services.reporting.figures.operations import rebuilding as operations_rebuilding
from services.reporting.figures.operations.folding import FoldIsOvertaken
from services.reporting.figures.operations.querying import Reader
from services.reporting.figures.operations.rebuilding import RebuildIsSuperseded
from services.reporting.figures.store.tables import accepted_log, aggregates, facts, links
from shared.database import Transaction
from shared.events import DeadlineSet, MeetingMoved, ObligationSet
from tests.reporting.events import accepted, body_of, need, received, response, returned, support, withdrawn
from tests.reporting.stored_figures import empty, expected, held, kept

ANALYST = Reader("analyst")

needs = st.builds(
    need,
    st.sampled_from(["N-1", "N-2", "N-3"]),
    theme=st.sampled_from(["eibm_control", "eibm_return"]),
    disposition=st.sampled_from(["open", "covered"]),
    estimated_cost=st.none() | st.integers(0, 500),
    currency=st.sampled_from(["EUR", "ALL"]),
)
supports = st.builds(
    support,
    st.sampled_from(["S-1", "S-2"]),
    beneficiaries=st.sampled_from(
        [
            [{"code": "AL", "percentage": 100}],
            [{"code": "XK", "percentage": 33.33}, {"code": "89", "percentage": 66.67}],
        ]
    ),
    themes=st.sampled_from(
        [[], [{"code": "eibm_control"}], [{"code": "eibm_control"}, {"code": "eibm_return"}]]
    ),
    needs=st.sampled_from([[], [{"ref": "N-1", "reporter": "AL-WBBSi", "coverage": "full"}]]),
    transactions=st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["2", "3"]),
                "date": st.sampled_from(["2025-12-31", "2026-01-01"]),
                "amount": st.integers(-1000, 1000),
                "currency": st.sampled_from(["EUR", "ALL"]),
            }
        ),
        max_size=2,
    ),
)
bodies = st.builds(lambda records: body_of(*records), st.lists(needs, max_size=3)) | st.builds(
    lambda records: body_of(*records, reporter="EC", kind="support"), st.lists(supports, max_size=2)
)


@st.composite
def histories(draw):
    """Submissions with versions, verdicts and withdrawals, told in any order and more than once."""
    told = []
    for submission in range(draw(st.integers(1, 3))):
        version = 0
        for version in range(1, draw(st.integers(1, 3)) + 1):
            body = draw(bodies)
            told += [
                (
                    submission,
                    version,
                    verdict,
                    draw(st.sampled_from(["accepted", "accepted", "returned"])),
                    body,
                )
                for verdict in range(1, draw(st.integers(1, 2)) + 1)
            ]
        if draw(st.booleans()):
            told.append((submission, version + 1, 0, "withdrawn", body))
    repeated = draw(st.lists(st.sampled_from(told), max_size=3))
    return draw(st.permutations(told + repeated))


def events_of(runtime, history):
    found, contents = [], {}
    for submission, version, verdict, outcome, body in history:
        if outcome == "withdrawn":
            found.append(withdrawn(submission, body, version=version))
            continue
        make = accepted if outcome == "accepted" else returned
        found.append(make(runtime, submission, body, version=version, verdict=verdict))
        contents[found[-1].body] = body
    return found, contents


def check_history(runtime, fold, history):
    empty(runtime)
    events, contents = events_of(runtime, history)
    fold(*events)
    figures, rows = kept(runtime), held(runtime)
    assert figures == expected(contents, events)
    operations_rebuilding.rebuild(runtime)
    assert kept(runtime) == figures
    assert held(runtime) == rows
    fold(*events)
    assert kept(runtime) == figures
    assert held(runtime) == rows


many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
some = settings(many, max_examples=15)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@many
@given(history=histories())
def test_a_rebuild_gives_what_folding_gave_whatever_the_order_on_sqlite(runtime, fold, history):
    check_history(runtime, fold, history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@some
@given(history=histories())
def test_a_rebuild_gives_what_folding_gave_whatever_the_order_on_postgresql(runtime, fold, history):
    check_history(runtime, fold, history)


@some
@given(history=histories())
def test_many_entries_that_are_laid_out_before_their_turn_come_to_the_same_figures(runtime, fold, history):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MANY_ENTRIES", 1)
        check_history(runtime, fold, history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_many_entries_are_laid_out_others_fold_and_what_they_overtook_is_tried_again(
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
    assert total(runtime)["records"] == 1
    fold(accepted(runtime, 1, body))
    assert total(runtime)["records"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(some, max_examples=30)
@given(history=histories(), cut=st.integers(0, 6), data=st.data())
def test_a_rebuild_among_folds_misses_none_and_counts_none_twice(runtime, fold, history, cut, data):
    empty(runtime)
    events, contents = events_of(runtime, history)
    fold(*events[:cut])
    later = list(events[cut:])
    original = rebuilding.read_entries

    def read_while_others_fold(blobs, *, body):
        for _ in range(data.draw(st.integers(0, 2))):
            if later:
                fold(later.pop(0))
        return original(blobs, body=body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuilding, "BATCH", 1)
        patch.setattr(rebuilding, "read_entries", read_while_others_fold)
        operations_rebuilding.rebuild(runtime)
    fold(*later)
    figures, rows = kept(runtime), held(runtime)
    assert figures == expected(contents, events)
    operations_rebuilding.rebuild(runtime)
    assert (kept(runtime), held(runtime)) == (figures, rows)


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


def total(runtime, **filters):
    with runtime.database.read() as tx:
        return querying.read_aggregates(tx, reader=ANALYST, filters=filters, group_by=())["total"]


def as_of(runtime):
    with runtime.database.read() as tx:
        return querying.read_aggregates(tx, reader=ANALYST, filters={}, group_by=())["as_of"]


def test_what_has_happened_before_does_not_move_the_time_of_the_figures(runtime, fold, clock):
    body = body_of(need("N-1"))
    fold(accepted(runtime, 1, body))
    clock.advance(timedelta(hours=1))
    fold(accepted(runtime, 1, body))
    operations_rebuilding.rebuild(runtime)
    assert as_of(runtime) == "2026-11-23T09:00:00.000Z"
    fold(accepted(runtime, 2, body))
    assert as_of(runtime) == "2026-11-23T10:00:00.000Z"


NEED = body_of(need("N-1"))
ANSWER = body_of(response("R-1", needs=[{"ref": "N-1", "coverage": "partial"}]), kind="response")
HELP = body_of(
    support("S-1", needs=[{"ref": "N-1", "reporter": "AL-WBBSi", "period": "2025-2026", "coverage": "full"}]),
    reporter="EC",
    kind="support",
)


def gap_of(runtime, partner="AL", pillar="WBBSi", reader=ANALYST):
    with runtime.database.read() as tx:
        answer = querying.read_gaps(tx, reader=reader, filters={})
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


class PowerCut(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


def generations_with_rows(runtime):
    with runtime.database.read() as tx:
        return {
            number
            for table in (facts, links, aggregates)
            for number in tx.execute(select(table.c.generation).distinct()).scalars()
        }


@pytest.mark.parametrize("at_transaction", range(1, 8))
def test_a_rebuild_killed_at_any_transaction_harms_no_figure_and_the_next_one_clears_up(
    runtime, fold, monkeypatch, at_transaction
):
    monkeypatch.setattr(rebuilding, "BATCH", 1)
    fold(*(accepted(runtime, number, body_of(need(f"N-{number}"))) for number in range(3)))
    figures = kept(runtime)
    begun = itertools.count(1)
    finish = Transaction.finish

    def cut(tx):
        if next(begun) == at_transaction:
            raise PowerCut
        finish(tx)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "finish", cut)
        with contextlib.suppress(PowerCut):
            operations_rebuilding.rebuild(runtime)
    assert kept(runtime) == figures
    fold(accepted(runtime, 9, body_of(need("N-9"))))
    operations_rebuilding.rebuild(runtime)
    assert sum(figure.records for figure in kept(runtime).values()) == 4
    assert len(generations_with_rows(runtime)) == 1


def test_a_rebuild_gives_way_to_one_that_began_after_it(runtime, fold, monkeypatch):
    fold(accepted(runtime, 1, NEED))
    original = rebuilding.read_entries
    again = iter([True])

    def read_while_another_rebuilds(blobs, *, body):
        if next(again, False):
            operations_rebuilding.rebuild(runtime)
        return original(blobs, body=body)

    monkeypatch.setattr(rebuilding, "read_entries", read_while_another_rebuilds)
    with pytest.raises(RebuildIsSuperseded, match="generation 2 is abandoned"):
        operations_rebuilding.rebuild(runtime)
    assert total(runtime)["records"] == 1


def test_folds_in_many_threads_and_a_rebuild_among_them_lose_nothing(runtime, deliver, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 3)
    chance = random.Random(7)
    events = [
        accepted(
            runtime,
            number,
            body_of(need(f"N-{number % 9}", estimated_cost=number, currency="EUR")),
            version=version,
        )
        for number in range(12)
        for version in (1, 2)
    ]
    chance.shuffle(events)
    failures = []

    def work(share):
        try:
            for event in share:
                deliver(runtime, SERVICE, event)
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(events[at::3],)) for at in range(3)]
    for thread in threads:
        thread.start()
    operations_rebuilding.rebuild(runtime)
    for thread in threads:
        thread.join()
    assert failures == []
    contents = {event.body: orjson.loads(runtime.blobs.get(event.body)) for event in events}
    assert kept(runtime) == expected(contents, events)


def test_a_rebuild_says_what_it_did(runtime, fold):
    fold(accepted(runtime, 1, NEED), returned(runtime, 2, ANSWER), accepted(runtime, 3, HELP))
    summary = operations_rebuilding.rebuild(runtime)
    assert (summary.submissions, summary.accepted, summary.records) == (3, 2, 2)


def test_what_is_asked_of_several_values_counts_distinct_records_however_it_is_answered(runtime, fold):
    both = [{"code": "AL", "percentage": 50}, {"code": "BA", "percentage": 50}]
    themes = [{"code": "eibm_control"}, {"code": "eibm_return"}]
    record = support("S-1", beneficiaries=both, themes=themes, budget=100, currency="EUR")
    fold(accepted(runtime, 1, body_of(record, support("S-2"), reporter="EC", kind="support")))
    assert total(runtime)["records"] == 2
    assert total(runtime, partner=["AL"])["records"] == 2
    assert total(runtime, partner=["AL", "BA"])["records"] == 2
    assert total(runtime, partner=["BA"], theme=["eibm_control", "eibm_return"])["records"] == 1
    (amount,) = total(runtime, partner=["BA"], theme=["eibm_control", "eibm_return"])["amounts"]
    assert amount == {"currency": "EUR", "estimated": "0.00", "committed": "50.00", "spent": "0.00"}


def completeness(runtime, reader=ANALYST, **filters):
    with runtime.database.read() as tx:
        return querying.read_completeness(tx, reader=reader, filters=filters)


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
        }
    ]


def test_the_log_has_each_verdict_once(runtime, fold):
    body = body_of(need("N-1"))
    event = accepted(runtime, 1, body)
    fold(event, event, returned(runtime, 1, body, verdict=2))
    with runtime.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(accepted_log)).scalar() == 2
