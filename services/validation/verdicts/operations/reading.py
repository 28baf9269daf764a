"""Read verdicts and their reports."""

from typing import Any

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.operations.reports import read_report, shorten_report
from services.validation.verdicts.formats import reason_text
from services.validation.verdicts.store import submission_states, verdicts
from services.validation.verdicts.store.verdicts import VerdictRow
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction
from shared.http.problems import RoleIsForbidden
from shared.i18n import ENGLISH, Text
from shared.identity.callers import Caller


class VerdictIsUnknown(LookupError):
    """The verdict does not exist, or the caller may not know of it. Clients cannot tell which."""

    def __init__(self, submission: str) -> None:
        super().__init__(Text("There is no such verdict."))
        self.submission = submission


def get_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    submission: str,
    version: int | None = None,
    verdict: int | None = None,
    language: str = ENGLISH,
) -> dict[str, Any]:
    """Return a verdict with its report, as far as the caller may see it. Raise VerdictIsUnknown.

    Without a version it is the current verdict, without a verdict the last one on the version. RCC's analyst sees the
    outcome and the figures; only the reporter, its partner's coordinator and the Secretariat see findings.
    """
    row = _visible(tx, caller=caller, submission=submission, version=version, verdict=verdict)
    report = shorten_report(read_report(blobs.get(row.report)), language)
    response = {**report, **_facts(row), "tlp": row.tlp}
    if not caller.rights.findings:
        # What was not read quotes the file, as findings do.
        del response["findings"]
        response.pop("reading", None)
    return response


def get_report(
    tx: Transaction,
    *,
    blobs: Blobs,
    caller: Caller,
    submission: str,
    version: int | None = None,
    verdict: int | None = None,
) -> tuple[Report, ReportHeader]:
    """Return the report of a verdict, found as `get_verdict` finds it, and its header.

    Raise VerdictIsUnknown, RoleIsForbidden.
    """
    check_reads_findings(caller)
    row = _visible(tx, caller=caller, submission=submission, version=version, verdict=verdict)
    return read_report(blobs.get(row.report)), _header(tx, row)


def list_verdicts(tx: Transaction, *, caller: Caller, submission: str) -> list[dict[str, Any]]:
    """List all verdicts on a submission, the current one first. Raise VerdictIsUnknown."""
    rows = [row for row in verdicts.list_verdicts(tx, submission) if may_read(caller, row)]
    if not rows:
        raise VerdictIsUnknown(submission)
    return [
        {
            **_facts(row),
            "outcome": row.outcome,
            "stamp": row.stamp or _early_stamp(row),
            "counts": row.counts,
        }
        for row in rows
    ]


def count_verdicts(tx: Transaction) -> dict[str, int]:
    """Count all verdicts by outcome."""
    return verdicts.count_verdicts(tx)


def check_reads_findings(caller: Caller) -> None:
    """Check that the caller may read findings. Raise RoleIsForbidden."""
    if not caller.rights.findings:
        raise RoleIsForbidden(caller.role)


def may_read(caller: Caller, row: VerdictRow) -> bool:
    """Return whether the caller may read the outcome and figures of a verdict."""
    return caller.may_read(reporter=row.reporter, partner=row.partner)


def _visible(
    tx: Transaction, *, caller: Caller, submission: str, version: int | None, verdict: int | None
) -> VerdictRow:
    rows = verdicts.list_verdicts(tx, submission)
    wanted = version or (rows[0].version if rows else None)
    for row in rows:
        if row.version == wanted and verdict in (None, row.verdict) and may_read(caller, row):
            return row
    raise VerdictIsUnknown(submission)


def _facts(row: VerdictRow) -> dict[str, Any]:
    return {
        "submission": row.submission,
        "version": row.version,
        "verdict": row.verdict,
        "reason": row.reason,
        "reason_text": _reason_text(row),
        "judged_at": iso(row.judged_at),
    }


def _reason_text(row: VerdictRow) -> str:
    return reason_text(row.reason, version=row.version, verdict=row.verdict)


def _early_stamp(row: VerdictRow) -> dict[str, Any]:
    """Return the stamp of an early verdict, which stored its ruleset only."""
    name, _, version = row.ruleset.partition(" ")
    ruleset = {"name": name, "version": version, "hash": row.ruleset_hash}
    return {"ruleset": ruleset, "codelists": None, "engine": "1", "snapshot": None}


def _header(tx: Transaction, row: VerdictRow) -> ReportHeader:
    state = submission_states.find_state(tx, row.submission)
    # Pillar, kind and period are the same in all versions.
    received = state.received if state else None
    return ReportHeader(
        reporter=row.reporter,
        judged_at=row.judged_at,
        pillar=received.pillar if received else None,
        kind=received.kind if received else None,
        period=received.period if received else None,
        tlp=row.tlp,
        submission=row.submission,
        version=row.version,
        verdict=row.verdict,
        reason=_reason_text(row),
    )
