"""Obligations, and the submissions that meet them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.reporting.figures.domain.outcomes import ACCEPTED, RETURNED, WITHDRAWN, Outcome

MISSING = "missing"
RECEIVED = "received"
STATES = (MISSING, RECEIVED, ACCEPTED, RETURNED)
MET = frozenset({RECEIVED, ACCEPTED})
"""The states that meet an obligation. It is open again when the submission is returned."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The highest version of a submission that has arrived, and its number of records."""

    submission: str
    version: int
    reporter: str
    kind: str
    period: str
    records: int


@dataclass(frozen=True, slots=True)
class Obligation:
    """A structure's duty to submit a mapping for a period; `due_on` is an ISO date."""

    code: str
    structure: str
    kind: str
    period: str
    due_on: str


@dataclass(frozen=True, slots=True)
class ObligationStatus:
    """The status of an obligation. Submissions and records count those received or accepted."""

    obligation: Obligation
    state: str
    submissions: int
    records: int

    @property
    def is_nil_return(self) -> bool:
        """Whether the obligation is met by submissions without records."""
        return self.submissions > 0 and self.records == 0


def assess(
    obligations: Iterable[Obligation], arrivals: Iterable[Arrival], outcomes: Iterable[Outcome]
) -> list[ObligationStatus]:
    """Assess each obligation by the submissions of its structure, kind and period."""
    found: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for at, state, records in submission_states(arrivals, outcomes):
        found.setdefault(at, []).append((state, records))
    return [_status_of(each, found.get((each.structure, each.kind, each.period), ())) for each in obligations]


def submission_states(
    arrivals: Iterable[Arrival], outcomes: Iterable[Outcome]
) -> Iterable[tuple[tuple[str, str, str], str, int]]:
    """Yield ((reporter, kind, period), state, records) of every submission that is not withdrawn.

    A version that arrived after the last verdict is received again.
    """
    current = {outcome.submission: outcome for outcome in outcomes}
    for arrival in arrivals:
        outcome = current.get(arrival.submission)
        if outcome is None or arrival.version > outcome.version:
            current.pop(arrival.submission, None)
            yield (arrival.reporter, arrival.kind, arrival.period), RECEIVED, arrival.records
    for outcome in current.values():
        if outcome.outcome != WITHDRAWN:
            yield (outcome.reporter, outcome.kind, outcome.period), outcome.outcome, outcome.records


def _status_of(obligation: Obligation, found: Sequence[tuple[str, int]]) -> ObligationStatus:
    states = {state for state, _ in found}
    best = next((state for state in (ACCEPTED, RECEIVED, RETURNED) if state in states), MISSING)
    met = [records for state, records in found if state in MET]
    return ObligationStatus(obligation=obligation, state=best, submissions=len(met), records=sum(met))


def tally(statuses: Iterable[ObligationStatus]) -> dict[str, int | str]:
    """Return numbers of obligations by state, and the percentages met and accepted (one decimal, as text)."""
    states = Counter(status.state for status in statuses)
    number = states.total()
    met = sum(states[state] for state in MET)
    return {
        "obligations": number,
        **{state: states[state] for state in STATES},
        "percent_met": _percent(met, number),
        "percent_accepted": _percent(states[ACCEPTED], number),
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0.0"
