"""Track findings from verdict to verdict: a later version fixes them, a justification or waiver exempts them."""

import json
from collections.abc import Sequence
from datetime import date

from services.validation.engine.domain.findings import canonical
from services.validation.findings import store
from services.validation.findings.domain import finding_lifecycle as domain
from services.validation.findings.domain.finding_lifecycle import EXEMPTED, FindingChanges, TrackedFinding
from shared.database import Transaction


def list_tracked(tx: Transaction, submission: str) -> list[TrackedFinding]:
    """List all findings that were ever tracked on a submission."""
    return store.list_by_submission(tx, submission)


def list_previous(tx: Transaction, submission: str, *, is_first: bool) -> Sequence[TrackedFinding]:
    """List the findings tracked on a submission before a verdict. The first verdict of all needs no query."""
    return () if is_first else store.list_by_submission(tx, submission)


def list_findings(
    tx: Transaction, submission: str, *, state: str | None, after: str | None, limit: int
) -> list[TrackedFinding]:
    """List findings on a submission by name, of one state if it is given, after the last one seen."""
    return store.list_findings(tx, submission, state=state, after=after, limit=limit)


def find_finding(tx: Transaction, finding: str) -> TrackedFinding | None:
    """Find a finding by its name."""
    return store.find_finding(tx, finding)


def mark_exemptions(
    report: bytes, *, submission: str | None, previous: Sequence[TrackedFinding]
) -> bytes | None:
    """Mark justified and waived places in a report, which no longer count. Return None if there are none."""
    if submission is None or not previous:
        return None
    marked = domain.apply_exemptions(json.loads(report), submission, previous)
    return None if marked is None else canonical(marked)


def compare_findings(
    previous: Sequence[TrackedFinding], report: bytes, *, submission: str, reporter: str, version: int
) -> FindingChanges:
    """Compare tracked findings with a new report. Reports may be long: call it outside a transaction."""
    return domain.find_changes(
        previous, json.loads(report), submission=submission, reporter=reporter, version=version
    )


def record_changes(tx: Transaction, changes: FindingChanges, *, version: int) -> None:
    """Store the changes to tracked findings that a verdict makes."""
    store.insert_findings(tx, changes.new)
    store.update_found_again(tx, changes.found_again, version=version)
    store.update_fixed(tx, changes.fixed)
    store.update_reworded(tx, changes.reworded)


def record_decision(tx: Transaction, finding: TrackedFinding) -> None:
    """Store the justification or waiver of a finding."""
    store.update_decision(tx, finding)


def reopen_expired(tx: Transaction, *, today: date) -> set[str]:
    """Reopen the findings whose waiver ended before today. Return their submissions."""
    return store.update_expired_waivers(tx, on=today)


def count_exemptions(tx: Transaction) -> list[tuple[str, str, int]]:
    """Count the justified and waived findings of each rule: (rule, state, count)."""
    return store.count_findings(tx, states=EXEMPTED)
