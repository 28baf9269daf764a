"""Judge a large submission in chunks, in any order and by any worker; then give one verdict."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.validation.engine.domain.evaluation.judging import BATCH, check_records, judge_records
from services.validation.engine.domain.evaluation.merging import judgement_key, merge
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.findings import canonical
from services.validation.engine.domain.rules import Ruleset
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.bodies import (
    read_chunk,
    read_submission,
    slice_body,
    submission_facts,
)
from services.validation.verdicts.operations.judging import (
    IndexUpdate,
    PreparedVerdict,
    index_records,
    replace_verdict,
    with_exemptions,
)
from services.validation.verdicts.store import chunks, index, submission_states, verdicts
from services.validation.verdicts.store.chunks import Judging
from services.validation.verdicts.store.record_states import LookupScope
from services.validation.verdicts.store.submission_states import SubmissionState
from shared.blobs import Blobs
from shared.bus import record
from shared.bus.handling import Effect
from shared.clock import iso
from shared.database import Database, Transaction
from shared.events import ChunkReady, ChunksJudged, SubmissionProgressed
from shared.events.submissions import LARGE_RECORDS
from shared.ids import new_id
from shared.logs import log
from shared.records.bodies import Slice
from shared.reference.days import secretariat_day

MAX_PROGRESS_EVENTS = 20
"""The maximum number of progress events of one judging."""


def slices_to_judge(received: Received, *, blobs: Blobs) -> Sequence[Slice]:
    """Return the slices in which a large body is judged, none for a body that is judged in one piece."""
    return slice_body(received, blobs=blobs, size=BATCH) if received.records > LARGE_RECORDS else ()


def begin_judging(
    tx: Transaction, *, blobs: Blobs, received: Received, reason: str, slices: Sequence[Slice]
) -> None:
    """Announce each chunk of a version, to be judged by the rules in force."""
    ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received.pillar, on=secretariat_day(tx.now))
    judging = Judging(
        judging=new_id(),
        submission=received.submission,
        version=received.version,
        reason=reason,
        basis=_basis(ruleset, received),
        chunks=len(slices),
        open=len(slices),
        begun_at=tx.now,
    )
    chunks.insert_judging(tx, judging)
    record(
        tx,
        *(
            ChunkReady(
                judging=judging.judging,
                submission=judging.submission,
                number=number,
                first=each.first,
                offset=each.offset,
                length=each.length,
            )
            for number, each in enumerate(slices)
        ),
    )


def _basis(ruleset: Ruleset, received: Received) -> str:
    """Identify the rules, code lists and engine that judge a body, without the lookups."""
    return judgement_key(ruleset, submission_facts(received), body=received.body, snapshot="")


@dataclass(frozen=True)
class _Run:
    """A judging in progress, with the version that it judges and the rules."""

    judging: Judging
    state: SubmissionState
    received: Received
    ruleset: Ruleset


def judge_chunk(*, database: Database, blobs: Blobs, event: ChunkReady) -> Effect:
    """Judge one chunk. The effect stores its part, and announces the last one."""
    run = _find_run(database, blobs, event.judging)
    if not isinstance(run, _Run):
        return run
    submission, records = read_chunk(run.received, blobs=blobs, offset=event.offset, length=event.length)
    checked = check_records(run.ruleset, submission, records, first=event.first)
    lookups = checked.lookups
    with database.read() as tx:
        snapshot = index.look_up(tx, lookups, LookupScope.of(run.received))
        content = f"{run.received.body}/{event.offset}/{event.length}"
        full = submission.place_limit.full_findings(
            chunks.list_counts(tx, event.judging, before=event.number)
        )
        if full:
            # The part lists fewer places than it would at the start of a file.
            content += "".join(f"/{rule}.{outcome}" for rule, outcome in sorted(full))
        key = judgement_key(run.ruleset, submission, body=content, snapshot=snapshot.hash)
        same = chunks.find_same_chunk(tx, key)
    written = b""
    if same is not None:
        log().info("chunk was judged before", judgement=key)
        counts = same[1]
    else:
        judged = judge_records(run.ruleset, checked, snapshot, full=full)
        written, counts = _pack(judged), judged.counts
    update = IndexUpdate(lookups, snapshot, checked.claims)

    def store_part(tx: Transaction) -> None:
        part = same[0] if same else blobs.put(tx, written)
        if chunks.insert_chunk(
            tx, judging=event.judging, number=event.number, part=part, judgement=key, counts=counts
        ):
            index_records(tx, received=run.received, update=update, counts=True)
            _close_chunk(tx, run.judging)

    return store_part


def _pack(part: PartialResult) -> bytes:
    """Compress a part. A part of a file lists many similar places and shrinks to a twentieth."""
    return zlib.compress(canonical(part.written), level=1)


def _unpack(packed: bytes) -> PartialResult:
    return PartialResult.read(json.loads(zlib.decompress(packed)))


def _close_chunk(tx: Transaction, judging: Judging) -> None:
    remaining = chunks.update_open_chunks(tx, judging.judging)
    if remaining is None:
        return
    judged = judging.chunks - remaining
    if judged * MAX_PROGRESS_EVENTS // judging.chunks > (judged - 1) * MAX_PROGRESS_EVENTS // judging.chunks:
        record(
            tx,
            SubmissionProgressed(
                submission=judging.submission,
                version=judging.version,
                judged=judged,
                chunks=judging.chunks,
                progressed_at=iso(tx.now),
            ),
        )
    if remaining == 0:
        record(tx, ChunksJudged(judging=judging.judging, submission=judging.submission))


def finish_judging(*, database: Database, blobs: Blobs, event: ChunksJudged) -> Effect:
    """Merge the parts of a judging. The effect stores the verdict as `replace_verdict` does."""
    run = _find_run(database, blobs, event.judging)
    if not isinstance(run, _Run):
        return run
    # The rules over all records are judged now, and their places are in the file too.
    submission = read_submission(run.received, blobs=blobs)
    verdict = run.state.verdict + 1
    with database.read() as tx:
        parts = chunks.list_parts(tx, event.judging)
        former = index.list_previous_needs(tx, LookupScope.of(run.received))
        last = verdicts.find_verdict(tx, event.submission) if run.state.verdict else None
        previous = lifecycle.list_previous(
            tx, event.submission, is_first=(run.received.version, verdict) == (1, 1)
        )
    judgement = merge(run.ruleset, submission, (_unpack(blobs.get(part)) for part in parts), former=former)
    key = judgement_key(run.ruleset, submission, body=run.received.body, snapshot=judgement.stamp["snapshot"])
    prepared = with_exemptions(
        PreparedVerdict.of_judgement(judgement, key=key), received=run.received, previous=previous
    )

    def give(tx: Transaction) -> None:
        replace_verdict(
            tx,
            blobs=blobs,
            received=run.received,
            state=run.state,
            last=last.judgement if last else None,
            reason=run.judging.reason,
            prepared=prepared,
        )

    return give


def _find_run(database: Database, blobs: Blobs, judging: str) -> _Run | Effect:
    """Find a judging in progress, or return the effect that replaces it.

    A judging of an outdated version is cancelled. If its basis changed, it is started again: parts that different
    rules or engines produced cannot be merged.
    """
    with database.read() as tx:
        known = chunks.find_judging(tx, judging)
        state = None if known is None else submission_states.find_state(tx, known.submission)
        if known is None or state is None:
            return _do_nothing
        received = state.received
        if received is None or state.is_withdrawn or state.version != known.version:
            return lambda tx: _cancel(tx, judging)
        ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received.pillar, on=secretariat_day(tx.now))
    if _basis(ruleset, received) == known.basis:
        return _Run(known, state, received, ruleset)
    slices = slices_to_judge(received, blobs=blobs)

    def restart(tx: Transaction) -> None:
        if chunks.delete_judging(tx, judging):
            begin_judging(tx, blobs=blobs, received=received, reason=known.reason, slices=slices)

    return restart


def _cancel(tx: Transaction, judging: str) -> None:
    chunks.delete_judging(tx, judging)


def _do_nothing(_tx: Transaction) -> None:
    """Ignore a chunk of a cancelled judging."""
