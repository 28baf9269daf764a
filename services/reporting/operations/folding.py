"""Fold what happened to a submission into the figures: once, in any order."""

from collections.abc import Sequence

import orjson

from services.reporting.domain.completeness import Arrival
from services.reporting.domain.facts import Entry, entries_of
from services.reporting.domain.standing import ACCEPTED, RETURNED, WITHDRAWN, Standing
from services.reporting.store import facts, generations, verdicts
from shared.blobs import Blobs
from shared.database import Transaction
from shared.events import (
    Event,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)

Verdict = SubmissionAccepted | SubmissionReturned | SubmissionWithdrawn


def read_entries(blobs: Blobs, *, body: str) -> tuple[Entry, ...]:
    """Read a submission's body (its sha-256) as entries. Call it outside any transaction."""
    return entries_of(orjson.loads(blobs.get(body)))


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
    verdicts.save_arrival(tx, arrival, now=tx.now)


def fold_submission(tx: Transaction, *, event: SubmissionAccepted, entries: Sequence[Entry]) -> None:
    """Let the submission hold these entries, unless a higher verdict is known."""
    _fold(tx, event=event, entries=entries)


def remove_submission(tx: Transaction, *, event: SubmissionReturned | SubmissionWithdrawn) -> None:
    """Let the submission hold nothing, unless a higher verdict is known."""
    _fold(tx, event=event, entries=())


def _fold(tx: Transaction, *, event: Verdict, entries: Sequence[Entry]) -> None:
    standing = standing_of(event)
    at = generations.lock(tx)
    former = verdicts.find_standing(tx, event.submission)
    hold = facts.hold_instead if former and former.is_accepted else facts.hold
    if standing.holds_over(former):
        for generation in at.live:
            hold(tx, generation, {event.submission: entries})
        keep = verdicts.replace_standing if former else verdicts.add_standing
        keep(tx, standing, now=tx.now)
    verdicts.log(tx, standing, event=event, now=tx.now)


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
