"""Rebuilding: compute all figures again from the log and the blobs while folds go on, then swap them in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.reporting.figures.domain.facts import Entry
from services.reporting.figures.domain.outcomes import Outcome
from services.reporting.figures.operations.folding import outcome_of, placed, read_entries
from services.reporting.figures.store import facts, generations, outcomes
from shared.database import Transaction

if TYPE_CHECKING:
    from shared.resources import Runtime

BATCH = 100
"""The number of submissions folded under one lock: other folds wait no longer than that takes."""


class RebuildIsSuperseded(Exception):
    """A later rebuild began, and its generation will become active."""

    def __init__(self, generation: int) -> None:
        super().__init__(f"Another rebuild began after this one: generation {generation} is abandoned.")
        self.generation = generation


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a rebuild: all submissions of the log, the accepted ones, and the records of these."""

    generation: int
    submissions: int
    accepted: int
    records: int


def rebuild(runtime: "Runtime") -> Summary:
    """Rebuild all figures. The rebuild may be killed at any moment and run again; raises `RebuildIsSuperseded`.

    From the first step on, every fold writes both generations, so the new one includes the verdicts that arrive meanwhile.
    """
    building = _start(runtime)
    with runtime.database.read() as tx:
        submissions = outcomes.list_judged_submissions(tx)
    accepted = records = 0
    for batch in _batches(submissions):
        entries_of = _fold_batch(runtime, building, batch)
        accepted += len(entries_of)
        records += sum(len(entries) for entries in entries_of.values())
    _swap(runtime, building)
    return Summary(building, submissions=len(submissions), accepted=accepted, records=records)


def _start(runtime: "Runtime") -> int:
    with runtime.database.begin() as tx:
        return generations.start_building(tx, generations.lock(tx))


def _fold_batch(
    runtime: "Runtime", building: int, submissions: Sequence[str]
) -> Mapping[str, Sequence[Entry]]:
    """Read bodies without the lock, then write those whose outcome is unchanged; a fold has written the others."""
    with runtime.database.read() as tx:
        expected = _highest(tx, submissions)
    entries_of = {
        outcome.submission: placed(read_entries(runtime.blobs, body=outcome.body), outcome=outcome)
        for outcome in expected.values()
        if outcome.is_accepted and outcome.body is not None
    }
    with runtime.database.begin() as tx:
        _require_own(tx, building)
        current = _highest(tx, submissions)
        unchanged = {at: entries for at, entries in entries_of.items() if current[at] == expected[at]}
        facts.replace(tx, building, unchanged)
    return entries_of


def _swap(runtime: "Runtime", building: int) -> None:
    with runtime.database.begin() as tx:
        _require_own(tx, building)
        generations.swap(tx, building)
    # Nothing reads or writes older generations, including those of rebuilds that were interrupted.
    with runtime.database.begin() as tx:
        generations.delete_before(tx, building)


def _require_own(tx: Transaction, building: int) -> None:
    if generations.lock(tx).building != building:
        raise RebuildIsSuperseded(building)


def _highest(tx: Transaction, submissions: Sequence[str]) -> dict[str, Outcome]:
    """Return the current outcome of each submission by the log."""
    highest: dict[str, Outcome] = {}
    for event in outcomes.list_verdicts(tx, submissions):
        outcome = outcome_of(event)
        if outcome.supersedes(highest.get(outcome.submission)):
            highest[outcome.submission] = outcome
    return highest


def _batches(submissions: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(submissions), BATCH):
        yield submissions[start : start + BATCH]
