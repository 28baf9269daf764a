"""Say why a finding may stand: its reporter justifies it, the Secretariat waives it for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from services.validation import store
from services.validation.domain.findings.following import FindingCannotBeExcused, justified, waived
from services.validation.operations.judging import WAIVER_CHANGED
from services.validation.operations.judging_again import outdate_submissions
from services.validation.operations.reading import VerdictIsUnknown, may_see

if TYPE_CHECKING:
    from datetime import date

    from services.validation.domain.findings.following import Followed
    from shared.database import Database, Transaction
    from shared.identity.callers import Caller

__all__ = [
    "FindingCannotBeExcused",
    "FindingIsUnknown",
    "PeriodIsAdopted",
    "WaiverIsTooLong",
    "end_waivers",
    "justify_finding",
    "list_findings",
    "waive_finding",
]

LONGEST_WAIVER = timedelta(days=730)
"""A waiver is for a while: after two needs' periods at the latest somebody looks again."""


class FindingIsUnknown(LookupError):
    """There is no such finding, or it is none of the caller's business: both look the same."""

    def __init__(self, finding: str) -> None:
        super().__init__("There is no such finding.")
        self.finding = finding


class PeriodIsAdopted(Exception):
    """A waiver would change a verdict on a period that the Board has adopted."""

    def __init__(self, kind: str, period: str) -> None:
        super().__init__(f"The {kind}s of {period} were adopted; verdicts on them stay as they are.")


class WaiverIsTooLong(ValueError):
    """A waiver ends on a day that is past, or too far away."""

    def __init__(self, expires_on: date, *, first: date, last: date) -> None:
        super().__init__(
            f"A waiver ends between {first.isoformat()} and {last.isoformat()}, not on {expires_on.isoformat()}."
        )


def list_findings(
    tx: Transaction, *, caller: Caller, submission: str, state: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Findings on a submission, in the order of their names; raises VerdictIsUnknown for those of others."""
    row = store.find_verdict(tx, submission)
    if row is None or not may_see(caller, row):
        raise VerdictIsUnknown(submission)
    found = store.list_findings(tx, submission, state=state, after=after, limit=limit)
    return [_shown(each) for each in found]


def justify_finding(tx: Transaction, *, caller: Caller, finding: str, text: str) -> dict[str, Any]:
    """A reporter says why its finding is as it should be; raises FindingIsUnknown, FindingCannotBeExcused.

    It counts no more from the next verdict on, as long as the value stays what it is.
    """
    found = store.find_finding(tx, finding)
    if found is None or found.reporter != caller.reporter:
        raise FindingIsUnknown(finding)
    changed = justified(found, text=text, by=caller.reporter)
    store.note_decision(tx, changed)
    return _shown(changed)


def waive_finding(
    tx: Transaction, *, caller: Caller, finding: str, reason: str, expires_on: date
) -> dict[str, Any]:
    """The Secretariat lets a finding pass until a day; the submission is judged again.

    Raises FindingIsUnknown, FindingCannotBeExcused, PeriodIsAdopted, WaiverIsTooLong.
    """
    today = tx.now.date()
    if not today <= expires_on <= today + LONGEST_WAIVER:
        raise WaiverIsTooLong(expires_on, first=today, last=today + LONGEST_WAIVER)
    found = store.find_finding(tx, finding)
    if found is None:
        raise FindingIsUnknown(finding)
    standing = store.find_submission(tx, found.submission)
    if standing is not None and standing.received is not None:
        collection = standing.received["kind"], standing.received["period"]
        if collection in store.closed_periods(tx, today=today):
            raise PeriodIsAdopted(*collection)
    changed = waived(found, reason=reason, by=caller.reporter, expires_on=expires_on)
    store.note_decision(tx, changed)
    _judge_again(tx, {found.submission})
    return _shown(changed)


def end_waivers(*, database: Database) -> None:
    """Open again what was waived until a day that is past; the submissions are judged again."""
    with database.begin() as tx:
        _judge_again(tx, store.end_waivers(tx, on=tx.now.date()))


def _judge_again(tx: Transaction, submissions: set[str]) -> None:
    if submissions:
        closed = store.closed_periods(tx, today=tx.now.date())
        outdate_submissions(tx, submissions, reason=WAIVER_CHANGED, closed=closed)


def _shown(found: Followed) -> dict[str, Any]:
    return {**vars(found), "expires_on": found.expires_on.isoformat() if found.expires_on else None}
