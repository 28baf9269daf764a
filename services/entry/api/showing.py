"""Submissions as they are shown."""

from dataclasses import asdict
from typing import Any

from services.entry import operations, store
from services.entry.domain.comparing import MOST_TOLD
from services.entry.domain.submissions import Submission, Verdict, Version
from services.entry.domain.timeline import Stage, timeline
from services.entry.store import Wanted
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction
from shared.errors import NotFound
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result


def get_submission(call: RequestContext, submission: str) -> Result:
    """Show a submission with its way, its verdict and its findings."""
    known = operations.get_visible(call.tx, caller=call.known_caller, submission=submission)
    return shown(call.tx, call.runtime.blobs, known)


def list_submissions(call: RequestContext) -> Result:
    """List what the caller may see, the latest first."""
    asked = dict(call.query)
    limit, after = asked.pop("limit"), asked.pop("after")
    found = operations.list_visible(
        call.tx, caller=call.known_caller, wanted=Wanted(**asked), after=after, limit=limit + 1
    )
    return Result(Page.of([_listed(item) for item in found], limit=limit, key=lambda item: str(item["id"])))


def list_versions(call: RequestContext, submission: str) -> Result:
    """Show all versions of a submission."""
    known = operations.get_visible(call.tx, caller=call.known_caller, submission=submission)
    return Result({"items": [_version(version) for version in store.versions_of(call.tx, known.id)]})


def compare_versions(call: RequestContext, submission: str) -> Result:
    """Show how two versions differ."""
    found = operations.compare_versions(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        submission=submission,
        **call.query,
    )
    changed = [
        {"ref": ref, "fields": [asdict(each) for each in found.changed[ref]]}
        for ref in list(found.changed)[:MOST_TOLD]
    ]
    return Result(found.told | {"changed": changed})


def get_receipt(call: RequestContext, submission: str) -> Result:
    """Give the receipt for a version again."""
    known = operations.get_visible(call.tx, caller=call.known_caller, submission=submission)
    number = call.query["version"] or known.version
    version = next((each for each in store.versions_of(call.tx, known.id) if each.number == number), None)
    if version is None or version.content is None:
        raise NotFound("version")
    return Result({"receipt": operations.receipt_for(call.runtime.settings.keys, known, version)})


def handed_answer(submission: Submission, version: Version, *, is_new: bool) -> Result:
    """What is answered to who hands in: it is kept, and its verdict will come. What was there already is 200."""
    location = f"/entry/v1/submissions/{submission.id}"
    body = {
        "id": submission.id,
        "version": version.number,
        "state": version.state,
        "content_hash": version.content,
        "records": version.records,
        "received_at": iso(version.received_at),
        "late": version.is_late,
        "is_trial": submission.is_trial,
        "receipt": f"{location}/receipt?version={version.number}",
    }
    return Result(body, status=202 if is_new else 200, headers={"Location": location})


def shown(tx: Transaction, blobs: Blobs, submission: Submission) -> Result:
    """All that there is to say of a submission."""
    versions = store.versions_of(tx, submission.id)
    latest = next(version for version in reversed(versions) if version.content)
    verdict = latest.verdict
    waiting = operations.waiting_of(tx, submission) if submission.state == "received" else None
    is_late = any(version.is_late for version in versions)
    window = store.find_window(tx, kind=submission.kind, period=submission.period) if is_late else None
    body = _listed(submission) | {
        "received_at": iso(latest.received_at),
        "tlp": latest.tlp,
        "records": latest.records,
        "content_hash": latest.content,
        "mode": latest.mode,
        "on_error": latest.on_error,
        "late": latest.is_late,
        "file": _file(latest),
        "refusal": latest.refusal,
        "left_out": list(latest.left_out),
        "in_report_since": latest.reported_at and iso(latest.reported_at),
        "queue": waiting and asdict(waiting),
        "timeline": [_stage(stage) for stage in timeline(versions, window=window)],
        "verdict": _verdict(verdict) if verdict else None,
        "findings": operations.read_findings(blobs, verdict=verdict) if verdict else [],
    }
    verdicts = sum(len(version.verdicts) for version in versions)
    judged = latest.progress.judged if latest.progress else 0
    place = (waiting.position, waiting.seconds) if waiting else ()
    said = (submission.version, verdicts, submission.state, judged, latest.reported_at is not None, *place)
    return Result(body, etag="-".join(map(str, said)))


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
        "reference": submission.reference,
        "is_trial": submission.is_trial,
        "received_at": iso(submission.created_at),
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "state": version.state,
        "received_at": iso(version.received_at),
        "tlp": version.tlp,
        "records": version.records,
        "content_hash": version.content,
        "mode": version.mode,
        "on_error": version.on_error,
        "late": version.is_late,
        "reason": version.reason,
        "left_out": list(version.left_out),
        "file": _file(version),
        "refusal": version.refusal,
        "in_report_since": version.reported_at and iso(version.reported_at),
    }


def _file(version: Version) -> dict[str, Any] | None:
    file = version.file
    return asdict(file) if file else None


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
