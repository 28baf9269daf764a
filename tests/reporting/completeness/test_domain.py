import pytest

from services.reporting.completeness.domain import Arrival, Obligation, assess, tally
from services.reporting.figures.domain.outcomes import Outcome

OWED = Obligation("AL-WBBSi/need/2025-2026", "AL-WBBSi", "need", "2025-2026", "2026-12-01")


def arrived(submission: str, version: int = 1) -> Arrival:
    return Arrival(submission, version, "AL-WBBSi", "need", "2025-2026", 4)


def judged(submission: str, outcome: str, version: int = 1) -> Outcome:
    return Outcome(
        submission=submission,
        version=version,
        verdict=1,
        outcome=outcome,
        reporter="AL-WBBSi",
        kind="need",
        period="2025-2026",
        body="0" * 64,
        records=3,
    )


@pytest.mark.parametrize(
    ("arrivals", "outcomes", "state", "records"),
    [
        ([], [], "missing", 0),
        ([arrived("a")], [], "received", 4),
        ([arrived("a")], [judged("a", "accepted")], "accepted", 3),
        ([], [judged("a", "accepted")], "accepted", 3),
        ([arrived("a")], [judged("a", "returned")], "returned", 0),
        ([arrived("a", 2)], [judged("a", "returned")], "received", 4),
        ([arrived("a")], [judged("a", "withdrawn", 2)], "missing", 0),
        ([arrived("b")], [judged("a", "returned")], "received", 4),
        ([arrived("b")], [judged("a", "accepted")], "accepted", 7),
    ],
)
def test_an_obligation_is_met_by_what_is_received_or_accepted_and_open_again_when_returned(
    arrivals, outcomes, state, records
):
    (status,) = assess([OWED], arrivals, outcomes)
    assert (status.state, status.records) == (state, records)


def test_a_tally_gives_numbers_by_state_and_percentages():
    statuses = [
        *assess([OWED], [], []),
        *assess([OWED], [arrived("a")], []),
        *assess([OWED], [], [judged("a", "accepted")]),
    ]
    assert tally(statuses) == {
        "obligations": 3,
        "missing": 1,
        "received": 1,
        "accepted": 1,
        "returned": 0,
        "percent_met": "66.7",
        "percent_accepted": "33.3",
    }
    assert tally([])["percent_met"] == "0.0"
