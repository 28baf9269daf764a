"""Judge again what rests on something that changed, and find out what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.validation.verdicts.operations.chunking import begin_judging, slices_to_judge
from services.validation.verdicts.operations.judging import (
    REFERENCES_CHANGED,
    index_records,
    judge_body,
    replace_verdict,
)
from services.validation.verdicts.store import calendar, index, submissions, verdicts
from shared.bus import record
from shared.events import SubmissionOutdated

if TYPE_CHECKING:
    from collections.abc import Collection

    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction

AT_ONCE = 100
"""Submissions that are looked after in one transaction: others write between two of them."""

MOST_PAGES = 20
"""Transactions in one tick; what is left waits for the next."""


def outdate_submissions(
    tx: Transaction, ids: Collection[str], *, reason: str, closed: Collection[tuple[str, str]]
) -> int:
    """Have these judged again, but for those of `closed` periods, (kind, period); how many will be."""
    standings = submissions.mark_outdated(tx, ids, reason=reason, closed=closed)
    record(
        tx,
        *(
            SubmissionOutdated(**standing.received, verdict=standing.verdict, reason=reason)
            for standing in standings
            if standing.received is not None
        ),
    )
    return len(standings)


def judge_again(*, database: Database, blobs: Blobs, event: SubmissionOutdated) -> Effect:
    """Judge a version anew, as things stand now; the effect gives the verdict, as `replace_verdict` says."""
    with database.read() as tx:
        standing = submissions.find_submission(tx, event.submission)
        last = verdicts.find_verdict(tx, event.submission)
    if (
        standing is None
        or standing.received is None
        or standing.is_withdrawn
        or standing.version != event.version
    ):
        return lambda _tx: None
    received = standing.received
    slices = slices_to_judge(blobs, received)
    if slices:
        return lambda tx: begin_judging(
            tx, blobs=blobs, received=received, reason=event.reason, slices=slices
        )
    judged, indexed = judge_body(
        database=database, blobs=blobs, received=received, verdict=standing.verdict + 1
    )

    def give(tx: Transaction) -> None:
        if replace_verdict(
            tx,
            blobs=blobs,
            received=received,
            standing=standing,
            last=last.judgement if last else None,
            reason=event.reason,
            judged=judged,
        ):
            index_records(tx, received=received, indexed=indexed, counts=judged.is_accepted)

    return give


def settle_links(*, database: Database) -> None:
    """Look after those that refer to what changed: they are judged again if they found it otherwise.

    Whoever commits last is looked at after both have: so it does not matter which of the two came first.
    """
    for _ in range(MOST_PAGES):
        with database.read() as tx:
            unsettled = submissions.unsettled_submissions(tx, limit=AT_ONCE)
            if not unsettled:
                return
            closed = calendar.closed_periods(tx, today=tx.now.date())
            outdated = index.outdated_by(tx, [each.submission for each in unsettled])
        with database.begin() as tx:
            submissions.settle_submissions(tx, unsettled)
            outdate_submissions(tx, outdated, reason=REFERENCES_CHANGED, closed=closed)
            for standing in unsettled:
                if standing.is_withdrawn or (standing.judged or 0) > 1:
                    index.tidy(tx, standing)
