"""Sign that there is nothing to report: a submission of no records, which is complete."""

from services.entry.submissions.domain.submissions import RecordsStand, Submission, Version
from services.entry.submissions.operations.submitting import Handed, receive_submission
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Transaction


def sign_nothing(tx: Transaction, *, blobs: Blobs, handed: Handed) -> tuple[Submission, Version]:
    """Keep the statement and tell of it; `RecordsStand` where records of the mapping were handed in and not taken back.

    What comes later corrects it, as any submission.
    """
    standing = submissions.standing_in(
        tx,
        reporter=handed.caller.reporter,
        pillar=handed.pillar,
        kind=handed.kind,
        period=handed.period,
    )
    for known in standing:
        if any(version.records or version.file for version in submissions.versions_of(tx, known.id)[-1:]):
            raise RecordsStand(known.id)
    return receive_submission(tx, blobs=blobs, handed=handed)
