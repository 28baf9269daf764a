"""Exempt findings: their reporter justifies them, or the Secretariat waives them until a date."""

from datetime import date, timedelta
from typing import Any

from services.validation.findings.domain.finding_lifecycle import TrackedFinding, justify, waive
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.verdicts.operations.judging import WAIVER_CHANGED
from services.validation.verdicts.operations.reading import VerdictIsUnknown, check_reads_findings, may_read
from services.validation.verdicts.operations.rejudging import outdate_submissions
from services.validation.verdicts.store import calendar, submission_states, verdicts
from shared.database import Database, Transaction
from shared.http.problems import RoleIsForbidden
from shared.i18n import Text
from shared.identity.callers import Caller
from shared.identity.rights import SECRETARIAT_ONLY
from shared.reference.days import secretariat_day
from shared.reference.markings import check_unclassified

MAX_WAIVER = timedelta(days=730)
"""The longest waiver: the Secretariat reviews it after two periods of needs at the latest."""


class FindingIsUnknown(LookupError):
    """The finding does not exist, or the caller may not know of it. Clients cannot tell which."""

    def __init__(self, finding: str) -> None:
        super().__init__(Text("There is no such finding."))
        self.finding = finding


class PeriodIsAdopted(Exception):
    """A waiver would change a verdict on a period that the Board has adopted."""

    def __init__(self, kind: str, period: str) -> None:
        super().__init__(
            Text(
                "The {kind} records of {period} were adopted; verdicts on them no longer change.",
                kind=kind,
                period=period,
            )
        )


class WaiverIsTooLong(ValueError):
    """A waiver ends in the past, or too late."""

    def __init__(self, expires_on: date, *, first: date, last: date) -> None:
        super().__init__(
            Text(
                "A waiver ends between {first} and {last}, not on {expires_on}.",
                first=first.isoformat(),
                last=last.isoformat(),
                expires_on=expires_on.isoformat(),
            )
        )


def list_findings(
    tx: Transaction, *, caller: Caller, submission: str, state: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """List findings on a submission by name. Raise VerdictIsUnknown for other reporters, RoleIsForbidden."""
    check_reads_findings(caller)
    row = verdicts.find_verdict(tx, submission)
    if row is None or not may_read(caller, row):
        raise VerdictIsUnknown(submission)
    found = lifecycle.list_findings(tx, submission, state=state, after=after, limit=limit)
    return [_as_dict(each) for each in found]


def justify_finding(tx: Transaction, *, caller: Caller, finding: str, text: str) -> dict[str, Any]:
    """Justify a finding on behalf of its reporter. Raise FindingIsUnknown, FindingCannotBeExempted, TextIsClassified.

    The finding no longer counts from the next verdict on, as long as the value stays the same.
    """
    found = lifecycle.find_finding(tx, finding)
    if found is None or found.reporter != caller.reporter:
        raise FindingIsUnknown(finding)
    check_unclassified(text, at="/text")
    changed = justify(found, text=text, by=caller.reporter)
    lifecycle.record_decision(tx, changed)
    return _as_dict(changed)


def waive_finding(
    tx: Transaction, *, caller: Caller, finding: str, reason: str, expires_on: date
) -> dict[str, Any]:
    """Waive a finding until a date on behalf of the Secretariat, and have the submission judged again.

    Raise RoleIsForbidden, FindingIsUnknown, FindingCannotBeExempted, PeriodIsAdopted, WaiverIsTooLong, TextIsClassified.
    """
    if caller.role not in SECRETARIAT_ONLY:
        raise RoleIsForbidden(caller.role)
    check_unclassified(reason, at="/reason")
    today = secretariat_day(tx.now)
    if not today <= expires_on <= today + MAX_WAIVER:
        raise WaiverIsTooLong(expires_on, first=today, last=today + MAX_WAIVER)
    found = lifecycle.find_finding(tx, finding)
    if found is None:
        raise FindingIsUnknown(finding)
    state = submission_states.find_state(tx, found.submission)
    if state is not None and state.received is not None:
        collection = state.received.collection
        if collection in calendar.list_closed_periods(tx, today=today):
            raise PeriodIsAdopted(*collection)
    changed = waive(found, reason=reason, by=caller.reporter, expires_on=expires_on)
    lifecycle.record_decision(tx, changed)
    _judge_again(tx, {found.submission})
    return _as_dict(changed)


def end_waivers(*, database: Database) -> None:
    """Reopen the findings whose waiver expired, and have their submissions judged again."""
    with database.begin() as tx:
        _judge_again(tx, lifecycle.reopen_expired(tx, today=secretariat_day(tx.now)))


def _judge_again(tx: Transaction, submissions: set[str]) -> None:
    if submissions:
        closed = calendar.list_closed_periods(tx, today=secretariat_day(tx.now))
        outdate_submissions(tx, submissions, reason=WAIVER_CHANGED, closed=closed)


def _as_dict(found: TrackedFinding) -> dict[str, Any]:
    return {**vars(found), "expires_on": found.expires_on.isoformat() if found.expires_on else None}
