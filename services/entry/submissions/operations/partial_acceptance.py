"""What follows from a verdict: the rest is accepted where that was asked for, and a replacement takes the place of the others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from services.entry.audit.domain import SYSTEM
from services.entry.submissions.formats import body_of, lines_in, ref_in
from services.entry.submissions.operations.withdrawing import Rest, bury, facts_of, leave_out
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Database, Transaction
from shared.events import SubmissionAccepted, SubmissionReturned

NO_REF = "(no ref)"
"""What is left out of a file without a name of its own."""

LEFT_OUT = "Left out, since errors stand against them; the rest was asked to be accepted."


def rest_of(*, database: Database, blobs: Blobs, event: SubmissionReturned) -> Rest | None:
    """What can be accepted without the records that errors stand against, where the sender asked for that.

    None where nothing would be left, or something stands against the submission as such.
    """
    with database.read() as tx:
        known = submissions.find_submission(tx, event.submission)
        version = next(
            (each for each in submissions.versions_of(tx, event.submission) if each.number == event.version),
            None,
        )
    if known is None or version is None or known.is_trial or version.on_error != "accept":
        return None
    report: Mapping[str, Any] = orjson.loads(blobs.get(event.report))
    faulty = frozenset(report.get("faulty", ()))
    if report.get("whole") or not faulty or len(faulty) >= event.records:
        return None
    with blobs.open(event.body) as body:
        lines = list(lines_in(body))
    left = [line for at, line in enumerate(lines) if at not in faulty]
    refs = tuple(ref_in(lines[at]) or NO_REF for at in sorted(faulty))
    return Rest(b"".join(body_of(facts_of(known, version), left)), len(left), refs, LEFT_OUT)


def accept_rest(tx: Transaction, *, blobs: Blobs, event: SubmissionReturned, rest: Rest) -> None:
    """Let a version follow of what can be accepted, unless the sender has gone on meanwhile."""
    known = submissions.find_submission(tx, event.submission)
    if known is None or known.version != event.version or known.state == "withdrawn":
        return
    present = submissions.versions_of(tx, known.id)[-1]
    if len(present.verdicts) > 1:
        # What once was accepted, and no longer is, is the sender's to look at.
        return
    leave_out(tx, blobs, known, present, rest=rest, author=SYSTEM, content=known.content)


def withdraw_replaced(tx: Transaction, *, event: SubmissionAccepted) -> None:
    """Take back the reporter's other submissions of the mapping, as they were when this one came, which replaces them."""
    others = submissions.standing_in(
        tx,
        reporter=event.reporter,
        pillar=event.pillar,
        kind=event.kind,
        period=event.period,
        until=datetime.fromisoformat(event.received_at),
    )
    for other in others:
        if other.id != event.submission:
            bury(tx, other, author=SYSTEM, reason=f"Replaced by submission {event.submission}.")
