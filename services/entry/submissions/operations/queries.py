"""Read submissions, versions, findings and queue places, as far as the caller may see them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import repeat
from typing import Any

import orjson

from services.entry.submissions.domain.findings import (
    LEFT_OUT,
    first_places,
    group_findings,
)
from services.entry.submissions.domain.queue import QueuePosition, queue_position
from services.entry.submissions.domain.submissions import Submission, SubmissionFilter, Version
from services.entry.submissions.domain.timeline import TimelineStep, timeline
from services.entry.submissions.domain.verdicts import Verdict
from services.entry.submissions.store import queue, submissions
from services.entry.windows import operations as windows
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.records import bodies
from shared.records.places import NO_PLACE, claim_at, own_place, read_own, read_places
from shared.reference.accounts import Account

RECENTLY = timedelta(minutes=1)
"""The span over which the pace of judging is measured."""


@dataclass(frozen=True)
class SubmissionView:
    """A submission with its versions, timeline, verdict, findings and place in the queue."""

    submission: Submission
    versions: Sequence[Version]
    latest: Version
    """The latest version with content."""
    queue: QueuePosition | None
    timeline: Sequence[TimelineStep]
    findings: Sequence[Mapping[str, Any]]
    left_out_report: Mapping[str, Any] | None
    """The report for which the latest version omits records."""


def get_view(tx: Transaction, *, blobs: Blobs, caller: Caller, submission: str) -> SubmissionView:
    """Return a view of the submission if it is visible to the caller. Otherwise raise `NotFound`."""
    return _view(tx, blobs, get_visible(tx, caller=caller, submission=submission))


def find_judged_view(
    tx: Transaction, *, blobs: Blobs, submission: str, version: int
) -> SubmissionView | None:
    """Return a view of the submission once the version is judged or replaced; None until then."""
    known = submissions.find_submission(tx, submission)
    if known is None or (known.version, known.state) == (version, "received"):
        return None
    return _view(tx, blobs, known)


def get_visible(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """Return the submission if it is visible to the caller. Otherwise raise `NotFound`, as for one that does not exist."""
    known = submissions.find_submission(tx, submission)
    if known is None or not caller.may_read(reporter=known.reporter, partner=known.partner):
        raise NotFound("submission")
    return known


def get_own(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """Return the submission if the caller submitted it. Otherwise raise `NotFound`."""
    known = submissions.find_submission(tx, submission)
    if known is None or known.reporter != caller.reporter:
        raise NotFound("submission")
    return known


def list_visible(
    tx: Transaction, *, caller: Caller, filters: SubmissionFilter, after: str | None, limit: int
) -> list[Submission]:
    """List the submissions that match the filters and are visible to the caller, the latest first."""
    reporter, partner = caller.scope_of_lists
    visible = replace(filters, reporter=reporter, partner=partner)
    return submissions.list_submissions(tx, visible, after=after, limit=limit)


def list_visible_versions(tx: Transaction, *, caller: Caller, submission: str) -> list[Version]:
    """List all versions of a submission that is visible to the caller, with the accounts of their files.

    Otherwise raise `NotFound`.
    """
    known = get_visible(tx, caller=caller, submission=submission)
    accounts = submissions.list_accounts(tx, known.id)
    versions = submissions.list_versions(tx, known.id)
    return [replace(each, reading=accounts.get(each.number)) for each in versions]


def list_active(tx: Transaction, *, reporter: str, pillar: str, kind: str, period: str) -> list[Submission]:
    """List the reporter's submissions of a mapping that are not withdrawn, the oldest first."""
    return submissions.list_active(tx, reporter=reporter, pillar=pillar, kind=kind, period=period)


def list_versions(tx: Transaction, *, submission: str) -> list[Version]:
    """List all versions of a submission, the oldest first, without a check of the caller."""
    return submissions.list_versions(tx, submission)


def get_queue_position(tx: Transaction, submission: Submission) -> QueuePosition:
    """Return the submission's place among the unjudged ones."""
    judged = queue.count_judged_since(tx, submission.id, moment=tx.now - RECENTLY)
    before = queue.count_received_before(tx, submission.id)
    return queue_position(before=before, judged_recently=judged, within_seconds=RECENTLY.total_seconds())


def read_findings(blobs: Blobs, *, verdict: Verdict) -> list[Mapping[str, Any]]:
    """Read the findings of a verdict, grouped by rule, with their first places."""
    return list(map(first_places, read_all_findings(blobs, verdict=verdict)))


def read_all_findings(blobs: Blobs, *, verdict: Verdict) -> list[Mapping[str, Any]]:
    """Read the findings of a verdict, grouped by rule, with all listed places."""
    return group_findings(orjson.loads(blobs.get(verdict.report))["findings"])


def read_account(blobs: Blobs, *, body: str) -> Account | None:
    """Read the whole account of the file that a body was read from; None for a body without one."""
    with blobs.open(body) as stream:
        named = bodies.read_head(stream).get("reading")
    return Account(**orjson.loads(blobs.get(named))) if named else None


def _read_left_out_report(
    blobs: Blobs, versions: Sequence[Version], latest: Version
) -> Mapping[str, Any] | None:
    """Read why records with errors were left out, from the verdict on the version before."""
    before = next((each for each in versions if each.number == latest.number - 1), None)
    is_rest = latest.left_out and latest.on_error == "accept" and latest.reason == LEFT_OUT
    if not is_rest or before is None or before.verdict is None:
        return None
    report: Mapping[str, Any] = orjson.loads(blobs.get(before.verdicts[0].report))
    return {**report, "findings": group_findings(report["findings"])}


def list_claims(
    blobs: Blobs, version: Version | None, *, submission: str
) -> list[tuple[str, dict[str, Any]]]:
    """List the records of a version with the order of its claims to them; none without a body."""
    if version is None or version.body is None:
        return []
    default = own_place(iso(version.received_at), submission, version.number)
    with blobs.open(version.body) as stream:
        head = bodies.read_head(stream)
        own = read_own(head, default=default)
        places = read_places(head, get=blobs.get) or repeat(own)
        records = bodies.read_records(stream)
        claims = (claim_at(place, own=own) for place in places)
        return [(claim, record) for claim, record in zip(claims, records, strict=False) if claim != NO_PLACE]


def read_records(blobs: Blobs, body: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a stored canonical body."""
    with blobs.open(body) as stream:
        yield from bodies.read_records(stream)


def count_by_state(tx: Transaction) -> dict[str, int]:
    """Count the submissions in each state."""
    return submissions.count_by_state(tx)


def _view(tx: Transaction, blobs: Blobs, known: Submission) -> SubmissionView:
    versions = submissions.list_versions(tx, known.id)
    latest = next(version for version in reversed(versions) if version.content)
    position = get_queue_position(tx, known) if known.state == "received" else None
    is_late = any(version.is_late for version in versions)
    window = windows.find_window(tx, kind=known.kind, period=known.period) if is_late else None
    return SubmissionView(
        submission=known,
        versions=versions,
        latest=latest,
        queue=position,
        timeline=timeline(versions, reporter=known.reporter, window=window),
        findings=read_findings(blobs, verdict=latest.verdict) if latest.verdict else [],
        left_out_report=_read_left_out_report(blobs, versions, latest),
    )
