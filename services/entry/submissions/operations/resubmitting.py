"""Submit content of which the reporter may have submitted all or some before."""

from typing import NamedTuple

from services.entry.submissions.domain.refusals import ReferenceIsTaken
from services.entry.submissions.domain.statements import StatedBy, Statement
from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations import statements
from services.entry.submissions.operations.commands import Content, SubmitCommand, check_command
from services.entry.submissions.operations.repeats import with_repeats
from services.entry.submissions.operations.statements import (
    place_of_version,
    subject_of_body,
    subjects_of_command,
)
from services.entry.submissions.operations.submitting import (
    first_version,
    new_submission,
    store_version,
    submit,
)
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Database, Transaction

FEW = 20
"""The number of records up to which a submission is stored without a look at earlier ones: most repeat nothing."""


class Submitted(NamedTuple):
    """The result of a submission: its version, and whether the version is new."""

    submission: Submission
    version: Version
    is_new: bool


def submit_any(tx: Transaction, *, database: Database, blobs: Blobs, command: SubmitCommand) -> Submitted:
    """Submit content; see `submit` for few records, `submit_again` for many."""
    if len(command.records) > FEW:
        return submit_again(tx, database=database, blobs=blobs, command=command)
    return Submitted(*submit(tx, database=database, blobs=blobs, command=command), is_new=True)


def submit_again(tx: Transaction, *, database: Database, blobs: Blobs, command: SubmitCommand) -> Submitted:
    """Submit content of which the reporter may have submitted all or some before.

    Return the current version of the submission that has or had this content, unless it is withdrawn. Otherwise store
    a new submission, whose repeated records do not replace later versions of them. Raise `ReferenceIsTaken` if the
    reference belongs to other content, `RowExists` if another request submits the same at this moment.
    """
    content = Content.of(command)
    body = subject_of_body(command.facts, content=content.key)
    stated = statements.find_body(tx, body)
    known = _find_same(tx, command, content, stated)
    if known is not None:
        return Submitted(known, submissions.list_versions(tx, known.id)[-1], is_new=False)
    is_late = check_command(database, command, now=tx.now)
    submission = new_submission(tx, command, content=content.key)
    version = first_version(command, content, now=tx.now, is_late=is_late)
    place = place_of_version(version, submission=submission.id)
    version = with_repeats(tx, blobs, version, command=command, content=content, place=place)
    by = StatedBy(submission.reporter, submission.id, 1, place)
    if stated is not None:
        # It was withdrawn, and may be submitted again at this moment by another request.
        statements.delete_statement(tx, stated)
    # Inserted after the last query, so that only the commit meets another request with this content or reference.
    submissions.insert_submission(tx, submission)
    statements.record_new(tx, [body], by=by)
    statements.record_missing(tx, subjects_of_command(command), by=by)
    store_version(tx, submission, version, command, action="submission.received")
    return Submitted(submission, version, is_new=True)


def _find_same(
    tx: Transaction, command: SubmitCommand, content: Content, stated: Statement | None
) -> Submission | None:
    """Return the submission that has or had the content, unless it is withdrawn. Raise `ReferenceIsTaken`."""
    known = submissions.find_submission(tx, stated.submission) if stated else None
    if known is not None and known.state == "withdrawn":
        known = None
    named = command.reference and submissions.find_by_reference(
        tx, reporter=command.caller.reporter, reference=command.reference
    )
    if not named:
        return known
    if known is None or known.id != named.id:
        latest = submissions.list_versions(tx, named.id)[-1]
        raise ReferenceIsTaken(command.reference or "", named.id, known=latest.content, given=content.sha256)
    return known
