"""Follow findings from verdict to verdict: what is excused counts no more, what a version mends is closed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import canonical
from services.validation.findings import store
from services.validation.findings.domain.finding_lifecycle import EXCUSED, Following, excused, follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from services.validation.findings.domain.finding_lifecycle import Followed
    from shared.database import Transaction


def followed_before(tx: Transaction, received: Mapping[str, Any], *, verdict: int) -> Sequence[Followed]:
    """What was found before on the submission; of a first verdict on a first version nothing is asked."""
    if (received["version"], verdict) == (1, 1):
        return ()
    return store.findings_of(tx, received["submission"])


def excused_report(report: bytes, received: Mapping[str, Any], before: Sequence[Followed]) -> bytes | None:
    """The report with what is justified or waived marked, and counted no more; None where nothing of it is."""
    if not before:
        return None
    changed = excused(json.loads(report), received["submission"], before)
    return None if changed is None else canonical(changed)


def changes_by(report: bytes, received: Mapping[str, Any], before: Sequence[Followed]) -> Following:
    """What is new in a report, what is there again, and what is mended. A report may be long: ask outside any transaction."""
    return follow(
        before,
        json.loads(report),
        submission=received["submission"],
        reporter=received["reporter"],
        version=received["version"],
    )


def note_changes(tx: Transaction, changes: Following, *, version: int) -> None:
    """Note what a report changes in what is followed."""
    store.add_findings(tx, changes.new)
    store.note_standing(tx, changes.standing, version=version)
    store.note_fixed(tx, changes.fixed)
    store.note_retold(tx, changes.retold)


def list_tracked(tx: Transaction, submission: str) -> list[Followed]:
    """List all findings that were ever tracked on a submission."""
    return store.findings_of(tx, submission)


def list_findings(
    tx: Transaction, submission: str, *, state: str | None, after: str | None, limit: int
) -> list[Followed]:
    """List findings on a submission by name, of one state if it is given, after the last one seen."""
    return store.list_findings(tx, submission, state=state, after=after, limit=limit)


def find_finding(tx: Transaction, finding: str) -> Followed | None:
    """Find a finding."""
    return store.find_finding(tx, finding)


def record_decision(tx: Transaction, found: Followed) -> None:
    """Record the justification or waiver of a finding."""
    store.note_decision(tx, found)


def reopen_expired(tx: Transaction, *, today: date) -> set[str]:
    """Reopen the findings whose waiver ended before today. Return their submissions."""
    return store.end_waivers(tx, on=today)


def count_exemptions(tx: Transaction) -> list[tuple[str, str, int]]:
    """Count the justified and waived findings of each rule: (rule, state, count)."""
    return store.count_findings(tx, states=EXCUSED)
