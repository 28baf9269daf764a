"""Fold what happened to a submission into the figures: once, in any order."""

from collections.abc import Sequence

from services.reporting.completeness.domain import Arrival
from services.reporting.figures import formats
from services.reporting.figures.domain.contributions import Holding
from services.reporting.figures.domain.facts import Entry, entries_of
from services.reporting.figures.domain.outcomes import ACCEPTED, RETURNED, WITHDRAWN, Standing
from services.reporting.figures.store import facts, generations, outcomes
from shared.blobs import Blobs
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import (
    Event,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReported,
    SubmissionReturned,
    SubmissionWithdrawn,
)

Verdict = SubmissionAccepted | SubmissionReturned | SubmissionWithdrawn


MANY_ENTRIES = 1_000
"""From so many on, a fold inserts before it takes its turn. The few leave together with all else, in one statement."""


class FoldIsOvertaken(Exception):
    """While entries were laid out, another verdict on the submission was folded, or a rebuild began or ended: try again."""

    def __init__(self, submission: str) -> None:
        super().__init__(f"What {submission} is to hold was laid out too early.")


def read_entries(blobs: Blobs, *, body: str) -> tuple[Entry, ...]:
    """Read a submission's body (its sha-256) as entries. Call it outside any transaction."""
    with blobs.open(body) as stream:
        return entries_of(formats.read_body(stream))


def read_holding(blobs: Blobs, *, body: str) -> Holding:
    """The same, added up."""
    return Holding.of(read_entries(blobs, body=body))


def note_arrival(tx: Transaction, *, event: SubmissionReceived) -> None:
    """Remember that a version came in: until there is a verdict, it is what meets an obligation."""
    arrival = Arrival(
        submission=event.submission,
        version=event.version,
        reporter=event.reporter,
        kind=event.kind,
        period=event.period,
        records=event.records,
    )
    outcomes.save_arrival(tx, arrival, now=tx.now)


def fold_submission(tx: Transaction, *, event: SubmissionAccepted, holding: Holding) -> None:
    """Let the submission hold its entries, unless a higher verdict is known."""
    _fold(tx, event=event, holding=holding)


def remove_submission(tx: Transaction, *, event: SubmissionReturned | SubmissionWithdrawn) -> None:
    """Let the submission hold nothing, unless a higher verdict is known."""
    _fold(tx, event=event, holding=Holding())


def _fold(tx: Transaction, *, event: Verdict, holding: Holding) -> None:
    standing = standing_of(event)
    laid_out = _lay_out(tx, standing, holding)
    at = generations.lock(tx)
    former = outcomes.find_standing(tx, event.submission)
    if laid_out and (laid_out != at.live or not standing.counts_first(former)):
        raise FoldIsOvertaken(event.submission)
    if standing.holds_over(former):
        for generation in at.live:
            if former is None or not former.is_accepted:
                facts.hold(tx, generation, standing.submission, holding, is_laid_out=bool(laid_out))
            # Judged again and accepted again, it holds what it held; but a rebuild leaves to the fold what is judged anew.
            elif generation == at.building or not standing.holds_the_same(former):
                facts.hold_instead(tx, generation, {standing.submission: holding.entries})
        keep = outcomes.replace_standing if former else outcomes.add_standing
        keep(tx, standing, now=tx.now)
        if standing.is_reported_first(former):
            _tell_reported(tx, standing)
    outcomes.log(tx, standing, event=event, now=tx.now)


def _tell_reported(tx: Transaction, standing: Standing) -> None:
    record(
        tx,
        SubmissionReported(
            submission=standing.submission,
            version=standing.version,
            verdict=standing.verdict,
            reported_at=iso(tx.now),
        ),
    )


def _lay_out(tx: Transaction, standing: Standing, holding: Holding) -> Sequence[int]:
    """Insert many entries before the turn comes, where the submission held none; the generations that have them now."""
    if len(holding.entries) < MANY_ENTRIES:
        return ()
    if not standing.counts_first(outcomes.find_standing(tx, standing.submission)):
        return ()
    live = generations.read(tx).live
    for generation in live:
        facts.lay_out(tx, generation, standing.submission, holding)
    return live


def standing_of(event: Event) -> Standing:
    """Where the event leaves its submission; TypeError for one that is no verdict."""
    if isinstance(event, SubmissionWithdrawn):
        outcome, verdict, body, records = WITHDRAWN, 0, None, 0
    elif isinstance(event, SubmissionAccepted | SubmissionReturned):
        outcome = ACCEPTED if isinstance(event, SubmissionAccepted) else RETURNED
        verdict, body, records = event.verdict, event.body, event.records
    else:
        raise TypeError(f"{event.name} is no verdict on a submission")
    return Standing(
        submission=event.submission,
        version=event.version,
        verdict=verdict,
        outcome=outcome,
        reporter=event.reporter,
        kind=event.kind,
        period=event.period,
        body=body,
        records=records,
    )
