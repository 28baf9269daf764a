"""Announce which versions count, and which records of others a version supersedes."""

from collections.abc import Collection

from services.reporting.figures.domain.outcomes import Outcome
from services.reporting.figures.store import facts, generations, outcomes
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.events import SubmissionCounted, SubmissionReported


def announce_reported(tx: Transaction, outcome: Outcome, *, is_first: bool, moved: Collection[str]) -> None:
    """Announce that a version counts, and the submissions whose counting records changed with it.

    `is_first` says whether the version's records begin to count with this outcome; `moved` are the submissions whose
    claims won or lost. A version of which no record counts is not reported.
    """
    counted = None
    if moved:
        counting = facts.list_counting(tx, generations.get(tx).active, moved)
        changes = outcomes.advance_changes(tx, [each.submission for each in counting])
        for each in counting:
            if each.submission == outcome.submission:
                counted = each.counted
        record(
            tx,
            *(
                SubmissionCounted(
                    submission=each.submission,
                    version=changes[each.submission].version,
                    change=changes[each.submission].number,
                    records=each.records,
                    counted=each.counted,
                    superseded_by=dict(each.superseded_by),
                    counted_at=iso(tx.now),
                )
                for each in counting
            ),
        )
    if is_first and counted != 0:
        record(
            tx,
            SubmissionReported(
                submission=outcome.submission,
                version=outcome.version,
                verdict=outcome.verdict,
                reported_at=iso(tx.now),
            ),
        )
