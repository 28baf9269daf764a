"""Limits of listed places: enough to mark each cell of a file, and never more than memory holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT, FILE_LIMIT, PlaceLimit

SMALL = PlaceLimit(per_finding=150, in_total=450)

counts = st.lists(st.integers(0, 400), max_size=8)


def told(place_limit: PlaceLimit, found: list[int]) -> list[int]:
    most = place_limit.for_counts(found)
    return [min(count, most) for count in found]


def test_in_brief_a_hundred_places_of_each_finding_are_told_however_many_there_are() -> None:
    assert told(BRIEF_LIMIT, [7, 100, 70_000, *[900] * 300]) == [7, 100, 100, *[100] * 300]


@pytest.mark.parametrize(
    ("found", "most"),
    [
        ([], 5_000),
        ([7, 4_999], 5_000),
        ([70_000] * 4, 5_000),
        ([70_000] * 5, 4_000),
        ([6_000, 9_000, 70_000, 70_000, 10], 4_997),
        ([1, 3_999, *[70_000] * 4], 4_000),
        ([70_000] * 150, 133),
        ([70_000] * 1_000, 100),
    ],
)
def test_of_a_file_findings_share_twenty_thousand_places(found: list[int], most: int) -> None:
    assert FILE_LIMIT.for_counts(found) == most


def test_a_finding_is_full_once_preceding_records_have_all_places_that_are_told_of_it() -> None:
    limit = PlaceLimit(per_finding=150, in_total=450)
    assert limit.full_findings([]) == frozenset()
    some = [{"A": [100, 0], "B": [149, 0]}, {"A": [50, 149]}]
    assert limit.full_findings(some) == {("A", "failed")}
    # The limit falls to 112 as the others fill.
    assert limit.full_findings([*some, {"C": [0, 300]}]) == {
        ("A", "failed"),
        ("A", "errored"),
        ("B", "failed"),
        ("C", "errored"),
    }


@given(counts)
def test_no_more_could_be_told_and_no_less_than_a_hundred_of_each_are(found: list[int]) -> None:
    most = SMALL.for_counts(found)
    assert 100 <= most <= SMALL.per_finding
    assert sum(told(SMALL, found)) <= SMALL.in_total or most == 100
    if most < SMALL.per_finding:
        assert sum(min(count, most + 1) for count in found) > SMALL.in_total


@given(counts, counts)
def test_what_comes_after_only_takes_room(before: list[int], after: list[int]) -> None:
    assert SMALL.for_counts([*before, *after]) <= SMALL.for_counts(before)
    grown = [count + more for count, more in zip(before, after, strict=False)]
    assert SMALL.for_counts([*grown, *before[len(grown) :]]) <= SMALL.for_counts(before)
