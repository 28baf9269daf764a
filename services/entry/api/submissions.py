"""Submissions over HTTP."""

import threading
import time
from dataclasses import asdict
from functools import cache
from typing import Any

from services.entry import operations, store
from services.entry.domain.submissions import Submission, Verdict
from services.entry.domain.timeline import Stage, timeline
from services.entry.domain.windows import WindowIsClosed
from services.entry.operations import Handed
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Database, Transaction
from shared.http import Answer, Call, Page

LONGEST_WAIT_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.02
WINDOWS_KEPT_SECONDS = 1.0


def post_submission(call: Call) -> Answer:
    """Take a submission, or a correction of one."""
    supersedes = call.body["supersedes"]
    handed = Handed(
        caller=call.known_caller, **{name: value for name, value in call.body.items() if name != "supersedes"}
    )
    _check(call, handed)
    blobs = call.runtime.blobs
    if supersedes is None:
        submission, version = operations.receive_submission(call.tx, blobs=blobs, handed=handed)
    else:
        submission, version = operations.correct_submission(call.tx, blobs=blobs, handed=handed, **supersedes)
    return Answer(
        {
            "id": submission.id,
            "version": version.number,
            "state": "received",
            "content_hash": version.body,
            "records": version.records,
            "received_at": iso(version.received_at),
        },
        status=202,
        headers={"Location": f"/entry/v1/submissions/{submission.id}"},
        then=_verdict_awaited(call, submission.id, version.number),
    )


def get_submission(call: Call, submission: str) -> Answer:
    """Show a submission with its way, its verdict and its findings."""
    known = operations.get_visible(call.tx, caller=call.known_caller, submission=submission)
    return _shown(call.tx, call.runtime.blobs, known)


def list_submissions(call: Call) -> Answer:
    """List what the caller may see, the latest first."""
    limit = call.query["limit"]
    found = operations.list_visible(
        call.tx,
        caller=call.known_caller,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    return Answer(Page.of([_listed(item) for item in found], limit=limit, key=lambda item: str(item["id"])))


def withdraw_submission(call: Call, submission: str) -> Answer:
    """Take a submission back."""
    known = operations.withdraw_submission(
        call.tx, caller=call.known_caller, submission=submission, **call.body
    )
    return Answer({"id": known.id, "version": known.version + 1, "state": "withdrawn"})


def _check(call: Call, handed: Handed) -> None:
    """Windows change a few times a year: they are read once a second, and again before anybody is refused."""
    database, today = call.runtime.database, call.now.date()
    try:
        windows = database.recent(store.all_windows, seconds=WINDOWS_KEPT_SECONDS)
        operations.check_handed(handed, windows=windows, today=today)
    except WindowIsClosed:
        windows = database.recent(store.all_windows, seconds=0)
        operations.check_handed(handed, windows=windows, today=today)


def _verdict_awaited(call: Call, submission: str, version: int) -> Any:
    """What waits for the verdict after the commit, if the client prefers to and there is room to wait."""
    seconds = min(call.prefer_wait, LONGEST_WAIT_SECONDS)
    if not seconds:
        return None

    room = _room_to_wait(call.runtime.settings.web_threads)

    def wait() -> Answer | None:
        if not room.acquire(blocking=False):
            return None
        try:
            return _await_verdict(call.runtime.database, call.runtime.blobs, submission, version, seconds)
        finally:
            room.release()

    return wait


@cache
def _room_to_wait(threads: int) -> threading.BoundedSemaphore:
    """Who waits holds a thread: never more than half of those that the process has."""
    return threading.BoundedSemaphore(max(1, threads // 2))


def _await_verdict(
    database: Database, blobs: Blobs, submission: str, version: int, seconds: float
) -> Answer | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.read() as tx:
            known = store.find_submission(tx, submission)
            if known and (known.version, known.state) != (version, "received"):
                return _shown(tx, blobs, known)
        time.sleep(LOOK_EVERY_SECONDS)
    return None


def _listed(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.id,
        "version": submission.version,
        "state": submission.state,
        "reporter": submission.reporter,
        "partner": submission.partner,
        "pillar": submission.pillar,
        "kind": submission.kind,
        "period": submission.period,
        "received_at": iso(submission.created_at),
    }


def _shown(tx: Transaction, blobs: Blobs, submission: Submission) -> Answer:
    versions = store.versions_of(tx, submission.id)
    latest = next(version for version in reversed(versions) if version.body)
    verdict = latest.verdict
    body = _listed(submission) | {
        "received_at": iso(latest.received_at),
        "tlp": latest.tlp,
        "records": latest.records,
        "content_hash": latest.body,
        "timeline": [_stage(stage) for stage in timeline(versions)],
        "verdict": _verdict(verdict) if verdict else None,
        "findings": operations.read_findings(blobs, verdict=verdict) if verdict else [],
    }
    verdicts = sum(len(version.verdicts) for version in versions)
    judged = latest.progress.judged if latest.progress else 0
    return Answer(body, etag=f"{submission.version}-{verdicts}-{submission.state}-{judged}")


def _stage(stage: Stage) -> dict[str, Any]:
    shown = {"version": stage.version, "stage": stage.stage, "at": iso(stage.at)}
    shown |= {name: value for name, value in (("reason", stage.reason), ("text", stage.text)) if value}
    if stage.progress:
        shown |= {"judged": stage.progress.judged, "chunks": stage.progress.chunks}
    return shown


def _verdict(verdict: Verdict) -> dict[str, Any]:
    shown = asdict(verdict) | {"judged_at": iso(verdict.judged_at)}
    del shown["report"]
    return shown
