"""Handing in over HTTP: submissions, corrections, files, trials, and taking back."""

from functools import partial
from typing import Any

from services.entry import operations, store
from services.entry.api.authors import author_of
from services.entry.api.showing import handed_answer, shown
from services.entry.api.waiting import waiting_for
from services.entry.domain.submissions import HandedFile, Submission, Version
from services.entry.operations import Handed
from shared.blobs import Blobs
from shared.database import Transaction
from shared.http.routes import RequestContext, Result

HOW = ("pillar", "kind", "period", "tlp", "mode", "on_error", "reference")


def post_submission(call: RequestContext) -> Result:
    """Take a submission, or a correction of one."""
    call.consume(records=len(call.body["records"]))
    handed = _handed(call, call.body, records=call.body["records"])
    return _hand_in(call, handed, supersedes=call.body["supersedes"], is_trial=call.body["dry_run"])


def post_file(call: RequestContext) -> Result:
    """Take a file as a submission, or as a correction of one."""
    asked = call.query
    file = HandedFile(call.file.sha256, call.file.media_type, asked["file_name"], call.file.size)
    supersedes = None
    if asked["supersedes"] is not None:
        supersedes = {"submission": asked["supersedes"], "version": asked["version"]}
    handed = _handed(call, asked, file=file)
    return _hand_in(call, handed, supersedes=supersedes, is_trial=asked["dry_run"])


def sign_nothing(call: RequestContext) -> Result:
    """Take the statement that there is nothing to report."""
    handed = _handed(call, call.body, statement=call.body["statement"])
    submission, version = operations.sign_nothing(call.tx, blobs=call.runtime.blobs, handed=handed)
    return _answered(call, submission, version, handed, is_new=True)


def withdraw_submission(call: RequestContext, submission: str) -> Result:
    """Take a submission back."""
    known = operations.withdraw_submission(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        author=author_of(call),
        submission=submission,
        **call.body,
    )
    _check_collected(call, known.kind, known.period)
    return Result({"id": known.id, "version": known.version + 1, "state": "withdrawn"})


def withdraw_records(call: RequestContext, submission: str) -> Result:
    """Take records of a submission back."""
    known, version = operations.withdraw_records(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        author=author_of(call),
        submission=submission,
        **call.body,
    )
    _check_collected(call, known.kind, known.period)
    return handed_answer(known, version, is_new=True)


def _handed(call: RequestContext, said: Any, **content: Any) -> Handed:
    """What is handed in, if the caller may do so today. It is late in the days of grace."""
    how = {name: said[name] for name in HOW if name in said}
    is_late = _check_collected(call, said["kind"], said["period"])
    handed = Handed(caller=call.known_caller, author=author_of(call), is_late=is_late, **how, **content)
    operations.check_handed(handed)
    return handed


def _check_collected(call: RequestContext, kind: str, period: str) -> bool:
    return operations.check_collected(
        call.runtime.database,
        reporter=call.known_caller.reporter,
        kind=kind,
        period=period,
        today=call.now.date(),
    )


def _hand_in(
    call: RequestContext, handed: Handed, *, supersedes: dict[str, Any] | None, is_trial: bool
) -> Result:
    blobs = call.runtime.blobs
    is_new = True
    if is_trial:
        corrects = supersedes["submission"] if supersedes else None
        submission, version = operations.try_submission(
            call.tx, blobs=blobs, handed=handed, corrects=corrects
        )
    elif supersedes is None:
        submission, version = operations.receive_submission(call.tx, blobs=blobs, handed=handed)
    else:
        submission, version = operations.correct_submission(call.tx, blobs=blobs, handed=handed, **supersedes)
        is_new = version.number != submission.version
    return _answered(call, submission, version, handed, is_new=is_new)


def _answered(
    call: RequestContext, submission: Submission, version: Version, handed: Handed, *, is_new: bool
) -> Result:
    answer = handed_answer(submission, version, is_new=is_new)
    there = partial(
        _verdict_there, blobs=call.runtime.blobs, submission=submission.id, version=version.number
    )
    answer.await_better = waiting_for(there, call)
    answer.on_conflict = lambda tx: handed_answer(*operations.find_same(tx, handed=handed), is_new=False)
    return answer


def _verdict_there(tx: Transaction, *, blobs: Blobs, submission: str, version: int) -> Result | None:
    known = store.find_submission(tx, submission)
    if known is None or (known.version, known.state) == (version, "received"):
        return None
    return shown(tx, blobs, known)
