"""Folding: apply each verdict and each withdrawal to the figures once, in any order."""

from collections.abc import Iterable, Sequence

from services.reporting.figures.domain.contributions import Contribution
from services.reporting.figures.domain.facts import Entry, entries_of
from services.reporting.figures.domain.outcomes import ACCEPTED, RETURNED, WITHDRAWN, Outcome
from services.reporting.figures.operations.announcing import announce_reported
from services.reporting.figures.store import facts, generations, outcomes
from shared.blobs import Blobs
from shared.database import Transaction
from shared.events import (
    Event,
    SubmissionAccepted,
    SubmissionReturned,
    SubmissionWithdrawn,
)
from shared.records.bodies import read_facts
from shared.records.places import NO_PLACE, claim_at, own_place, read_places

Verdict = SubmissionAccepted | SubmissionReturned | SubmissionWithdrawn

MANY_ENTRIES = 1_000
"""The number of entries from which a fold inserts before it takes the lock. Fewer are sent in one statement at the end."""


class FoldIsOvertaken(Exception):
    """Another verdict on the submission was folded, or a rebuild began or ended, while entries were staged: retry."""

    def __init__(self, submission: str) -> None:
        super().__init__(f"The entries of submission {submission} were staged for an outdated state.")


def read_entries(blobs: Blobs, *, body: str) -> tuple[Entry, ...]:
    """Read a submission's body (its sha-256) as entries. Call this outside any transaction."""
    with blobs.open(body) as stream:
        facts = read_facts(stream)
        return entries_of(facts, places=read_places(facts, get=blobs.get), own=facts.get("place"))


def load_contribution(blobs: Blobs, *, event: SubmissionAccepted) -> Contribution:
    """Read the body of an accepted version and add its entries up. Call this outside any transaction."""
    return Contribution.of(placed(read_entries(blobs, body=event.body), outcome=outcome_of(event)))


def placed(entries: Iterable[Entry], *, outcome: Outcome) -> tuple[Entry, ...]:
    """Return the entries of a version that are claims, with the order of their claims as their places."""
    default = own_place(outcome.received_at or "", outcome.submission, outcome.version)

    def place_of(entry: Entry) -> str:
        own = entry.own or default
        return claim_at(own if entry.place is None else entry.place, own=own)

    return tuple(
        entry._replace(place=place_of(entry), own=None) for entry in entries if entry.place != NO_PLACE
    )


def fold_submission(tx: Transaction, *, event: Verdict, contribution: Contribution) -> None:
    """Make this the submission's contribution, unless a higher verdict is known.

    The contribution of a returned or withdrawn submission is empty.
    """
    outcome = outcome_of(event)
    staged = _stage(tx, outcome, contribution)
    at = generations.lock(tx)
    previous = outcomes.find_outcome(tx, event.submission)
    if staged and (staged != at.live or not outcome.counts_first(previous)):
        raise FoldIsOvertaken(event.submission)
    if outcome.supersedes(previous):
        moved: frozenset[str] = frozenset()
        for generation in at.live:
            change = None
            if previous is None or not previous.is_accepted:
                change = facts.insert(
                    tx, generation, outcome.submission, contribution, is_staged=bool(staged)
                )
            # An accepted version that is judged again contributes equal records. But a rebuild leaves the submissions
            # that are judged while it runs to their folds.
            elif generation == at.building or not outcome.contributes_same(previous):
                change = facts.replace(tx, generation, {outcome.submission: contribution.entries})
            if generation == at.active and change is not None:
                moved = change.moved
        store = outcomes.upsert_outcome if previous else outcomes.insert_outcome
        store(tx, outcome, now=tx.now)
        # A version whose records all repeat withdrawn ones is not in the report.
        counts = bool(contribution.entries) or not outcome.records
        is_first = counts and outcome.is_reported_first(previous)
        announce_reported(tx, outcome, is_first=is_first, moved=moved)
    outcomes.insert_verdict(tx, outcome, event=event, now=tx.now)


def _stage(tx: Transaction, outcome: Outcome, contribution: Contribution) -> Sequence[int]:
    """Insert many entries before the lock is taken, if the submission has none; return the generations that have them."""
    if len(contribution.entries) < MANY_ENTRIES:
        return ()
    if not outcome.counts_first(outcomes.find_outcome(tx, outcome.submission)):
        return ()
    live = generations.get(tx).live
    for generation in live:
        facts.stage(tx, generation, outcome.submission, contribution)
    return live


def outcome_of(event: Event) -> Outcome:
    """Return the outcome of the event's submission; raises TypeError for an event that is not a verdict."""
    if isinstance(event, SubmissionWithdrawn):
        result, verdict, body, records, received_at = WITHDRAWN, 0, None, 0, None
    elif isinstance(event, SubmissionAccepted | SubmissionReturned):
        result = ACCEPTED if isinstance(event, SubmissionAccepted) else RETURNED
        verdict, body, records, received_at = event.verdict, event.body, event.records, event.received_at
    else:
        raise TypeError(f"{event.name} is not a verdict on a submission")
    return Outcome(
        submission=event.submission,
        version=event.version,
        verdict=verdict,
        outcome=result,
        reporter=event.reporter,
        kind=event.kind,
        period=event.period,
        body=body,
        records=records,
        received_at=received_at,
    )
