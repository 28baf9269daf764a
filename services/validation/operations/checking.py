"""Judge a submission that was received; forget one that was withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation import formats, store
from services.validation.domain.judging import Submission, check_records, judge
from services.validation.operations.rulesets import ruleset_for
from shared.bus import record
from shared.clock import iso
from shared.events import SubmissionAccepted, SubmissionReceived, SubmissionReturned

if TYPE_CHECKING:
    from services.validation.domain.findings import Verdict
    from services.validation.domain.functions import Known
    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction

FIRST_VERDICT = 1
"""Receiving a version leads to its first verdict; the bus sees to it that it is received once."""


def check_submission(*, database: Database, blobs: Blobs, event: SubmissionReceived) -> Effect:
    """Judge what was received; the effect writes the verdict and tells of it, unless a later version came first."""
    ruleset = ruleset_for(event.pillar)
    checked = check_records(ruleset, _submission(event, formats.read_json(blobs.get(event.body))))
    verdict = judge(ruleset, checked, _known(database, checked.refers_to))
    report = verdict.report(submission=event.submission, version=event.version)
    refs = [sound.record["ref"] for sound in checked.sounds] if verdict.is_accepted else []

    def effect(tx: Transaction) -> None:
        if store.claim_version(tx, submission=event.submission, version=event.version, is_withdrawn=False):
            _give_verdict(tx, event=event, verdict=verdict, report=blobs.put(tx, report), refs=refs)

    return effect


def forget_submission(tx: Transaction, *, submission: str, version: int) -> None:
    """Take a withdrawn submission's records out of what may be referred to; none of its versions is judged again."""
    store.claim_version(tx, submission=submission, version=version, is_withdrawn=True)
    store.forget_known(tx, submission)


def _submission(event: SubmissionReceived, body: dict[str, Any]) -> Submission:
    return Submission(
        pillar=event.pillar,
        kind=event.kind,
        period=event.period,
        tlp=event.tlp,
        reporter=event.reporter,
        partner=event.partner,
        received_on=event.received_at[: len("2026-01-01")],
        records=body["records"],
    )


def _known(database: Database, wanted: frozenset[Known]) -> set[Known]:
    if not wanted:
        return set()
    with database.read() as tx:
        return store.known_among(tx, wanted)


def _give_verdict(
    tx: Transaction, *, event: SubmissionReceived, verdict: Verdict, report: str, refs: list[str]
) -> None:
    """Write the verdict, its report, what may be referred to from now on, and the event: all or nothing."""
    row = store.VerdictRow(
        submission=event.submission,
        version=event.version,
        verdict=FIRST_VERDICT,
        reporter=event.reporter,
        outcome=verdict.outcome,
        ruleset=f"{verdict.ruleset.name} {verdict.ruleset.version}",
        ruleset_hash=verdict.ruleset.hash,
        counts=verdict.counts,
        outcomes=verdict.outcomes,
        report=report,
        judged_at=tx.now,
    )
    store.add_verdict(tx, row)
    store.replace_known(
        tx,
        submission=event.submission,
        version=event.version,
        reporter=event.reporter,
        kind=event.kind,
        period=event.period,
        refs=refs,
    )
    told = SubmissionAccepted if verdict.is_accepted else SubmissionReturned
    record(
        tx,
        told(
            **event.payload(),
            verdict=row.verdict,
            ruleset=row.ruleset,
            ruleset_hash=row.ruleset_hash,
            counts=dict(row.counts),
            report=report,
            judged_at=iso(row.judged_at),
        ),
    )
