import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.figures.domain.visibility import KindIsRestricted, Reader
from services.reporting.figures.store.tables import facts, links
from services.reporting.gaps import operations
from tests.reporting.events import (
    NEED,
    RESPONSE,
    SUPPORT,
    accepted,
    body_of,
    need,
    response,
    withdrawn,
)
from tests.reporting.figures.histories import some
from tests.reporting.stored_figures import ANALYST, empty

pytestmark = pytest.mark.both_databases  # they test the queries of the store, too


def gap_of(runtime, partner="AL", pillar="WBBSi", reader=ANALYST):
    with runtime.database.read() as tx:
        answer = operations.read_gaps(tx, reader=reader, filters={})
    (cell,) = [at for at in answer["cells"] if (at["partner"], at["pillar"]) == (partner, pillar)]
    return {name: cell[name] for name in ("needs", "answered", "supported", "covered", "partly", "open")}


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_a_link_counts_whichever_side_comes_first(runtime, fold, order):
    events = [accepted(runtime, number, body) for number, body in enumerate([NEED, RESPONSE, SUPPORT])]
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
    fold(accepted(runtime, 2, RESPONSE))
    assert (gap_of(runtime)["open"], gap_of(runtime)["partly"]) == (0, 1)
    fold(withdrawn(2, RESPONSE))
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
    fold(accepted(runtime, 1, NEED), accepted(runtime, 2, RESPONSE))
    fold(accepted(runtime, 3, body_of(response("R-1"), kind="response")))
    assert gap_of(runtime)["answered"] == 0


MARKINGS = ["TLP:CLEAR", "TLP:AMBER", "TLP:RED"]
linking = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["response", "support"]),
        "coverage": st.sampled_from(["full", "partial", None]),
        "share": st.none() | st.sampled_from([1, 4_000, 5_000, 6_000, 10_000]),
        "tlp": st.sampled_from(MARKINGS),
        "in_force": st.sampled_from([True, True, False]),
        "generation": st.sampled_from([1, 1, 2]),
    }
)
needing = st.fixed_dictionaries(
    {
        "partner": st.sampled_from(["AL", "XK"]),
        "pillar": st.sampled_from(["WBCTi", "WBBSi"]),
        "period": st.sampled_from(["2023-2024", "2025-2026"]),
        "status": st.sampled_from(["open", "open", "covered", "merged", "withdrawn"]),
        "tlp": st.sampled_from(MARKINGS),
        "in_force": st.sampled_from([True, True, False]),
        "generation": st.sampled_from([1, 1, 2]),
        "links": st.lists(linking, max_size=3),
    }
)


def put(runtime, needs):
    common = {"submission": "s", "rank": 0}
    dimensions = {"kind": "need", "theme": "t", "category": "c", "currency": ""}
    money = {"estimated": 0, "committed": 0, "spent": 0}
    with runtime.database.begin() as tx:
        for number, values in enumerate(needs):
            need_values = {name: value for name, value in values.items() if name != "links"}
            tx.add(facts, {"identity": f"N-{number}", **common, **dimensions, **money, **need_values})
            for at, link in enumerate(values["links"]):
                tx.add(links, {"identity": f"R-{number}-{at}", "target": f"N-{number}", **common, **link})


def plain_gaps(needs, *, markings, own, periods):
    """Count by the plainest reading of the rule, need by need and link by link."""
    gaps = {}
    for values in needs:
        is_own = values["partner"] == own
        counts = values["in_force"] and values["generation"] == 1
        if not counts or values["status"] in ("merged", "withdrawn"):
            continue
        if not is_own and values["tlp"] not in markings:
            continue
        if periods and values["period"] not in periods:
            continue
        seen = [
            link
            for link in values["links"]
            if link["in_force"] and link["generation"] == 1 and (is_own or link["tlp"] in markings)
        ]
        is_full = any(link["coverage"] == "full" for link in seen)
        is_covered = is_full or sum(link["share"] or 0 for link in seen) >= 100 * 100
        gap = gaps.setdefault((values["partner"], values["pillar"]), Counter())
        gap["needs"] += 1
        gap["answered"] += any(link["kind"] == "response" for link in seen)
        gap["supported"] += any(link["kind"] == "support" for link in seen)
        gap["covered"] += is_covered
        gap["partly"] += bool(seen) and not is_covered
        gap["open"] += not seen
    return gaps


@some
@given(
    needs=st.lists(needing, max_size=8),
    reader=st.sampled_from(
        [Reader("member"), Reader("structure", "AL"), Reader("coordinator", "XK"), Reader("analyst")]
    ),
    periods=st.sampled_from([[], ["2025-2026"]]),
)
def test_the_matrix_counts_each_need_by_the_links_that_the_reader_sees(runtime, needs, reader, periods):
    empty(runtime)
    put(runtime, needs)
    with runtime.database.read() as tx:
        answer = operations.read_gaps(tx, reader=reader, filters={"period": periods})
    own = reader.partner if reader.rights.own_partner_in_full else None
    plain = plain_gaps(needs, markings=reader.rights.markings, own=own, periods=periods)
    names = ("needs", "answered", "supported", "covered", "partly", "open")
    for cell in answer["cells"]:
        expected = plain.get((cell["partner"], cell["pillar"]))
        # The needs are put into the store without a submission that would report them.
        assert {name: cell[name] for name in names} == {name: expected and expected[name] for name in names}


def test_the_operation_itself_refuses_the_matrix_to_the_public(runtime):
    with runtime.database.read() as tx, pytest.raises(KindIsRestricted):
        operations.read_gaps(tx, reader=Reader(), filters={})
