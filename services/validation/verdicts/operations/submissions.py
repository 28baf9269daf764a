"""Judge a received version for the first time; withdraw a submission."""

from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.chunking import begin_judging, slices_to_judge
from services.validation.verdicts.operations.judging import (
    DATA_CHANGED,
    FIRST,
    index_records,
    judge_body,
    store_verdict,
)
from services.validation.verdicts.store import submission_states
from shared.blobs import Blobs
from shared.bus.handling import Effect
from shared.database import Database, Transaction
from shared.events import SubmissionReceived

FIRST_VERDICT = 1
"""The number of the first verdict on a version."""


def check_submission(*, database: Database, blobs: Blobs, event: SubmissionReceived) -> Effect:
    """Judge a received version. The effect stores and announces its verdict, unless a later version came first.

    For a large version, the effect only announces its chunks, which any worker may judge.
    """
    received = Received.of(event.payload())
    reason = FIRST if received.version == 1 else DATA_CHANGED
    slices = slices_to_judge(received, blobs=blobs)
    if slices:

        def begin(tx: Transaction) -> None:
            if submission_states.advance_version(tx, received=received):
                begin_judging(tx, blobs=blobs, received=received, reason=reason, slices=slices)

        return begin

    prepared, update = judge_body(database=database, blobs=blobs, received=received, verdict=FIRST_VERDICT)

    def give(tx: Transaction) -> None:
        if submission_states.advance_version(
            tx, received=received, verdict=FIRST_VERDICT, outcome=prepared.outcome
        ):
            index_records(tx, received=received, update=update, counts=prepared.is_accepted)
            store_verdict(
                tx,
                blobs=blobs,
                received=received,
                verdict=FIRST_VERDICT,
                reason=reason,
                prepared=prepared,
            )

    return give


def withdraw_submission(tx: Transaction, *, submission: str, version: int) -> None:
    """Record a withdrawal: the submission's records can no longer be referred to, nor be judged again."""
    submission_states.update_withdrawn(tx, submission=submission, version=version)
