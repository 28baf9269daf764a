"""Handing in over HTTP: submissions, corrections, files, trials, and taking back."""

from functools import partial
from typing import Any

from services.entry.audit import operations as audit
from services.entry.submissions.api.views import handed_answer, shown
from services.entry.submissions.domain.submissions import HandedFile, Submission, Version
from services.entry.submissions.operations import nil_returns, submitting, withdrawing
from services.entry.submissions.operations.submitting import Handed
from services.entry.submissions.store import submissions
from services.entry.windows import operations as windows
from shared.blobs import Blobs
from shared.database import Transaction
from shared.http import Answer, Call
from shared.http.waiting import waiting_for

HOW = ("pillar", "kind", "period", "tlp", "mode", "on_error", "reference")


def post_submission(call: Call) -> Answer:
    """Take a submission, or a correction of one."""
    call.spend(records=len(call.body["records"]))
    handed = _handed(call, call.body, records=call.body["records"])
    return _hand_in(call, handed, supersedes=call.body["supersedes"], is_trial=call.body["dry_run"])


def post_file(call: Call) -> Answer:
    """Take a file as a submission, or as a correction of one."""
    asked = call.query
    file = HandedFile(call.file.sha256, call.file.media_type, asked["file_name"], call.file.size)
    supersedes = None
    if asked["supersedes"] is not None:
        supersedes = {"submission": asked["supersedes"], "version": asked["version"]}
    handed = _handed(call, asked, file=file)
    return _hand_in(call, handed, supersedes=supersedes, is_trial=asked["dry_run"])


def sign_nothing(call: Call) -> Answer:
    """Take the statement that there is nothing to report."""
    handed = _handed(call, call.body, statement=call.body["statement"])
    submission, version = nil_returns.sign_nothing(call.tx, blobs=call.runtime.blobs, handed=handed)
    return _answered(call, submission, version, handed, is_new=True)


def withdraw_submission(call: Call, submission: str) -> Answer:
    """Take a submission back."""
    known = withdrawing.withdraw_submission(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        author=audit.author_of(call.known_caller, address=call.address),
        submission=submission,
        **call.body,
    )
    _check_collected(call, known.kind, known.period)
    return Answer({"id": known.id, "version": known.version + 1, "state": "withdrawn"})


def withdraw_records(call: Call, submission: str) -> Answer:
    """Take records of a submission back."""
    known, version = withdrawing.withdraw_records(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        author=audit.author_of(call.known_caller, address=call.address),
        submission=submission,
        **call.body,
    )
    _check_collected(call, known.kind, known.period)
    return handed_answer(known, version, is_new=True)


def _handed(call: Call, said: Any, **content: Any) -> Handed:
    """What is handed in, if the caller may do so today. It is late in the days of grace."""
    how = {name: said[name] for name in HOW if name in said}
    is_late = _check_collected(call, said["kind"], said["period"])
    handed = Handed(
        caller=call.known_caller,
        author=audit.author_of(call.known_caller, address=call.address),
        is_late=is_late,
        **how,
        **content,
    )
    submitting.check_handed(handed)
    return handed


def _check_collected(call: Call, kind: str, period: str) -> bool:
    return windows.check_collected(
        call.runtime.database,
        reporter=call.known_caller.reporter,
        kind=kind,
        period=period,
        today=call.now.date(),
    )


def _hand_in(call: Call, handed: Handed, *, supersedes: dict[str, Any] | None, is_trial: bool) -> Answer:
    blobs = call.runtime.blobs
    is_new = True
    if is_trial:
        corrects = supersedes["submission"] if supersedes else None
        submission, version = submitting.try_submission(
            call.tx, blobs=blobs, handed=handed, corrects=corrects
        )
    elif supersedes is None:
        submission, version = submitting.receive_submission(call.tx, blobs=blobs, handed=handed)
    else:
        submission, version = submitting.correct_submission(call.tx, blobs=blobs, handed=handed, **supersedes)
        is_new = version.number != submission.version
    return _answered(call, submission, version, handed, is_new=is_new)


def _answered(
    call: Call, submission: Submission, version: Version, handed: Handed, *, is_new: bool
) -> Answer:
    answer = handed_answer(submission, version, is_new=is_new)
    there = partial(
        _verdict_there, blobs=call.runtime.blobs, submission=submission.id, version=version.number
    )
    answer.then = waiting_for(there, call)
    answer.if_exists = lambda tx: handed_answer(*submitting.find_same(tx, handed=handed), is_new=False)
    return answer


def _verdict_there(tx: Transaction, *, blobs: Blobs, submission: str, version: int) -> Answer | None:
    known = submissions.find_submission(tx, submission)
    if known is None or (known.version, known.state) == (version, "received"):
        return None
    return shown(tx, blobs, known)
