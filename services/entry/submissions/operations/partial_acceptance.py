"""Accept the rest of a returned version if its sender wants it accepted, and withdraw replaced submissions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from services.entry.audit.domain import SYSTEM
from services.entry.submissions.operations.merging import list_lines, read_account
from services.entry.submissions.operations.withdrawing import Remainder, add_tombstone, drop_records
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Database, Transaction
from shared.events import SubmissionAccepted, SubmissionReturned
from shared.records.bodies import ref_of, write_body

NO_REF = "(no ref)"
"""The name of a dropped record that has no ref."""

LEFT_OUT = "The records have errors; the sender asked to accept the rest."


def find_remainder(*, database: Database, blobs: Blobs, event: SubmissionReturned) -> Remainder | None:
    """Return the records of a returned version without errors, if its sender wants the rest accepted.

    Return None if no record would remain, or if an error concerns the submission as a whole.
    """
    with database.read() as tx:
        known = submissions.find_submission(tx, event.submission)
        versions = submissions.list_versions(tx, event.submission)
    version = next((each for each in versions if each.number == event.version), None)
    if known is None or version is None or known.is_trial or version.on_error != "accept":
        return None
    report: Mapping[str, Any] = orjson.loads(blobs.get(event.report))
    faulty = frozenset(report.get("faulty", ()))
    if report.get("whole") or not faulty or len(faulty) >= event.records:
        return None
    lines = list_lines(blobs, event.body)
    left = [line for at, line in enumerate(lines) if at not in faulty]
    refs = tuple(ref_of(lines[at]) or NO_REF for at in sorted(faulty))
    facts = known.mapping | {"tlp": version.tlp} | read_account(blobs, version)
    body = b"".join(write_body(facts, left))
    return Remainder(body, len(left), refs, LEFT_OUT, version.reading)


def accept_remainder(
    tx: Transaction, *, blobs: Blobs, event: SubmissionReturned, remainder: Remainder
) -> None:
    """Store the remainder as the next version, unless the submission has changed or was judged before."""
    known = submissions.find_submission(tx, event.submission)
    if known is None or known.version != event.version or known.state == "withdrawn":
        return
    current = submissions.list_versions(tx, known.id)[-1]
    if len(current.verdicts) > 1:
        # A version that was accepted once and no longer is needs its sender's decision.
        return
    drop_records(tx, blobs, known, current, remainder=remainder, actor=SYSTEM, content=known.content)


def withdraw_replaced(tx: Transaction, *, event: SubmissionAccepted) -> None:
    """Withdraw the reporter's other submissions of the mapping that are older than the accepted replacement."""
    others = submissions.list_active(
        tx,
        reporter=event.reporter,
        pillar=event.pillar,
        kind=event.kind,
        period=event.period,
        until=datetime.fromisoformat(event.received_at),
    )
    for other in others:
        if other.id != event.submission:
            add_tombstone(tx, other, actor=SYSTEM, reason=f"Replaced by submission {event.submission}.")
