"""Submissions, corrections, files, trials, nil returns and withdrawals over HTTP."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from services.entry.audit import operations as audit
from services.entry.files.domain.media_types import recognise
from services.entry.submissions.api.views import acknowledgement, location_of, submission_view
from services.entry.submissions.domain.refusals import SubmittedConcurrently
from services.entry.submissions.domain.submissions import Submission, UploadedFile, Version
from services.entry.submissions.operations import (
    erasing,
    nil_returns,
    queries,
    recognising,
    resubmitting,
    submitting,
    withdrawing,
)
from services.entry.submissions.operations.commands import SubmitCommand
from shared.blobs import Blobs
from shared.database import Transaction
from shared.http.polling import poll_until
from shared.http.routes import RequestContext, Result

MAX_ATTEMPTS = 2
"""The maximum number of attempts to submit content of which parts are being submitted at the same moment."""

OPTIONS = ("pillar", "kind", "period", "tlp", "mode", "on_error", "reference")


def post_submission(call: RequestContext) -> Result:
    """Submit records, or a correction."""
    call.consume(records=len(call.body["records"]))
    command = _command(call, call.body, records=call.body["records"])
    return _submit(call, command, supersedes=call.body["supersedes"], is_trial=call.body["dry_run"])


def post_file(call: RequestContext) -> Result:
    """Submit a file, or a file as a correction."""
    query = call.query
    sent = call.file
    media_type = recognise(sent.media_type, charset=sent.charset, start=sent.start)
    file = UploadedFile(sent.sha256, media_type, query["file_name"], sent.size)
    supersedes = None
    if query["supersedes"] is not None:
        supersedes = {"submission": query["supersedes"], "version": query["version"]}
    command = _command(call, query, file=file)
    if supersedes is None:
        command, supersedes = recognising.recognise_workbook(
            call.tx, open_file=sent.open, command=command, is_new=query["new"]
        )
    return _submit(call, command, supersedes=supersedes, is_trial=query["dry_run"])


def sign_nil_return(call: RequestContext) -> Result:
    """Sign a nil return."""
    command = _command(call, call.body, statement=call.body["statement"])
    submission, version = nil_returns.sign_nil_return(
        call.tx, database=call.runtime.database, blobs=call.runtime.blobs, command=command
    )
    response = _submitted(call, submission, version, is_new=True)
    response.on_conflict = _Again(call, command, response)
    return response


def withdraw_submission(call: RequestContext, submission: str) -> Result:
    """Withdraw a submission."""
    known = withdrawing.withdraw(call.tx, submission=submission, **_resources(call), **call.body)
    return Result({"id": known.id, "version": known.version + 1, "state": "withdrawn"})


def withdraw_records(call: RequestContext, submission: str) -> Result:
    """Withdraw records of a submission."""
    known, version = withdrawing.withdraw_records(
        call.tx, submission=submission, **_resources(call), **call.body
    )
    return acknowledgement(known, version, is_new=True, language=call.language)


def _resources(call: RequestContext) -> dict[str, Any]:
    runtime, caller = call.runtime, call.known_caller
    actor = audit.actor_of(caller, address=call.address)
    return {"database": runtime.database, "blobs": runtime.blobs, "caller": caller, "actor": actor}


def _command(call: RequestContext, fields: Any, **content: Any) -> SubmitCommand:
    caller = call.known_caller
    options = {name: fields[name] for name in OPTIONS if name in fields}
    return SubmitCommand(
        caller=caller, actor=audit.actor_of(caller, address=call.address), **options, **content
    )


def _submit(
    call: RequestContext, command: SubmitCommand, *, supersedes: dict[str, Any] | None, is_trial: bool
) -> Result:
    database, blobs, is_new = call.runtime.database, call.runtime.blobs, True
    if is_trial:
        corrects = supersedes and {
            "corrects": supersedes["submission"],
            "corrected_version": supersedes["version"],
        }
        submission, version = submitting.submit_trial(
            call.tx, database=database, blobs=blobs, command=command, **(corrects or {})
        )
    elif supersedes is None:
        submission, version, is_new = resubmitting.submit_any(
            call.tx, database=database, blobs=blobs, command=command
        )
    else:
        submission, version = submitting.correct(
            call.tx, database=database, blobs=blobs, command=command, **supersedes
        )
        is_new = version.number != submission.version
    response = _submitted(call, submission, version, is_new=is_new)
    if supersedes is None and not is_trial:
        response.on_conflict = _Again(call, command, response)
    if command.file is not None and is_new:
        call.file.keep()
        response.on_rollback = partial(erasing.release_file, blobs, command.file.sha256)
    return response


def _submitted(call: RequestContext, submission: Submission, version: Version, *, is_new: bool) -> Result:
    response = acknowledgement(submission, version, is_new=is_new, language=call.language)
    response.await_better = _poll(call, submission, version, response)
    return response


class _Again:
    """Submit the same content again, after parts of it turned out to be submitted before."""

    def __init__(self, call: RequestContext, command: SubmitCommand, replaced: Result) -> None:
        self._call = call
        self._replaced = replaced
        self._command = command
        self._attempts = 0

    def __call__(self, tx: Transaction) -> Result:
        self._attempts += 1
        if self._attempts > MAX_ATTEMPTS:
            raise SubmittedConcurrently
        runtime = self._call.runtime
        submission, version, is_new = resubmitting.submit_again(
            tx, database=runtime.database, blobs=runtime.blobs, command=self._command
        )
        result = acknowledgement(submission, version, is_new=is_new, language=self._call.language)
        if is_new:
            # The new version has the file of the one that was rolled back.
            self._replaced.on_rollback = None
            result.await_better = _poll(self._call, submission, version, result)
        return result


def _poll(
    call: RequestContext, submission: Submission, version: Version, otherwise: Result
) -> Callable[[], Result | None] | None:
    poll = partial(
        _find_verdict,
        blobs=call.runtime.blobs,
        submission=submission.id,
        version=version.number,
        language=call.language,
    )
    return poll_until(poll, call, otherwise=otherwise)


def _find_verdict(
    tx: Transaction, *, blobs: Blobs, submission: str, version: int, language: str
) -> Result | None:
    view = queries.find_judged_view(tx, blobs=blobs, submission=submission, version=version)
    return replace(submission_view(view, language), headers=location_of(submission)) if view else None
