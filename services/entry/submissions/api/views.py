"""Submissions, versions, comparisons and receipts over HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.entry.submissions.domain.diff import MAX_LISTED
from services.entry.submissions.domain.findings import left_out_reasons
from services.entry.submissions.domain.submissions import Submission, SubmissionFilter, Version
from services.entry.submissions.domain.timeline import TimelineStep, find_in_report, find_reported
from services.entry.submissions.domain.verdicts import Verdict
from services.entry.submissions.operations import queries, receipts, versions
from services.entry.submissions.operations.queries import SubmissionView
from shared.clock import iso
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result
from shared.i18n import ENGLISH, translate, without_texts
from shared.reference.findings import findings_in, reading_in


def get_submission(call: RequestContext, submission: str) -> Result:
    """Return a submission with its timeline, verdict and findings."""
    view = queries.get_view(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, submission=submission
    )
    return submission_view(view, call.language)


def list_submissions(call: RequestContext) -> Result:
    """List the submissions visible to the caller, the latest first."""
    query = dict(call.query)
    limit, after = query.pop("limit"), query.pop("after")
    found = queries.list_visible(
        call.tx, caller=call.known_caller, filters=SubmissionFilter(**query), after=after, limit=limit + 1
    )
    return Result(Page.of([_listed(item) for item in found], limit=limit, key=lambda item: str(item["id"])))


def list_versions(call: RequestContext, submission: str) -> Result:
    """List all versions of a submission."""
    found = queries.list_visible_versions(call.tx, caller=call.known_caller, submission=submission)
    items = [_version(version, found, call.language) for version in found]
    return Result({"items": items}, language=call.language)


def compare_versions(call: RequestContext, submission: str) -> Result:
    """Compare two versions."""
    diff = versions.compare_versions(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        submission=submission,
        **call.query,
    )
    changed = [
        {"ref": ref, "fields": [asdict(each) for each in diff.changed[ref]]}
        for ref in list(diff.changed)[:MAX_LISTED]
    ]
    return Result(diff.summary | {"changed": changed})


def get_receipt(call: RequestContext, submission: str) -> Result:
    """Return the receipt of a version."""
    receipt = receipts.get_receipt(
        call.tx,
        keys=call.runtime.settings.keys,
        caller=call.known_caller,
        submission=submission,
        version=call.query["version"],
    )
    return Result({"receipt": receipt})


def acknowledgement(
    submission: Submission, version: Version, *, is_new: bool, language: str = ENGLISH
) -> Result:
    """Acknowledge a stored version: 202, and its verdict follows later. A version that existed before is 200."""
    body = receipts.acknowledge(submission, version) | {"workbook": _workbook(version, language)}
    return Result(body, status=202 if is_new else 200, headers=location_of(submission.id))


def location_of(submission: str) -> dict[str, str]:
    """Return the header with the address of a submission."""
    return {"Location": f"/entry/v1/submissions/{submission}"}


def submission_view(view: SubmissionView, language: str) -> Result:
    """Return everything about a submission. The ETag changes with its versions, verdicts, state and queue place."""
    submission, latest, waiting = view.submission, view.latest, view.queue
    body = _listed(submission) | {
        "received_at": iso(latest.received_at),
        "tlp": latest.tlp,
        "records": latest.records,
        "content_hash": latest.content,
        "mode": latest.mode,
        "on_error": latest.on_error,
        "late": latest.is_late,
        "file": _file(latest),
        "refusal": latest.refusal and without_texts(latest.refusal, language),
        "reading": reading_in(latest.account, language),
        "left_out": list(latest.left_out),
        "left_out_reasons": _left_out_reasons(view, language),
        "workbook": _workbook(latest, language),
        **_counting(latest, view.versions),
        "queue": waiting and asdict(waiting),
        "timeline": [_step(step) for step in view.timeline],
        "verdict": _verdict(latest.verdict) if latest.verdict else None,
        "findings": findings_in(view.findings, language),
    }
    verdicts = sum(len(version.verdicts) for version in view.versions)
    judged = latest.progress.judged if latest.progress else 0
    place = (waiting.position, waiting.seconds) if waiting else ()
    change = latest.counting.change if latest.counting else 0
    facts = (submission.version, verdicts, submission.state, judged, latest.reported_at is not None)
    facts += (latest.read_at is not None, change, *place)
    etag = "-".join(map(str, facts if language == ENGLISH else (*facts, language)))
    return Result(body, etag=etag, language=language)


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


def _left_out_reasons(view: SubmissionView, language: str) -> list[Mapping[str, Any]]:
    report = view.left_out_report
    if report is None:
        return []
    return left_out_reasons({**report, "findings": findings_in(report["findings"], language)})


def _counting(version: Version, versions: Sequence[Version]) -> dict[str, Any]:
    """Return whether a version is in the report, and what supersedes its records."""
    is_in_report = version is find_in_report(versions)
    counting = version.counting if version is find_reported(versions) else None
    superseded_by = counting.superseded_by if counting else {}
    return {
        "in_report_since": iso(version.reported_at) if is_in_report and version.reported_at else None,
        "superseded_by": [
            {"submission": submission, "records": number}
            for submission, number in sorted(superseded_by.items())
        ],
    }


def _version(version: Version, versions: Sequence[Version], language: str) -> dict[str, Any]:
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
        "refusal": version.refusal and without_texts(version.refusal, language),
        "reading": reading_in(version.account, language),
        "workbook": _workbook(version, language),
        **_counting(version, versions),
    }


def _workbook(version: Version, language: str) -> dict[str, Any] | None:
    made_from = version.workbook
    if made_from is None:
        return None
    return {
        "submission": made_from.submission,
        "version": made_from.version,
        "use": made_from.use,
        "message": translate(made_from.note, language),
    }


def _file(version: Version) -> dict[str, Any] | None:
    file = version.file
    return asdict(file) if file else None


def _step(step: TimelineStep) -> dict[str, Any]:
    body = {"version": step.version, "stage": step.stage, "at": iso(step.at)}
    body |= {name: value for name, value in (("reason", step.reason), ("text", step.text)) if value}
    if step.progress:
        body |= {"judged": step.progress.judged, "chunks": step.progress.chunks}
    return body


def _verdict(verdict: Verdict) -> dict[str, Any]:
    body = asdict(verdict) | {"judged_at": iso(verdict.judged_at)}
    del body["report"]
    return body
