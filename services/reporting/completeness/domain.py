"""Who owes what, and whether it has come in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.reporting.figures.domain.outcomes import ACCEPTED, RETURNED, WITHDRAWN, Standing

MISSING = "missing"
RECEIVED = "received"
STATES = (MISSING, RECEIVED, ACCEPTED, RETURNED)
MET = frozenset({RECEIVED, ACCEPTED})
"""An obligation is met while a submission is received or accepted, and open again when it is returned."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The highest version of a submission that came in, and how many records it has."""

    submission: str
    version: int
    reporter: str
    kind: str
    period: str
    records: int


@dataclass(frozen=True, slots=True)
class Obligation:
    """A structure owes a mapping for a period; `due_on` is an ISO date."""

    code: str
    structure: str
    kind: str
    period: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """How an obligation stands. Submissions and records count what is received or accepted."""

    obligation: Obligation
    state: str
    submissions: int
    records: int

    @property
    def is_nothing_to_report(self) -> bool:
        """Whether it is met by saying that there is nothing to report: by a submission of no records."""
        return self.submissions > 0 and self.records == 0


def fulfil(
    obligations: Iterable[Obligation], arrivals: Iterable[Arrival], standings: Iterable[Standing]
) -> list[Fulfilment]:
    """Hold what came in against what is owed."""
    found: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for at, state, records in submission_states(arrivals, standings):
        found.setdefault(at, []).append((state, records))
    return [
        _fulfilment(owed, found.get((owed.structure, owed.kind, owed.period), ())) for owed in obligations
    ]


def submission_states(
    arrivals: Iterable[Arrival], standings: Iterable[Standing]
) -> Iterable[tuple[tuple[str, str, str], str, int]]:
    """((reporter, kind, period), state, records) of every submission that is not withdrawn.

    A version that came in after the last verdict is received again.
    """
    held = {standing.submission: standing for standing in standings}
    for arrival in arrivals:
        standing = held.get(arrival.submission)
        if standing is None or arrival.version > standing.version:
            held.pop(arrival.submission, None)
            yield (arrival.reporter, arrival.kind, arrival.period), RECEIVED, arrival.records
    for standing in held.values():
        if standing.outcome != WITHDRAWN:
            yield (standing.reporter, standing.kind, standing.period), standing.outcome, standing.records


def _fulfilment(owed: Obligation, found: Sequence[tuple[str, int]]) -> Fulfilment:
    states = {state for state, _ in found}
    best = next((state for state in (ACCEPTED, RECEIVED, RETURNED) if state in states), MISSING)
    met = [records for state, records in found if state in MET]
    return Fulfilment(obligation=owed, state=best, submissions=len(met), records=sum(met))


def tally(fulfilments: Iterable[Fulfilment]) -> dict[str, int | str]:
    """Numbers of obligations by state, and the percentages met and accepted (one decimal, as text)."""
    states = Counter(fulfilment.state for fulfilment in fulfilments)
    owed = states.total()
    met = sum(states[state] for state in MET)
    return {
        "obligations": owed,
        **{state: states[state] for state in STATES},
        "percent_met": _percent(met, owed),
        "percent_accepted": _percent(states[ACCEPTED], owed),
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0.0"
