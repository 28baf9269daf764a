"""Accept the rest of a returned version if its sender wants it accepted, and withdraw replaced submissions."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from services.entry.audit.domain import SYSTEM
from services.entry.submissions.domain.findings import LEFT_OUT, NO_REF
from services.entry.submissions.domain.submissions import Submission
from services.entry.submissions.operations.merging import compose_body, list_placed, read_account, write_blob
from services.entry.submissions.operations.withdrawing import Remainder, add_tombstone, drop_records
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Database, Transaction
from shared.events import SubmissionAccepted, SubmissionReturned
from shared.records.bodies import ref_of
from shared.records.places import NO_PLACE, own_place
from shared.reference.refs import ref_key


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
    placed = list_placed(blobs, version, submission=known.id)
    left = [each for at, each in enumerate(placed) if at not in faulty]
    refs = tuple(ref_of(placed[at].line) or NO_REF for at in sorted(faulty))
    facts = known.mapping | {"tlp": version.tlp} | read_account(blobs, version)
    body = compose_body(facts, left, put=lambda places: write_blob(blobs, [places]))
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


def withdraw_replaced(tx: Transaction, *, blobs: Blobs, event: SubmissionAccepted) -> None:
    """Withdraw the reporter's other submissions of the mapping that are older than the accepted replacement.

    A record that the replacement only repeats stays where its later version is: it is named, and not corrected.
    """
    others = submissions.list_active(
        tx,
        reporter=event.reporter,
        pillar=event.pillar,
        kind=event.kind,
        period=event.period,
        until=datetime.fromisoformat(event.received_at),
    )
    places = _list_repeated_places(tx, blobs, event)
    for other in others:
        if other.id != event.submission:
            reason = f"Replaced by submission {event.submission}."
            _withdraw_rest(tx, blobs, other, places=places, reason=reason)


def _list_repeated_places(tx: Transaction, blobs: Blobs, event: SubmissionAccepted) -> dict[str, str]:
    """Return the places of the replacement's records, by ref, that repeat earlier statements."""
    versions = submissions.list_versions(tx, event.submission)
    version = next(each for each in versions if each.number == event.version)
    own = own_place(event.received_at, event.submission, event.version)
    if version.number > 1 or version.body is None:
        return {}
    return {
        ref_key(ref): each.place
        for each in list_placed(blobs, version, submission=event.submission)
        if each.place not in (own, NO_PLACE) and (ref := ref_of(each.line)) is not None
    }


def _withdraw_rest(
    tx: Transaction, blobs: Blobs, known: Submission, *, places: Mapping[str, str], reason: str
) -> None:
    """Withdraw a submission, except for the records of which it has a later version than these places."""
    current = submissions.list_versions(tx, known.id)[-1]
    placed = list_placed(blobs, current, submission=known.id) if places and current.body else []
    refs = [ref_of(each.line) for each in placed]
    left = [
        each
        for each, ref in zip(placed, refs, strict=True)
        if ref is not None and each.place > places.get(ref_key(ref), each.place)
    ]
    if not left:
        add_tombstone(tx, known, actor=SYSTEM, reason=reason)
        return
    if len(left) == len(placed):
        return
    facts = known.mapping | {"tlp": current.tlp} | read_account(blobs, current)
    body = compose_body(facts, left, put=partial(blobs.put, tx))
    kept = {ref_of(each.line) for each in left}
    dropped = tuple(ref or NO_REF for ref in refs if ref not in kept)
    remainder = Remainder(body, len(left), dropped, reason, current.reading)
    drop_records(tx, blobs, known, current, remainder=remainder, actor=SYSTEM, content=None)
