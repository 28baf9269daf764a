"""Sign a nil return: a submission without records, which is complete."""

from services.entry.submissions.domain.refusals import RecordsExist
from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations.commands import SubmitCommand, check_command
from services.entry.submissions.operations.submitting import submit
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Database, Transaction


def sign_nil_return(
    tx: Transaction, *, database: Database, blobs: Blobs, command: SubmitCommand
) -> tuple[Submission, Version]:
    """Store a nil return and announce it. A later submission corrects it, like any submission.

    Raise `RecordsExist` if the mapping has records that are not withdrawn.
    """
    check_command(database, command, now=tx.now)
    active = submissions.list_active(
        tx,
        reporter=command.caller.reporter,
        pillar=command.pillar,
        kind=command.kind,
        period=command.period,
    )
    for known in active:
        if any(version.records or version.file for version in submissions.list_versions(tx, known.id)[-1:]):
            raise RecordsExist(known.id)
    return submit(tx, database=database, blobs=blobs, command=command)
