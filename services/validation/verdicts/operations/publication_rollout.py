"""Have submissions of open periods judged by newly published rules. Verdicts on adopted periods stay."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.validation.rulesets.domain.versions import RulesetVersion
from services.validation.rulesets.operations import publishing
from services.validation.rulesets.operations.files import rulesets_in_force
from services.validation.verdicts.operations.rejudging import announce_outdated
from services.validation.verdicts.store import calendar, other_rules
from shared.blobs import Blobs
from shared.database import Database, Transaction
from shared.reference.days import secretariat_day, secretariat_midnight

RULES_CHANGED = "rules_changed"

PAGE_SIZE = 200
"""The number of submissions handled in one transaction; other transactions can write in between."""

MAX_PAGES = 25
"""The maximum number of transactions in one tick. The next tick finds the rest by the rules that judged it."""

SETTLING_TIME = timedelta(minutes=10)
"""The time for which a version is rolled out after it came into force: judgings that began under the previous rules may
still give verdicts. It is longer than any handler may run."""


def apply_publications(*, database: Database, blobs: Blobs) -> int:
    """Outdate the submissions judged by other rules than those in force, page by page. Return their number.

    Each page is one transaction that marks its submissions, so an interruption neither loses nor repeats any.
    """
    with database.read() as tx:
        due = publishing.list_unapplied(tx, on=secretariat_day(tx.now))
    outdated = 0
    for _ in range(MAX_PAGES if due else 0):
        with database.begin() as tx:
            found = _outdate_page(tx, blobs)
            if not found:
                _mark_applied(tx, due)
        outdated += found
        if not found:
            break
    return outdated


def count_waiting(tx: Transaction, *, blobs: Blobs, on: date) -> int:
    """Count the submissions of open periods judged by other rules than those in force on a day."""
    closed = calendar.list_closed_periods(tx, today=secretariat_day(tx.now))
    return other_rules.count_judged_by_other_rules(tx, hashes=_hashes(tx, blobs, on), closed=closed)


def _outdate_page(tx: Transaction, blobs: Blobs) -> int:
    today = secretariat_day(tx.now)
    outdated = other_rules.claim_judged_by_other_rules(
        tx,
        hashes=_hashes(tx, blobs, today),
        closed=calendar.list_closed_periods(tx, today=today),
        reason=RULES_CHANGED,
        limit=PAGE_SIZE,
    )
    announce_outdated(tx, outdated, reason=RULES_CHANGED)
    return len(outdated)


def _mark_applied(tx: Transaction, due: Iterable[RulesetVersion]) -> None:
    for version in due:
        came_at = max(version.published_at, secretariat_midnight(version.in_force_from))
        if tx.now >= came_at + SETTLING_TIME:
            publishing.mark_applied(tx, name=version.name, version=version.version)


def _hashes(tx: Transaction, blobs: Blobs, on: date) -> dict[str, str]:
    rulesets = rulesets_in_force(tx, blobs=blobs, on=on)
    return {pillar: ruleset.stamp.hash for pillar, ruleset in rulesets.items()}
