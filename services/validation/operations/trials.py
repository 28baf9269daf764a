"""Judge what may never be handed in, as things stand: nothing is kept but the report of a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation import formats, store
from services.validation.domain.engine.judging import judge
from services.validation.domain.references.lookups import Snapshot
from services.validation.operations.following import excused_report
from services.validation.operations.rulesets import ruleset_in_force
from services.validation.operations.submissions import located_submission
from shared.bus import record
from shared.clock import iso
from shared.database import ALL_ROWS
from shared.events import TrialJudged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.validation.domain.engine.submissions import Submission
    from services.validation.domain.references.lookups import Wanted
    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction
    from shared.events import TrialReceived


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
        with database.read(visible_to=ALL_ROWS) as tx:
            corrected = _corrected(tx, submission.reporter, supersedes)
            self._corrected = corrected
            self._asker = store.Asker(
                reporter=submission.reporter,
                kind=submission.kind,
                period=submission.period,
                submission=corrected or "",
            )
            self._before = store.findings_of(tx, corrected) if corrected else []
            self._former = store.former_needs(tx, self._asker)
            self.ruleset = ruleset_in_force(tx, blobs=blobs, pillar=submission.pillar, on=tx.now.date())

    def report(self, records: Iterable[Any]) -> bytes:
        """The findings report, however many records there are."""
        judgement = judge(self.ruleset, self.submission, records, self._look_up, former=self._former)
        report = judgement.report()
        return excused_report(report, {"submission": self._corrected}, self._before) or report

    def _look_up(self, wanted: Wanted) -> Snapshot:
        with self._database.read(visible_to=ALL_ROWS) as tx:
            self.snapshot = store.look_up(tx, wanted, self._asker)
        return self.snapshot


def judge_trial(*, database: Database, blobs: Blobs, event: TrialReceived) -> Effect:
    """Judge a trial in one piece; the effect keeps the report and tells of it."""
    with blobs.open(event.body) as body:
        run = DryRun(
            database=database,
            blobs=blobs,
            submission=located_submission(event.payload(), blobs=blobs, body=body),
            supersedes=event.supersedes,
        )
        written = run.report(formats.read_body(body))
    report = formats.read_json(written)
    stamp = report["stamp"]["ruleset"]

    def tell(tx: Transaction) -> None:
        record(
            tx,
            TrialJudged(
                submission=event.submission,
                version=event.version,
                outcome=report["outcome"],
                ruleset=f"{stamp['name']} {stamp['version']}",
                ruleset_hash=stamp["hash"],
                counts=report["counts"],
                report=blobs.put(tx, written),
                judged_at=iso(tx.now),
            ),
        )

    return tell


def _corrected(tx: Transaction, reporter: str, supersedes: str | None) -> str | None:
    standing = store.find_submission(tx, supersedes) if supersedes else None
    received = (standing and standing.received) or {}
    return supersedes if received.get("reporter") == reporter else None
