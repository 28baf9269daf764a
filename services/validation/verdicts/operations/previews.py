"""Preview verdicts: judge records by the rules in force and the records reported so far, and store nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.validation.engine.domain.evaluation.judging import check_records, judge, outcomes_by_record
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.references.lookups import LookupRequest, Snapshot
from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.findings.operations.reports import read_report
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.store import index, submission_states
from services.validation.verdicts.store.record_states import LookupScope
from shared.blobs import Blobs
from shared.database import ALL_ROWS, Database, Transaction
from shared.errors import FieldError, Unprocessable
from shared.http.problems import RoleIsForbidden
from shared.i18n import Text
from shared.i18n.lists import listed_and
from shared.identity.callers import Caller
from shared.identity.rights import kinds_submitted_by
from shared.reference.days import reporter_day, secretariat_day
from shared.reference.markings import check_unclassified

MAX_RECORDS = 2_000
"""The maximum number of records in a preview, which is judged within the request."""


class MappingIsNotYours(Exception):
    """The caller's credential does not cover the mapping, which it could not submit either."""

    def __init__(self, what: str, covered: Sequence[str]) -> None:
        super().__init__(
            Text(
                "You cannot submit {what}; your credential covers {covered}.",
                what=what,
                covered=listed_and(covered),
            )
        )


@dataclass(frozen=True)
class PreviewCommand:
    """The caller and the content of a preview."""

    caller: Caller
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[Any]
    supersedes: str | None = None
    """The submission that the records would correct."""


class Preview:
    """One judging that stores nothing.

    `supersedes` is the submission that the records would correct: its own records are not compared with them, and its
    exemptions apply. It is ignored if it belongs to another reporter.
    """

    def __init__(
        self, *, database: Database, blobs: Blobs, submission: Submission, supersedes: str | None
    ) -> None:
        self.submission = submission
        self.snapshot = Snapshot()
        """The result of the last lookup."""
        self._database = database
        # Rules compare with other reporters' records, which the caller may not see.
        with database.read(visible_to=ALL_ROWS) as tx:
            self._corrected = _corrected(tx, submission.reporter, supersedes)
            self._scope = LookupScope(
                reporter=submission.reporter,
                kind=submission.kind,
                period=submission.period,
                submission=self._corrected or "",
            )
            self._previous = lifecycle.list_tracked(tx, self._corrected) if self._corrected else []
            self._former = index.list_previous_needs(tx, self._scope)
            self.ruleset = ruleset_in_force(
                tx, blobs=blobs, pillar=submission.pillar, on=secretariat_day(tx.now)
            )

    def report(self, records: Iterable[Any]) -> bytes:
        """Return the findings report on any number of records."""
        judgement = judge(self.ruleset, self.submission, records, self._look_up, former=self._former)
        report = judgement.report()
        marked = lifecycle.mark_exemptions(report, submission=self._corrected, previous=self._previous)
        return marked or report

    def _look_up(self, wanted: LookupRequest) -> Snapshot:
        with self._database.read(visible_to=ALL_ROWS) as tx:
            self.snapshot = index.look_up(tx, wanted, self._scope)
        return self.snapshot


def _corrected(tx: Transaction, reporter: str, supersedes: str | None) -> str | None:
    state = submission_states.find_state(tx, supersedes) if supersedes else None
    received = state.received if state else None
    return supersedes if received is not None and received.reporter == reporter else None


def preview_verdict(
    *, database: Database, blobs: Blobs, command: PreviewCommand, now: datetime, with_outcomes: bool
) -> tuple[Report, ReportHeader]:
    """Return the report that a verdict would have now, and its header.

    With outcomes, `by_record` lists the records of each outcome of each rule. Raise Unprocessable for too many records,
    RoleIsForbidden, MappingIsNotYours, TextIsClassified.
    """
    _check(command)
    submission = _submission(command, reporter_day(command.caller.reporter, now))
    preview = Preview(database=database, blobs=blobs, submission=submission, supersedes=command.supersedes)
    report = dict(read_report(preview.report(command.records)))
    if with_outcomes:
        # A preview is no larger than a batch of the engine: the last lookup covered all of its records.
        checked = check_records(preview.ruleset, submission, command.records)
        report["by_record"] = _by_rule(outcomes_by_record(preview.ruleset, checked, preview.snapshot))
    return report, _header(submission, now)


def _submission(command: PreviewCommand, today: date) -> Submission:
    return Submission(
        pillar=command.pillar,
        kind=command.kind,
        period=command.period,
        tlp=command.tlp,
        reporter=command.caller.reporter,
        partner=command.caller.partner,
        received_on=today.isoformat(),
    )


def _header(submission: Submission, now: datetime) -> ReportHeader:
    return ReportHeader(
        reporter=submission.reporter,
        judged_at=now,
        pillar=submission.pillar,
        kind=submission.kind,
        period=submission.period,
        tlp=submission.tlp,
    )


def _check(command: PreviewCommand) -> None:
    found = len(command.records)
    if not 1 <= found <= MAX_RECORDS:
        message = f"A preview accepts 1 to {MAX_RECORDS:,} records; this body has {found:,}."
        expected = (
            f"At most {MAX_RECORDS:,} records. Submit larger bodies: submissions have no limit on records."
        )
        raise Unprocessable([FieldError("/records", message, expected)])
    kinds = kinds_submitted_by(command.caller.role)
    if not kinds:
        raise RoleIsForbidden(command.caller.role)
    if command.kind not in kinds:
        raise MappingIsNotYours(Text("{kind} records", kind=command.kind), kinds)
    if command.pillar not in command.caller.pillars:
        raise MappingIsNotYours(Text("for {pillar}", pillar=command.pillar), command.caller.pillars)
    check_unclassified(command.records, at="/records")


def _by_rule(outcomes: Iterable[tuple[str, int, str, str | None]]) -> dict[str, dict[str, Any]]:
    """Map each rule to its outcomes, and each outcome to the indexes of the records, once for each judged place."""
    found: dict[str, dict[str, Any]] = {}
    for rule, index_, outcome, why in outcomes:
        of_rule = found.setdefault(rule, {"passed": [], "failed": [], "skipped": {}, "errored": []})
        where = of_rule["skipped"].setdefault(why, []) if outcome == "skipped" else of_rule[outcome]
        where.append(index_)
    return found
