"""Judge what was received, and give the verdict: what a first verdict and a later one have in common."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import (
    check_records,
    judge_records,
    judgement_key,
    merge,
)
from services.validation.findings.domain.finding_lifecycle import Following
from services.validation.findings.operations.finding_lifecycle import (
    changes_by,
    excused_report,
    followed_before,
    note_changes,
)
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.formats import bodies
from services.validation.verdicts.operations.bodies import located_submission
from services.validation.verdicts.store import index, record_states, submissions, verdicts
from shared.bus import record
from shared.clock import iso
from shared.events import SubmissionAccepted, SubmissionReturned
from shared.logs import log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.validation.domain.references.lookups import Snapshot, Wanted
    from services.validation.engine.domain.findings import Judgement
    from services.validation.findings.domain.finding_lifecycle import Followed
    from shared.blobs import Blobs
    from shared.database import Database, Transaction

DATA_CHANGED = "data_changed"
REFERENCES_CHANGED = "references_changed"
WAIVER_CHANGED = "waiver_changed"
ACCEPTED = "accepted"
NOTHING_FOLLOWED = Following(new=(), standing=(), fixed=())


class VerdictIsOvertaken(Exception):
    """Another verdict on the same version came first. The bus tries again, and what is judged then is the other's heir."""

    def __init__(self, submission: str, verdict: int) -> None:
        super().__init__(f"Verdict {verdict} on {submission} was given by another; this one is judged again.")


@dataclass(frozen=True)
class Judged:
    """What a verdict will say. `judgement` names what was judged under what: equal names, equal reports.

    `changes` is what it changes in the findings that are followed.
    """

    outcome: str
    stamp: Mapping[str, Any]
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    rules: Mapping[str, Any]
    judgement: str
    report: bytes
    changes: Following = NOTHING_FOLLOWED

    @property
    def is_accepted(self) -> bool:
        """Whether the records will count."""
        return self.outcome == ACCEPTED

    @classmethod
    def by(cls, judgement: Judgement, *, name: str) -> Judged:
        """What the engine says."""
        return cls(
            outcome=judgement.outcome,
            stamp=judgement.stamp,
            counts=judgement.counts,
            outcomes=judgement.outcomes,
            rules=judgement.rules,
            judgement=name,
            report=judgement.report(),
        )

    @classmethod
    def as_before(cls, row: verdicts.VerdictRow, *, name: str, report: bytes) -> Judged:
        """What was said before about the same content."""
        return cls(
            outcome=row.outcome,
            stamp=row.stamp,
            counts=row.counts,
            outcomes=row.outcomes,
            rules=row.rules,
            judgement=name,
            report=report,
        )


def following(judged: Judged, *, received: Mapping[str, Any], before: Sequence[Followed]) -> Judged:
    """The same, with what is justified or waived marked in the report and counted no more, and what follows from it."""
    report = excused_report(judged.report, received, before)
    if report is None:
        return replace(judged, changes=changes_by(judged.report, received, before))
    told = json.loads(report)
    # Whoever has the same judged, and no excuse, is told what was judged.
    name = hashlib.sha256(f"{judged.judgement}/".encode() + report).hexdigest()
    return replace(
        judged,
        outcome=told["outcome"],
        counts=told["counts"],
        report=report,
        judgement=name,
        changes=changes_by(report, received, before),
    )


@dataclass(frozen=True)
class Indexed:
    """What goes into the index with a verdict: what the records ask for, and how it was found."""

    wanted: Wanted
    snapshot: Snapshot


def judge_body(
    *, database: Database, blobs: Blobs, received: Mapping[str, Any], verdict: int
) -> tuple[Judged, Indexed]:
    """Judge a body in one piece; what was judged before under the same rules and references is not judged again."""
    with blobs.open(received["body"]) as body:
        submission = located_submission(received, blobs=blobs, body=body)
        records = list(bodies.read_body(body))
    with database.read() as tx:
        ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received["pillar"], on=tx.now.date())
        checked = check_records(ruleset, submission, records)
        wanted = checked.wanted
        asker = record_states.Asker.of(received)
        snapshot = replace(index.look_up(tx, wanted, asker), former=index.former_needs(tx, asker))
        name = judgement_key(ruleset, submission, body=received["body"], snapshot=snapshot.hash)
        same = verdicts.find_same_judgement(tx, name)
        before = followed_before(tx, received, verdict=verdict)
    if same is not None:
        log().info("judged before", judgement=name)
        judged = Judged.as_before(same, name=name, report=blobs.get(same.report))
    else:
        part = judge_records(ruleset, checked, snapshot)
        judged = Judged.by(merge(ruleset, submission, [part], former=snapshot.former), name=name)
    return following(judged, received=received, before=before), Indexed(wanted, snapshot)


def index_records(tx: Transaction, *, received: Mapping[str, Any], indexed: Indexed, counts: bool) -> None:
    """Note what a version refers to, and, where its records count or may yet, the records themselves."""
    index.keep_links(
        tx,
        submission=received["submission"],
        version=received["version"],
        wanted=indexed.wanted.known,
        known=indexed.snapshot.known,
    )
    if counts:
        index.add_entries(tx, received=received, entries=indexed.wanted.entries)


def replace_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    received: Mapping[str, Any],
    standing: submissions.Standing,
    last: str | None,
    reason: str,
    judged: Judged,
) -> bool:
    """Give the verdict that follows the standing one, unless the same was judged; `last` names the judgement of that.

    False where a later version or a withdrawal came first; where another verdict did, VerdictIsOvertaken is raised.
    """
    if judged.judgement == last:
        return submissions.clear_outdated(
            tx, submission=standing.submission, version=standing.version, verdict=standing.verdict
        )
    verdict = standing.verdict + 1
    if submissions.advance_verdict(
        tx,
        submission=standing.submission,
        version=standing.version,
        verdict=verdict,
        outcome=judged.outcome,
    ):
        give_verdict(tx, blobs=blobs, received=received, verdict=verdict, reason=reason, judged=judged)
        return True
    now = submissions.find_submission(tx, standing.submission)
    if now is not None and now.version == standing.version and not now.is_withdrawn:
        raise VerdictIsOvertaken(standing.submission, verdict)
    return False


def give_verdict(
    tx: Transaction, *, blobs: Blobs, received: Mapping[str, Any], verdict: int, reason: str, judged: Judged
) -> None:
    """Write the verdict and its report, and tell of it: all or nothing."""
    ruleset = judged.stamp["ruleset"]
    row = verdicts.VerdictRow(
        submission=received["submission"],
        version=received["version"],
        verdict=verdict,
        reporter=received["reporter"],
        partner=received["partner"],
        tlp=received["tlp"],
        outcome=judged.outcome,
        reason=reason,
        ruleset=f"{ruleset['name']} {ruleset['version']}",
        ruleset_hash=ruleset["hash"],
        stamp=judged.stamp,
        counts=judged.counts,
        outcomes=judged.outcomes,
        rules=judged.rules,
        report=blobs.put(tx, judged.report),
        judgement=judged.judgement,
        judged_at=tx.now,
    )
    verdicts.add_verdict(tx, row)
    note_changes(tx, judged.changes, version=received["version"])
    told = SubmissionAccepted if judged.is_accepted else SubmissionReturned
    record(
        tx,
        told(
            **received,
            verdict=verdict,
            ruleset=row.ruleset,
            ruleset_hash=row.ruleset_hash,
            counts=dict(row.counts),
            report=row.report,
            judged_at=iso(row.judged_at),
            reason=reason,
        ),
    )
