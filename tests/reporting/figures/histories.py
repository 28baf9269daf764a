"""Histories of submissions, and the check that folding and rebuilding agree on their figures."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from services.reporting.figures.operations import rebuilding
from tests.reporting.events import accepted, body_of, need, returned, support, withdrawn
from tests.reporting.stored_figures import empty, expected, held, kept

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
    """Draw submissions with versions, verdicts and withdrawals, in any order and with repeats."""
    happened = []
    for submission in range(draw(st.integers(1, 3))):
        version = 0
        for version in range(1, draw(st.integers(1, 3)) + 1):
            body = draw(bodies)
            happened += [
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
            happened.append((submission, version + 1, 0, "withdrawn", body))
    repeated = draw(st.lists(st.sampled_from(happened), max_size=3))
    return draw(st.permutations(happened + repeated))


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
    rebuilding.rebuild(runtime)
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
