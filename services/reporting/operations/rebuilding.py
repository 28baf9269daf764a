"""Build all figures anew from the log and the blobs, while folds go on; then one row swaps them in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.reporting.domain.facts import Entry
from services.reporting.domain.standing import Standing
from services.reporting.operations.folding import read_entries, standing_of
from services.reporting.store import facts, generations, verdicts
from shared.database import Transaction

if TYPE_CHECKING:
    from shared.resources import Runtime

BATCH = 100
"""Submissions folded in one turn: other folds wait no longer than that takes."""


class RebuildIsSuperseded(Exception):
    """Another rebuild began after this one; its generation will be read."""

    def __init__(self, generation: int) -> None:
        super().__init__(f"Another rebuild began after this one: generation {generation} is abandoned.")
        self.generation = generation


@dataclass(frozen=True, slots=True)
class Summary:
    """What a rebuild did: submissions are all in the log, records those of the accepted."""

    generation: int
    submissions: int
    accepted: int
    records: int


def rebuild(runtime: "Runtime") -> Summary:
    """Rebuild all figures. May be killed at any moment and run again; raises `RebuildIsSuperseded`.

    From the first step on every fold writes both generations, so that what happens meanwhile is in the new one too.
    """
    building = _start(runtime)
    with runtime.database.read() as tx:
        submissions = verdicts.logged_submissions(tx)
    accepted = records = 0
    for batch in _batches(submissions):
        held = _fold_batch(runtime, building, batch)
        accepted += len(held)
        records += sum(len(entries) for entries in held.values())
    _swap(runtime, building)
    return Summary(building, submissions=len(submissions), accepted=accepted, records=records)


def _start(runtime: "Runtime") -> int:
    with runtime.database.begin() as tx:
        return generations.start_building(tx, generations.lock(tx))


def _fold_batch(
    runtime: "Runtime", building: int, submissions: Sequence[str]
) -> Mapping[str, Sequence[Entry]]:
    """Read outside the turn, then write what the log still says; what it says anew, a fold has written."""
    with runtime.database.read() as tx:
        expected = _highest(tx, submissions)
    held = {
        standing.submission: read_entries(runtime.blobs, body=standing.body)
        for standing in expected.values()
        if standing.is_accepted and standing.body is not None
    }
    with runtime.database.begin() as tx:
        _require_own(tx, building)
        present = _highest(tx, submissions)
        unchanged = {at: entries for at, entries in held.items() if present[at] == expected[at]}
        facts.hold_instead(tx, building, unchanged)
    return held


def _swap(runtime: "Runtime", building: int) -> None:
    with runtime.database.begin() as tx:
        _require_own(tx, building)
        generations.swap(tx, building)
    # Nobody reads or writes them any more, nor what an earlier rebuild left behind when it was broken off.
    with runtime.database.begin() as tx:
        generations.delete_before(tx, building)


def _require_own(tx: Transaction, building: int) -> None:
    if generations.lock(tx).building != building:
        raise RebuildIsSuperseded(building)


def _highest(tx: Transaction, submissions: Sequence[str]) -> dict[str, Standing]:
    """Where each submission stands by the log."""
    standings: dict[str, Standing] = {}
    for event in verdicts.logged_events(tx, submissions):
        standing = standing_of(event)
        if standing.holds_over(standings.get(standing.submission)):
            standings[standing.submission] = standing
    return standings


def _batches(submissions: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(submissions), BATCH):
        yield submissions[start : start + BATCH]
