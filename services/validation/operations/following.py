"""Follow findings from verdict to verdict: what is excused counts no more, what a version mends is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation import formats, store
from services.validation.domain.findings.findings import canonical
from services.validation.domain.findings.following import Following, excused, follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.validation.domain.findings.following import Followed
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
    changed = excused(formats.read_json(report), received["submission"], before)
    return None if changed is None else canonical(changed)


def changes_by(report: bytes, received: Mapping[str, Any], before: Sequence[Followed]) -> Following:
    """What is new in a report, what is there again, and what is mended. A report may be long: ask outside any transaction."""
    return follow(
        before,
        formats.read_json(report),
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
