"""Find what a caller may see, and the findings that go with it."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.entry import store
from services.entry.domain.findings import grouped
from services.entry.domain.submissions import Submission, Verdict
from shared.blobs import Blobs
from shared.database import Transaction
from shared.http import Caller, NotFound


def get_visible(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """The submission if the caller may see it; a foreign one is as one that does not exist (`NotFound`)."""
    known = store.find_submission(tx, submission)
    if known is None or not _may_see(caller, known):
        raise NotFound("submission")
    return known


def get_own(tx: Transaction, *, caller: Caller, submission: str) -> Submission:
    """The submission if the caller handed it in; otherwise `NotFound`."""
    known = store.find_submission(tx, submission)
    if known is None or known.reporter != caller.reporter:
        raise NotFound("submission")
    return known


def list_visible(
    tx: Transaction, *, caller: Caller, state: str | None, after: str | None, limit: int
) -> list[Submission]:
    """What the caller may see, the latest first."""
    return store.list_submissions(
        tx,
        reporter=caller.reporter if caller.role in ("structure", "member") else None,
        partner=caller.partner if caller.role == "coordinator" else None,
        state=state,
        after=after,
        limit=limit,
    )


def read_findings(blobs: Blobs, *, verdict: Verdict) -> list[Mapping[str, Any]]:
    """What the rules found, a group for each rule."""
    return grouped(orjson.loads(blobs.get(verdict.report))["findings"])


def _may_see(caller: Caller, submission: Submission) -> bool:
    if caller.role == "secretariat":
        return True
    if caller.role == "coordinator":
        return submission.partner == caller.partner
    return submission.reporter == caller.reporter
