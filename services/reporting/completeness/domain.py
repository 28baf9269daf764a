"""Obligations, and the submissions that meet them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    body: str | None = None
    """The sha-256 of the body; None for arrivals stored before it was."""


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
    """The status of an obligation. Submissions count those received or accepted, and records those in them, each once."""

    obligation: Obligation
    state: str
    submissions: int
    records: int

    @property
    def is_nil_return(self) -> bool:
        """Whether the obligation is met by submissions without records."""
        return self.submissions > 0 and self.records == 0


Collected = tuple[str, str, str]
"""The mapping that a submission reports: (reporter, kind, period)."""


@dataclass(frozen=True, slots=True)
class SubmissionStatus:
    """The state of a submission that is not withdrawn, with the version that has it."""

    collected: Collected
    submission: str
    state: str
    records: int
    body: str | None

    @property
    def is_met(self) -> bool:
        """Whether the submission meets an obligation."""
        return self.state in MET


def assess(
    obligations: Iterable[Obligation],
    arrivals: Iterable[Arrival],
    outcomes: Iterable[Outcome],
    *,
    records: Mapping[Collected, int] | None = None,
) -> list[ObligationStatus]:
    """Assess each obligation by the submissions of its structure, kind and period.

    `records` are the numbers of distinct records where several submissions may share some.
    """
    found: dict[Collected, list[SubmissionStatus]] = {}
    for status in submission_statuses(arrivals, outcomes):
        found.setdefault(status.collected, []).append(status)
    return [
        _status_of(each, found.get(at, ()), records=(records or {}).get(at))
        for each in obligations
        for at in [(each.structure, each.kind, each.period)]
    ]


def submission_statuses(
    arrivals: Iterable[Arrival], outcomes: Iterable[Outcome]
) -> Iterator[SubmissionStatus]:
    """Yield the status of every submission that is not withdrawn.

    A version that arrived after the last verdict is received again.
    """
    current = {outcome.submission: outcome for outcome in outcomes}
    for each in arrivals:
        outcome = current.get(each.submission)
        if outcome is None or each.version > outcome.version:
            current.pop(each.submission, None)
            collected = (each.reporter, each.kind, each.period)
            yield SubmissionStatus(collected, each.submission, RECEIVED, each.records, each.body)
    for outcome in current.values():
        if outcome.outcome != WITHDRAWN:
            collected = (outcome.reporter, outcome.kind, outcome.period)
            yield SubmissionStatus(
                collected, outcome.submission, outcome.outcome, outcome.records, outcome.body
            )


def shared_mappings(statuses: Iterable[SubmissionStatus]) -> dict[Collected, list[SubmissionStatus]]:
    """Return the submissions that meet an obligation, of the mappings with several: they may share records."""
    found: dict[Collected, list[SubmissionStatus]] = {}
    for status in statuses:
        if status.is_met and status.records:
            found.setdefault(status.collected, []).append(status)
    return {collected: several for collected, several in found.items() if len(several) > 1}


def _status_of(
    obligation: Obligation, found: Sequence[SubmissionStatus], *, records: int | None
) -> ObligationStatus:
    states = {status.state for status in found}
    best = next((state for state in (ACCEPTED, RECEIVED, RETURNED) if state in states), MISSING)
    met = [status.records for status in found if status.is_met]
    return ObligationStatus(
        obligation=obligation,
        state=best,
        submissions=len(met),
        records=sum(met) if records is None else records,
    )


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
