"""Say what the verdict on a body would be, and keep nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import check_records, judge, outcomes_by_record
from services.validation.domain.engine.submissions import Submission
from services.validation.domain.references.lookups import Snapshot
from services.validation.findings.domain.reports import Heading
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.findings.operations.reports import read_report
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.store import index, record_states, submissions
from shared.database import EVERYTHING
from shared.http import Fault, Unprocessable
from shared.reference import marking_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from services.validation.domain.references.lookups import Wanted
    from services.validation.findings.domain.reports import Report
    from shared.blobs import Blobs
    from shared.database import Database, Transaction
    from shared.http import Caller

MOST_CHECKED = 2_000
"""So many records are judged while somebody waits."""

KINDS_OF_ROLE = {"structure": ("need", "response", "support"), "member": ("response", "support")}
"""What a role reports: the same as is taken at the door."""


class MappingIsNotYours(Exception):
    """The caller's credential does not cover the mapping, so it could not be handed in either."""

    def __init__(self, what: str, covered: Sequence[str]) -> None:
        super().__init__(f"You cannot submit {what}; your credential is for {' and '.join(covered)}.")


class TextIsClassified(Exception):
    """The body carries a national or EU classification marking; it was not kept."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            f"The text at {pointer} carries the marking {marking!r}. This system takes no classified information; "
            "nothing of the body was kept. Take the classified text out, or send it through the channel meant for it."
        )


@dataclass(frozen=True)
class Handed:
    """What would be handed in, and by whom."""

    caller: Caller
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[Any]
    supersedes: str | None = None
    """The submission that it would correct."""


class DryRun:
    """One judging of which nothing is kept, by the rules in force and what was reported so far.

    `supersedes` is the submission that it would correct: its records are not held against it, and what was excused of
    it is. One of somebody else is like none.
    """

    def __init__(
        self, *, database: Database, blobs: Blobs, submission: Submission, supersedes: str | None
    ) -> None:
        self.submission = submission
        self.snapshot = Snapshot()
        """What was looked up last."""
        self._database = database
        # Rules ask about others' records too, whoever calls.
        with database.read(sees=EVERYTHING) as tx:
            corrected = _corrected(tx, submission.reporter, supersedes)
            self._corrected = corrected
            self._asker = record_states.Asker(
                reporter=submission.reporter,
                kind=submission.kind,
                period=submission.period,
                submission=corrected or "",
            )
            self._before = lifecycle.list_tracked(tx, corrected) if corrected else []
            self._former = index.former_needs(tx, self._asker)
            self.ruleset = ruleset_in_force(tx, blobs=blobs, pillar=submission.pillar, on=tx.now.date())

    def report(self, records: Iterable[Any]) -> bytes:
        """The findings report, however many records there are."""
        judgement = judge(self.ruleset, self.submission, records, self._look_up, former=self._former)
        report = judgement.report()
        return lifecycle.excused_report(report, {"submission": self._corrected}, self._before) or report

    def _look_up(self, wanted: Wanted) -> Snapshot:
        with self._database.read(sees=EVERYTHING) as tx:
            self.snapshot = index.look_up(tx, wanted, self._asker)
        return self.snapshot


def _corrected(tx: Transaction, reporter: str, supersedes: str | None) -> str | None:
    standing = submissions.find_submission(tx, supersedes) if supersedes else None
    received = (standing and standing.received) or {}
    return supersedes if received.get("reporter") == reporter else None


def check_body(
    *, database: Database, blobs: Blobs, handed: Handed, now: datetime, with_outcomes: bool
) -> tuple[Report, Heading]:
    """The report as it would be now, and what it is about.

    With outcomes, its `by_record` says how each rule came out for which records. Raises Unprocessable for too many
    records, MappingIsNotYours, TextIsClassified.
    """
    _refuse(handed)
    submission = _submission(handed, now.date())
    run = DryRun(database=database, blobs=blobs, submission=submission, supersedes=handed.supersedes)
    report = dict(read_report(run.report(handed.records)))
    if with_outcomes:
        # No more is checked than the engine judges at once: what was looked up last was for all of it.
        checked = check_records(run.ruleset, submission, handed.records)
        report["by_record"] = _by_rule(outcomes_by_record(run.ruleset, checked, run.snapshot))
    return report, _heading(submission, now)


def _submission(handed: Handed, today: date) -> Submission:
    return Submission(
        pillar=handed.pillar,
        kind=handed.kind,
        period=handed.period,
        tlp=handed.tlp,
        reporter=handed.caller.reporter,
        partner=handed.caller.partner,
        received_on=today.isoformat(),
    )


def _heading(submission: Submission, now: datetime) -> Heading:
    return Heading(
        reporter=submission.reporter,
        judged_at=now,
        pillar=submission.pillar,
        kind=submission.kind,
        period=submission.period,
        tlp=submission.tlp,
    )


def _refuse(handed: Handed) -> None:
    found = len(handed.records)
    if not 1 <= found <= MOST_CHECKED:
        message = f"A check takes 1 to {MOST_CHECKED:,} records; here are {found:,}."
        expected = f"Some of the records, {MOST_CHECKED:,} at the most; or hand in all of them: they are judged however many."
        raise Unprocessable([Fault("/records", message, expected)])
    kinds = KINDS_OF_ROLE[handed.caller.role]
    if handed.kind not in kinds:
        raise MappingIsNotYours(f"a {handed.kind}", kinds)
    if handed.pillar not in handed.caller.pillars:
        raise MappingIsNotYours(f"for {handed.pillar}", handed.caller.pillars)
    _refuse_classified(handed.records)


def _refuse_classified(records: Sequence[Any]) -> None:
    texts = list(_texts_in(records, "/records"))
    # One search over everything is the usual case; only a find is looked up text by text.
    if marking_in("\n".join(text for _, text in texts)) is None:
        return
    for pointer, text in texts:
        if (marking := marking_in(text)) is not None:
            raise TextIsClassified(marking, pointer)


def _texts_in(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, names of fields among them, with its pointer."""
    waiting = [(pointer, value)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))


def _by_rule(outcomes: Iterable[tuple[str, int, str, str | None]]) -> dict[str, dict[str, Any]]:
    """Rule -> outcome -> the indexes of the records, once for each place that was judged."""
    found: dict[str, dict[str, Any]] = {}
    for rule, index, outcome, why in outcomes:
        of_rule = found.setdefault(rule, {"passed": [], "failed": [], "skipped": {}, "errored": []})
        where = of_rule["skipped"].setdefault(why, []) if outcome == "skipped" else of_rule[outcome]
        where.append(index)
    return found
