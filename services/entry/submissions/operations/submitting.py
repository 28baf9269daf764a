"""Submit and correct: store a new submission, a trial, or the next version of a submission."""

from collections.abc import Sequence
from dataclasses import replace

from services.entry.files.domain.accounts import account_of_records
from services.entry.submissions.domain.refusals import (
    ContentIsDuplicate,
    ReferenceIsTaken,
    SubmittedConcurrently,
)
from services.entry.submissions.domain.submissions import (
    Submission,
    UploadedFile,
    Version,
    check_correctable,
    check_same_mapping,
    find_base,
)
from services.entry.submissions.operations.announcements import announce_received, record_action
from services.entry.submissions.operations.commands import Content, SubmitCommand, check_command
from services.entry.submissions.operations.merging import merge_body
from services.entry.submissions.operations.queries import get_own
from services.entry.submissions.operations.versions import advance_version, check_current
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.bus import record
from shared.database import Database, Transaction
from shared.events import FileReceived
from shared.events.submissions import LARGE_RECORDS
from shared.ids import new_id

JSON = "application/json"


def submit(
    tx: Transaction, *, database: Database, blobs: Blobs, command: SubmitCommand
) -> tuple[Submission, Version]:
    """Store a new submission's first version and announce it.

    If the reporter has a submission with this content or reference, the commit raises `RowExists`: see `find_same`.
    """
    is_late = check_command(database, command, now=tx.now)
    content = Content.of(command)
    version = _next_version(tx, blobs, command, content, versions=(), is_late=is_late)
    submission = _submission(tx, command, content=content.key)
    submissions.insert_submission(tx, submission)
    _store(tx, submission, version, command, action="submission.received")
    return submission, version


def submit_trial(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    command: SubmitCommand,
    corrects: str | None = None,
) -> tuple[Submission, Version]:
    """Store a trial: it is judged like a submission, or like a correction of `corrects`, and counts nowhere."""
    is_late = check_command(database, command, now=tx.now)
    content = Content.of(command)
    versions: Sequence[Version] = ()
    if corrects is not None:
        versions = submissions.list_versions(tx, _get_correctable(tx, command, corrects).id)
    version = replace(_next_version(tx, blobs, command, content, versions, is_late=is_late), number=1)
    submission = replace(
        _submission(tx, command, content=None), reference=None, is_trial=True, corrects=corrects
    )
    submissions.insert_submission(tx, submission)
    _store(tx, submission, version, command, action="trial.received")
    return submission, version


def correct(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    command: SubmitCommand,
    submission: str,
    version: int,
) -> tuple[Submission, Version]:
    """Store the next version of a submission and announce it. Return the current version if it has this content.

    Raise `VersionIsStale` unless the correction replaces the current version.
    """
    is_late = check_command(database, command, now=tx.now)
    known = _get_correctable(tx, command, submission)
    versions = submissions.list_versions(tx, known.id)
    content = Content.of(command)
    if known.content == content.key:
        return known, versions[-1]
    check_current(known, versions, version=version, blobs=blobs)
    same = submissions.find_same(tx, reporter=known.reporter, content=content.key, reference=None)
    if same is not None:
        raise ContentIsDuplicate(same.id)
    fresh = _next_version(tx, blobs, command, content, versions, is_late=is_late)
    advance_version(tx, known, fresh, content=content.key)
    _store(tx, known, fresh, command, action="submission.corrected")
    return known, fresh


def find_same(tx: Transaction, *, command: SubmitCommand) -> tuple[Submission, Version]:
    """Return the submission that has the command's content.

    Raise `ReferenceIsTaken` if the reference belongs to other content, `SubmittedConcurrently` without a submission.
    """
    content = Content.of(command)
    known = submissions.find_same(
        tx, reporter=command.caller.reporter, content=content.key, reference=command.reference
    )
    if known is None:
        raise SubmittedConcurrently
    version = submissions.list_versions(tx, known.id)[-1]
    if known.content != content.key:
        raise ReferenceIsTaken(command.reference or "", known.id, known=version.content, given=content.sha256)
    return known, version


def _get_correctable(tx: Transaction, command: SubmitCommand, submission: str) -> Submission:
    known = get_own(tx, caller=command.caller, submission=submission)
    check_correctable(known)
    check_same_mapping(known, pillar=command.pillar, kind=command.kind, period=command.period)
    return known


def _submission(tx: Transaction, command: SubmitCommand, *, content: str | None) -> Submission:
    return Submission(
        id=new_id(),
        reporter=command.caller.reporter,
        partner=command.caller.partner,
        pillar=command.pillar,
        kind=command.kind,
        period=command.period,
        version=1,
        state="received",
        created_at=tx.now,
        changed_at=tx.now,
        reference=command.reference,
        content=content,
    )


def _next_version(
    tx: Transaction,
    blobs: Blobs,
    command: SubmitCommand,
    content: Content,
    versions: Sequence[Version],
    *,
    is_late: bool,
) -> Version:
    fresh = Version(
        number=versions[-1].number + 1 if versions else 1,
        state="received",
        received_at=tx.now,
        tlp=command.tlp,
        content=content.sha256,
        mode=command.mode,
        on_error=command.on_error,
        is_late=is_late,
        file=command.file,
    )
    base = find_base(versions, mode=command.mode)
    if content.body is None:
        return fresh
    if base is None or base.body is None:
        return replace(fresh, body=blobs.put(tx, content.body), records=len(command.records))
    if base.records > LARGE_RECORDS:
        # Merging takes a while: a worker does it, as if the records had come as a file.
        with blobs.upload() as incoming:
            incoming.write(content.body)
            return replace(fresh, file=UploadedFile(incoming.commit(), JSON, None, incoming.size))
    body, records = merge_body(tx, blobs, facts=command.facts, named=command.lines, base=base.body)
    account = account_of_records(len(command.records))
    return replace(fresh, body=body, records=records, reading=account.overview)


def _store(
    tx: Transaction, submission: Submission, version: Version, command: SubmitCommand, *, action: str
) -> None:
    submissions.insert_version(tx, submission.id, version)
    if version.file is not None:
        record(tx, FileReceived(submission=submission.id, version=version.number, size=version.file.size))
    else:
        announce_received(tx, submission, version)
    detail = {"content": version.content}
    record_action(tx, submission, version.number, actor=command.actor, action=action, detail=detail)
