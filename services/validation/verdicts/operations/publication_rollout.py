"""Have the submissions of open periods judged by what was published. Reports that were adopted keep their rules."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from services.validation.rulesets.operations import publishing
from services.validation.rulesets.operations.files import rulesets_in_force
from services.validation.verdicts.store import calendar, outdating
from shared.bus import record
from shared.events import SubmissionOutdated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from services.validation.rulesets.domain.versions import RulesetVersion
    from shared.blobs import Blobs
    from shared.database import Database, Transaction

AT_ONCE = 200
"""Submissions that are handed over in one transaction: others write between two of them."""

MOST_PAGES = 25
"""Transactions in one tick. What is left waits for the next: it is found by how it stands, not by how far we came."""

SETTLING = timedelta(minutes=10)
"""A version is looked after for so long from its coming into force: a judging that had begun by the former rules may
give its verdict meanwhile. It is longer than any handler may take."""


def apply_publications(*, database: Database, blobs: Blobs) -> int:
    """Hand over what is judged by other rules than those in force now, a page at a time; how many there were.

    Whatever ends this midway, nothing is lost or handed over twice: a page is one transaction, and what was handed
    over is marked in it.
    """
    with database.read() as tx:
        due = publishing.list_unapplied(tx, on=tx.now.date())
    handed_over = 0
    for _ in range(MOST_PAGES if due else 0):
        with database.begin() as tx:
            found = _hand_over(tx, blobs)
            if not found:
                _note_applied(tx, due)
        handed_over += found
        if not found:
            break
    return handed_over


def count_waiting(tx: Transaction, *, blobs: Blobs, on: date) -> int:
    """How many submissions of open periods stand judged by other rules than those in force on a day."""
    closed = calendar.closed_periods(tx, today=tx.now.date())
    return outdating.judged_otherwise(tx, hashes=_hashes(tx, blobs, on), closed=closed)


def _hand_over(tx: Transaction, blobs: Blobs) -> int:
    today = tx.now.date()
    outdated = outdating.outdate_judged_otherwise(
        tx, hashes=_hashes(tx, blobs, today), closed=calendar.closed_periods(tx, today=today), limit=AT_ONCE
    )
    record(
        tx,
        *(
            SubmissionOutdated(**each.received or {}, verdict=each.verdict, reason="rules_changed")
            for each in outdated
        ),
    )
    return len(outdated)


def _note_applied(tx: Transaction, due: Iterable[RulesetVersion]) -> None:
    for version in due:
        came_at = max(version.published_at, datetime.combine(version.in_force_from, time.min, UTC))
        if tx.now >= came_at + SETTLING:
            publishing.mark_applied(tx, name=version.name, version=version.version)


def _hashes(tx: Transaction, blobs: Blobs, on: date) -> dict[str, str]:
    rulesets = rulesets_in_force(tx, blobs=blobs, on=on)
    return {pillar: ruleset.stamp.hash for pillar, ruleset in rulesets.items()}
