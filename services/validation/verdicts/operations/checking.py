"""Judge a submission that was received; forget one that was withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.validation.verdicts.operations.chunking import begin_judging, slices_to_judge
from services.validation.verdicts.operations.judging import (
    DATA_CHANGED,
    give_verdict,
    index_records,
    judge_body,
)
from services.validation.verdicts.store import submissions

if TYPE_CHECKING:
    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction
    from shared.events import SubmissionReceived

FIRST_VERDICT = 1
"""Receiving a version leads to its first verdict; the bus sees to it that it is received once."""


def check_submission(*, database: Database, blobs: Blobs, event: SubmissionReceived) -> Effect:
    """Judge what was received; the effect writes the verdict and tells of it, unless a later version came first.

    Of a large one the effect only says that it is here and what its chunks are: any worker may judge them.
    """
    received = event.payload()
    slices = slices_to_judge(blobs, received)
    if slices:

        def begin(tx: Transaction) -> None:
            if submissions.claim_version(tx, received=received):
                begin_judging(tx, blobs=blobs, received=received, reason=DATA_CHANGED, slices=slices)

        return begin

    judged, indexed = judge_body(database=database, blobs=blobs, received=received, verdict=FIRST_VERDICT)

    def give(tx: Transaction) -> None:
        if submissions.claim_version(tx, received=received, verdict=FIRST_VERDICT, outcome=judged.outcome):
            index_records(tx, received=received, indexed=indexed, counts=judged.is_accepted)
            give_verdict(
                tx, blobs=blobs, received=received, verdict=FIRST_VERDICT, reason=DATA_CHANGED, judged=judged
            )

    return give


def forget_submission(tx: Transaction, *, submission: str, version: int) -> None:
    """Nobody may refer to the records of a submission that was withdrawn; none of its versions is judged again."""
    submissions.withdraw_submission(tx, submission=submission, version=version)
