"""Find what a caller may see, and the findings that go with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from services.entry import store
from services.entry.domain.findings import grouped
from services.entry.domain.queue import Waiting, waiting
from services.entry.domain.submissions import Submission, Verdict
from services.entry.store import Wanted
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller

LATELY = timedelta(minutes=1)
"""The pace of the checking is taken from so long."""


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
    tx: Transaction, *, caller: Caller, wanted: Wanted, after: str | None, limit: int
) -> list[Submission]:
    """What the caller may see of what is wanted, the latest first."""
    mine = replace(
        wanted,
        reporter=caller.reporter if caller.role in ("structure", "member") else None,
        partner=caller.partner if caller.role == "coordinator" else None,
    )
    return store.list_submissions(tx, mine, after=after, limit=limit)


def waiting_of(tx: Transaction, submission: Submission) -> Waiting:
    """The submission's place among what is not judged yet."""
    judged = store.judged_since(tx, submission.id, moment=tx.now - LATELY)
    before = store.received_before(tx, submission.id)
    return waiting(before=before, judged_lately=judged, within_seconds=LATELY.total_seconds())


def read_findings(blobs: Blobs, *, verdict: Verdict) -> list[Mapping[str, Any]]:
    """What the rules found, a group for each rule."""
    return grouped(orjson.loads(blobs.get(verdict.report))["findings"])


def _may_see(caller: Caller, submission: Submission) -> bool:
    if caller.role == "secretariat":
        return True
    if caller.role == "coordinator":
        return submission.partner == caller.partner
    return submission.reporter == caller.reporter
