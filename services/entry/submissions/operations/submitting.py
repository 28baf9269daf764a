"""Submit and correct: store a new submission, a trial, or the next version of a submission."""

from dataclasses import replace
from datetime import datetime

from services.entry.files.domain.accounts import account_of_records
from services.entry.submissions.domain.refusals import ContentIsDuplicate
from services.entry.submissions.domain.statements import StatedBy, Subject
from services.entry.submissions.domain.submissions import (
    Submission,
    UploadedFile,
    Version,
    check_correctable,
    check_same_mapping,
    find_base,
)
from services.entry.submissions.operations import statements
from services.entry.submissions.operations.announcements import announce_received, record_action
from services.entry.submissions.operations.commands import Content, SubmitCommand, check_command
from services.entry.submissions.operations.merging import (
    PlacedLine,
    list_placed,
    merge_body,
)
from services.entry.submissions.operations.queries import get_own
from services.entry.submissions.operations.repeats import with_repeats
from services.entry.submissions.operations.statements import (
    place_of_version,
    subject_of_body,
    subjects_of_command,
)
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
    """Store a new submission's first version and announce it, without a query.

    Raise `RowExists`, at the latest at the commit, if the reporter used the reference before, or submitted the content
    or one of the records before: see `submit_again`.
    """
    is_late = check_command(database, command, now=tx.now)
    content = Content.of(command)
    submission = new_submission(tx, command, content=content.key)
    submissions.insert_submission(tx, submission)
    version = first_version(command, content, now=tx.now, is_late=is_late)
    if content.body is not None:
        version = replace(version, body=blobs.put(tx, content.body), records=len(command.records))
    subjects = [subject_of_body(submission.mapping, content=content.key), *subjects_of_command(command)]
    place = place_of_version(version, submission=submission.id)
    statements.record_new(tx, subjects, by=StatedBy(submission.reporter, submission.id, 1, place))
    store_version(tx, submission, version, command, action="submission.received")
    return submission, version


def submit_trial(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    command: SubmitCommand,
    corrects: str | None = None,
    corrected_version: int = 0,
) -> tuple[Submission, Version]:
    """Store a trial: it is judged like a submission, or like a correction of `corrects`, and counts nowhere.

    Raise what the correction itself would raise, such as `VersionIsStale`.
    """
    is_late = check_command(database, command, now=tx.now)
    content = Content.of(command)
    submission = replace(
        new_submission(tx, command, content=None), reference=None, is_trial=True, corrects=corrects
    )
    version = first_version(command, content, now=tx.now, is_late=is_late)
    place = place_of_version(version, submission=submission.id)
    if corrects is None:
        version = with_repeats(tx, blobs, version, command=command, content=content, place=place)
    else:
        known = _get_correctable(tx, command, corrects)
        versions = submissions.list_versions(tx, known.id)
        if known.content != content.key:
            check_current(known, versions, version=corrected_version, blobs=blobs)
        fresh = replace(version, number=versions[-1].number + 1)
        version = replace(
            _with_base(
                tx,
                blobs,
                fresh,
                command=command,
                content=content,
                base=find_base(versions, mode=command.mode),
                submission=known.id,
                place=place,
            ),
            number=1,
        )
    submissions.insert_submission(tx, submission)
    store_version(tx, submission, version, command, action="trial.received")
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
    body = subject_of_body(known.mapping, content=content.key)
    _check_not_elsewhere(tx, known, body, content)
    first = first_version(command, content, now=tx.now, is_late=is_late)
    fresh = replace(first, number=versions[-1].number + 1)
    place = place_of_version(fresh, submission=known.id)
    fresh = _with_base(
        tx,
        blobs,
        fresh,
        command=command,
        content=content,
        base=find_base(versions, mode=command.mode),
        submission=known.id,
        place=place,
    )
    advance_version(tx, known, fresh, content=content.key)
    # The worker that merges a large correction records its records.
    subjects = [body, *(() if fresh.file else subjects_of_command(command))]
    statements.record_correction(tx, subjects, by=StatedBy(known.reporter, known.id, fresh.number, place))
    store_version(tx, known, fresh, command, action="submission.corrected")
    return known, fresh


def _check_not_elsewhere(tx: Transaction, known: Submission, body: Subject, content: Content) -> None:
    """Raise `ContentIsDuplicate` if the content is that of another submission."""
    stated = statements.find_body(tx, body)
    other = submissions.find_submission(tx, stated.submission) if stated else None
    if other is not None and other.id != known.id and other.content == content.key:
        raise ContentIsDuplicate(other.id)


def _get_correctable(tx: Transaction, command: SubmitCommand, submission: str) -> Submission:
    known = get_own(tx, caller=command.caller, submission=submission)
    check_correctable(known)
    check_same_mapping(known, pillar=command.pillar, kind=command.kind, period=command.period)
    return known


def new_submission(tx: Transaction, command: SubmitCommand, *, content: str | None) -> Submission:
    """Return a new submission of a command's caller. `content` is the key of its content."""
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


def first_version(command: SubmitCommand, content: Content, *, now: datetime, is_late: bool) -> Version:
    """Return the first version of a command's submission, without its body."""
    return Version(
        number=1,
        state="received",
        received_at=now,
        tlp=command.tlp,
        content=content.sha256,
        mode=command.mode,
        on_error=command.on_error,
        is_late=is_late,
        file=command.file,
        workbook=command.workbook,
    )


def _with_base(
    tx: Transaction,
    blobs: Blobs,
    fresh: Version,
    *,
    command: SubmitCommand,
    content: Content,
    base: Version | None,
    submission: str,
    place: str,
) -> Version:
    """Return a correction with its body: the named records, and the other records of the version before."""
    if content.body is None:
        return fresh
    if base is not None and base.body is not None and base.records > LARGE_RECORDS:
        # Merging takes a while: a worker does it, as if the records had come as a file.
        with blobs.upload() as incoming:
            incoming.write(content.body)
            return replace(fresh, file=UploadedFile(incoming.commit(), JSON, None, incoming.size))
    kept = list_placed(blobs, base, submission=submission) if base and base.body else []
    named = [PlacedLine(line, place) for line in command.lines]
    body, records = merge_body(tx, blobs, facts=command.facts, named=named, base=kept, own=place)
    account = account_of_records(len(command.records))
    return replace(fresh, body=body, records=records, reading=account.overview)


def store_version(
    tx: Transaction, submission: Submission, version: Version, command: SubmitCommand, *, action: str
) -> None:
    """Store a version, announce it, and record the action."""
    submissions.insert_version(tx, submission.id, version)
    if version.file is not None:
        record(tx, FileReceived(submission=submission.id, version=version.number, size=version.file.size))
    else:
        announce_received(tx, submission, version)
    detail = {"content": version.content}
    record_action(tx, submission, version.number, actor=command.actor, action=action, detail=detail)
