"""Judge a received version and store its verdict: the common part of first and later verdicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.validation.engine.domain.evaluation.judging import check_records, judge_records
from services.validation.engine.domain.evaluation.merging import judgement_key, merge
from services.validation.engine.domain.findings import Judgement
from services.validation.engine.domain.references.lookups import LookupRequest, Snapshot
from services.validation.findings.domain.finding_lifecycle import FindingChanges, TrackedFinding
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.bodies import open_records
from services.validation.verdicts.store import index, submission_states, verdicts
from services.validation.verdicts.store.record_states import LookupScope
from services.validation.verdicts.store.submission_states import SubmissionState
from services.validation.verdicts.store.verdicts import VerdictRow
from shared.blobs import Blobs
from shared.bus import record
from shared.clock import iso
from shared.database import Database, Transaction
from shared.events import SubmissionAccepted, SubmissionReturned
from shared.logs import log
from shared.reference.days import secretariat_day

FIRST = "first"
DATA_CHANGED = "data_changed"
REFERENCES_CHANGED = "references_changed"
WAIVER_CHANGED = "waiver_changed"
ACCEPTED = "accepted"
NO_CHANGES = FindingChanges(new=(), found_again=(), fixed=())


class VerdictIsOvertaken(Exception):
    """Another verdict on the same version was stored first. The bus retries, on the basis of that verdict."""

    def __init__(self, submission: str, verdict: int) -> None:
        super().__init__(f"Verdict {verdict} on {submission} exists already; the version is judged again.")


@dataclass(frozen=True)
class PreparedVerdict:
    """A verdict that is not stored yet.

    `judgement` identifies the content and its basis: equal keys, equal reports. `changes` are the changes to the
    tracked findings.
    """

    outcome: str
    stamp: Mapping[str, Any]
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    rules: Mapping[str, Any]
    judgement: str
    report: bytes
    changes: FindingChanges = NO_CHANGES

    @property
    def is_accepted(self) -> bool:
        """Whether the records will count."""
        return self.outcome == ACCEPTED

    @classmethod
    def of_judgement(cls, judgement: Judgement, *, key: str) -> PreparedVerdict:
        """Prepare the verdict that follows from a judgement of the engine."""
        return cls(
            outcome=judgement.outcome,
            stamp=judgement.stamp,
            counts=judgement.counts,
            outcomes=judgement.outcomes,
            rules=judgement.rules,
            judgement=key,
            report=judgement.report(),
        )

    @classmethod
    def of_row(cls, row: VerdictRow, *, key: str, report: bytes) -> PreparedVerdict:
        """Prepare a verdict equal to a stored one on the same content."""
        return cls(
            outcome=row.outcome,
            stamp=row.stamp,
            counts=row.counts,
            outcomes=row.outcomes,
            rules=row.rules,
            judgement=key,
            report=report,
        )


def with_exemptions(
    prepared: PreparedVerdict, *, received: Received, previous: Sequence[TrackedFinding]
) -> PreparedVerdict:
    """Add the changes to the tracked findings, and mark justified and waived places, which no longer count."""
    marked = lifecycle.mark_exemptions(prepared.report, submission=received.submission, previous=previous)
    if marked is not None:
        report = json.loads(marked)
        # The key differs from that of the same content without exemptions, whose report lists other places.
        key = hashlib.sha256(f"{prepared.judgement}/".encode() + marked).hexdigest()
        prepared = replace(
            prepared, outcome=report["outcome"], counts=report["counts"], report=marked, judgement=key
        )
    changes = lifecycle.compare_findings(
        previous,
        prepared.report,
        submission=received.submission,
        reporter=received.reporter,
        version=received.version,
    )
    return replace(prepared, changes=changes)


@dataclass(frozen=True)
class IndexUpdate:
    """The records and links that enter the index with a verdict, and the states that were found."""

    lookups: LookupRequest
    snapshot: Snapshot
    claims: Mapping[str, str]
    """The order of the claims to these records, where it is not that of receipt."""


def judge_body(
    *, database: Database, blobs: Blobs, received: Received, verdict: int
) -> tuple[PreparedVerdict, IndexUpdate]:
    """Judge a body in one piece, unless the same content was judged by the same rules and references before."""
    with open_records(received, blobs=blobs) as (submission, opened):
        records = list(opened)
    with database.read() as tx:
        ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received.pillar, on=secretariat_day(tx.now))
        checked = check_records(ruleset, submission, records)
        lookups = checked.lookups
        scope = LookupScope.of(received)
        snapshot = replace(index.look_up(tx, lookups, scope), former=index.list_previous_needs(tx, scope))
        key = judgement_key(ruleset, submission, body=received.body, snapshot=snapshot.hash)
        same = verdicts.find_same_judgement(tx, key)
        previous = lifecycle.list_previous(
            tx, received.submission, is_first=(received.version, verdict) == (1, 1)
        )
    if same is not None:
        log().info("judged before", judgement=key)
        prepared = PreparedVerdict.of_row(same, key=key, report=blobs.get(same.report))
    else:
        part = judge_records(ruleset, checked, snapshot)
        judgement = merge(ruleset, submission, [part], former=snapshot.former)
        prepared = PreparedVerdict.of_judgement(judgement, key=key)
    prepared = with_exemptions(prepared, received=received, previous=previous)
    return prepared, IndexUpdate(lookups, snapshot, checked.claims)


def index_records(tx: Transaction, *, received: Received, update: IndexUpdate, counts: bool) -> None:
    """Store the links of a version, and its records if they count or may count later."""
    index.upsert_links(
        tx,
        submission=received.submission,
        version=received.version,
        lookups=update.lookups.known,
        known=update.snapshot.known,
    )
    if counts:
        index.insert_entries(tx, received=received, entries=update.lookups.entries, claims=update.claims)


def replace_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    received: Received,
    state: SubmissionState,
    last: str | None,
    reason: str,
    prepared: PreparedVerdict,
) -> bool:
    """Store the verdict that follows the current one, unless its judgement is the `last` one.

    Return False if a later version or a withdrawal came first. Raise VerdictIsOvertaken if another verdict did.
    """
    if prepared.judgement == last:
        return submission_states.clear_outdated(
            tx, submission=state.submission, version=state.version, verdict=state.verdict
        )
    verdict = state.verdict + 1
    if submission_states.advance_verdict(
        tx,
        submission=state.submission,
        version=state.version,
        verdict=verdict,
        outcome=prepared.outcome,
    ):
        store_verdict(tx, blobs=blobs, received=received, verdict=verdict, reason=reason, prepared=prepared)
        return True
    now = submission_states.find_state(tx, state.submission)
    if now is not None and now.version == state.version and not now.is_withdrawn:
        raise VerdictIsOvertaken(state.submission, verdict)
    return False


def store_verdict(
    tx: Transaction,
    *,
    blobs: Blobs,
    received: Received,
    verdict: int,
    reason: str,
    prepared: PreparedVerdict,
) -> None:
    """Store a verdict with its report and the changed findings, and announce it."""
    ruleset = prepared.stamp["ruleset"]
    row = VerdictRow(
        submission=received.submission,
        version=received.version,
        verdict=verdict,
        reporter=received.reporter,
        partner=received.partner,
        tlp=received.tlp,
        outcome=prepared.outcome,
        reason=reason,
        ruleset=f"{ruleset['name']} {ruleset['version']}",
        ruleset_hash=ruleset["hash"],
        stamp=prepared.stamp,
        counts=prepared.counts,
        outcomes=prepared.outcomes,
        rules=prepared.rules,
        report=blobs.put(tx, prepared.report),
        judgement=prepared.judgement,
        judged_at=tx.now,
    )
    verdicts.insert_verdict(tx, row)
    lifecycle.record_changes(tx, prepared.changes, version=received.version)
    event = SubmissionAccepted if prepared.is_accepted else SubmissionReturned
    record(
        tx,
        event(
            **received.facts,
            verdict=verdict,
            ruleset=row.ruleset,
            ruleset_hash=row.ruleset_hash,
            counts=dict(row.counts),
            report=row.report,
            judged_at=iso(row.judged_at),
            reason=reason,
        ),
    )
