"""Answer for the verdicts that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation import store
from services.validation.formats.report_reading import in_brief, read_report
from services.validation.formats.report_words import Heading, reason_text
from shared.clock import iso

if TYPE_CHECKING:
    from services.validation.formats.report_words import Report
    from shared.blobs import Blobs
    from shared.database import Transaction
    from shared.identity.callers import Caller


class VerdictIsUnknown(LookupError):
    """No such verdict was given, or it is none of the caller's business: both look the same."""

    def __init__(self, submission: str) -> None:
        super().__init__("There is no such verdict.")
        self.submission = submission


def get_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    submission: str,
    version: int | None = None,
    verdict: int | None = None,
) -> dict[str, Any]:
    """A verdict with its report, as far as the caller may see it; raises VerdictIsUnknown.

    Without a version it is the verdict that stands, without a verdict the last one on the version. RCC's analyst sees
    the outcome and the figures; findings are for the reporter, its partner's coordinator and the Secretariat.
    """
    row = _visible(tx, caller=caller, submission=submission, version=version, verdict=verdict)
    report = in_brief(read_report(blobs.get(row.report)))
    shown = {**report, **_given(row), "tlp": row.tlp}
    if caller.role == "analyst":
        del shown["findings"]
    return shown


def get_report(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    submission: str,
    version: int | None = None,
    verdict: int | None = None,
) -> tuple[Report, Heading]:
    """The report of a verdict, found as `get_verdict` does, and what it is about; raises VerdictIsUnknown."""
    row = _visible(tx, caller=caller, submission=submission, version=version, verdict=verdict)
    return read_report(blobs.get(row.report)), _heading(tx, row)


def list_verdicts(tx: Transaction, *, caller: Caller, submission: str) -> list[dict[str, Any]]:
    """All verdicts on a submission, the one that stands first; raises VerdictIsUnknown."""
    rows = [row for row in store.verdicts_on(tx, submission) if may_see(caller, row)]
    if not rows:
        raise VerdictIsUnknown(submission)
    return [
        {
            **_given(row),
            "outcome": row.outcome,
            "stamp": row.stamp or _former_stamp(row),
            "counts": row.counts,
        }
        for row in rows
    ]


def _visible(
    tx: Transaction, *, caller: Caller, submission: str, version: int | None, verdict: int | None
) -> store.VerdictRow:
    rows = store.verdicts_on(tx, submission)
    wanted = version or (rows[0].version if rows else None)
    for row in rows:
        if row.version == wanted and verdict in (None, row.verdict) and may_see(caller, row):
            return row
    raise VerdictIsUnknown(submission)


def may_see(caller: Caller, row: store.VerdictRow) -> bool:
    """Whether the caller may know of a verdict; of its findings RCC's analyst sees nothing all the same."""
    if caller.role in ("secretariat", "analyst"):
        return True
    if caller.role == "coordinator":
        return row.partner is not None and row.partner == caller.partner
    return row.reporter == caller.reporter


def _given(row: store.VerdictRow) -> dict[str, Any]:
    return {
        "submission": row.submission,
        "version": row.version,
        "verdict": row.verdict,
        "reason": row.reason,
        "reason_text": reason_text(row.reason, version=row.version, verdict=row.verdict),
        "judged_at": iso(row.judged_at),
    }


def _former_stamp(row: store.VerdictRow) -> dict[str, Any]:
    """The stamp of a verdict that was given before more than its rules was stamped."""
    name, _, version = row.ruleset.partition(" ")
    ruleset = {"name": name, "version": version, "hash": row.ruleset_hash}
    return {"ruleset": ruleset, "codelists": None, "engine": "1", "snapshot": None}


def _heading(tx: Transaction, row: store.VerdictRow) -> Heading:
    standing = store.find_submission(tx, row.submission)
    # Of which mapping it is never changes with a version.
    received = (standing and standing.received) or {}
    return Heading(
        reporter=row.reporter,
        judged_at=row.judged_at,
        pillar=received.get("pillar"),
        kind=received.get("kind"),
        period=received.get("period"),
        tlp=row.tlp,
        submission=row.submission,
        version=row.version,
        verdict=row.verdict,
        reason=row.reason,
    )
