"""Judge a large submission chunk by chunk, in any order, by any worker; then give the verdict on the whole."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import (
    BATCH,
    check_records,
    judge_records,
    judgement_key,
    merge,
)
from services.validation.domain.engine.parts import Part
from services.validation.engine.domain.findings import canonical
from services.validation.findings.operations.finding_lifecycle import followed_before
from services.validation.rulesets.operations.files import ruleset_in_force
from services.validation.verdicts.formats import bodies
from services.validation.verdicts.operations.bodies import located_submission, submission_of
from services.validation.verdicts.operations.judging import (
    Indexed,
    Judged,
    following,
    index_records,
    replace_verdict,
)
from services.validation.verdicts.store import chunks, index, record_states, submissions, verdicts
from shared.bus import record
from shared.clock import iso
from shared.events import ChunkReady, ChunksJudged, SubmissionProgressed
from shared.events.submissions import LARGE_RECORDS
from shared.ids import new_id
from shared.logs import log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.validation.engine.domain.rules import Ruleset
    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction

MOST_TOLD = 20
"""Progress of one judging is told at most so often."""


def slices_to_judge(blobs: Blobs, received: Mapping[str, Any]) -> Sequence[bodies.Slice]:
    """The slices in which a large body is judged; none where it is judged in one piece."""
    if received["records"] <= LARGE_RECORDS:
        return ()
    with blobs.open(received["body"]) as body:
        return bodies.slices_of(body, size=BATCH)


def begin_judging(
    tx: Transaction,
    *,
    blobs: Blobs,
    received: Mapping[str, Any],
    reason: str,
    slices: Sequence[bodies.Slice],
) -> None:
    """Say that each chunk can be judged, by the rules in force."""
    ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received["pillar"], on=tx.now.date())
    judging = chunks.Judging(
        judging=new_id(),
        submission=received["submission"],
        version=received["version"],
        reason=reason,
        basis=_basis(ruleset, received),
        chunks=len(slices),
        open=len(slices),
        begun_at=tx.now,
    )
    chunks.begin_judging(tx, judging)
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


def _basis(ruleset: Ruleset, received: Mapping[str, Any]) -> str:
    """What a body is judged by, whatever is looked up for it."""
    return judgement_key(ruleset, submission_of(received), body=received["body"], snapshot="")


@dataclass(frozen=True)
class _Run:
    """A judging that goes on: what it judges, and by which rules."""

    judging: chunks.Judging
    standing: submissions.Standing
    received: Mapping[str, Any]
    ruleset: Ruleset


def judge_chunk(*, database: Database, blobs: Blobs, event: ChunkReady) -> Effect:
    """Judge one chunk; the effect keeps what was found, and tells of the last one that all are judged."""
    run = _find_run(database, blobs, event.judging)
    if not isinstance(run, _Run):
        return run
    with blobs.open(run.received["body"]) as body:
        submission = located_submission(run.received, blobs=blobs, body=body)
        records = bodies.read_slice(body, offset=event.offset, length=event.length)
    checked = check_records(run.ruleset, submission, records, first=event.first)
    wanted = checked.wanted
    with database.read() as tx:
        snapshot = index.look_up(tx, wanted, record_states.Asker.of(run.received))
        content = f"{run.received['body']}/{event.offset}/{event.length}"
        name = judgement_key(run.ruleset, submission, body=content, snapshot=snapshot.hash)
        same = chunks.find_same_chunk(tx, name)
    if same is not None:
        log().info("chunk was judged before", judgement=name)
    written = b"" if same else _packed(judge_records(run.ruleset, checked, snapshot))
    indexed = Indexed(wanted, snapshot)

    def keep(tx: Transaction) -> None:
        part = same or blobs.put(tx, written)
        if chunks.keep_chunk(tx, judging=event.judging, number=event.number, part=part, judgement=name):
            index_records(tx, received=run.received, indexed=indexed, counts=True)
            _close_chunk(tx, run.judging)

    return keep


def _packed(part: Part) -> bytes:
    """A part as it is kept. Of a file it tells many places, which say nearly the same: it packs to a twentieth."""
    return zlib.compress(canonical(part.written), level=1)


def _unpacked(packed: bytes) -> Part:
    return Part.read(json.loads(zlib.decompress(packed)))


def _close_chunk(tx: Transaction, judging: chunks.Judging) -> None:
    left = chunks.close_chunk(tx, judging.judging)
    if left is None:
        return
    judged = judging.chunks - left
    if judged * MOST_TOLD // judging.chunks > (judged - 1) * MOST_TOLD // judging.chunks:
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
    if left == 0:
        record(tx, ChunksJudged(judging=judging.judging, submission=judging.submission))


def judge_whole(*, database: Database, blobs: Blobs, event: ChunksJudged) -> Effect:
    """Put together what was found in the chunks; the effect gives the verdict, as `replace_verdict` says."""
    run = _find_run(database, blobs, event.judging)
    if not isinstance(run, _Run):
        return run
    with blobs.open(run.received["body"]) as body:
        # Of the rules that are judged now, those over all records have places in the file too.
        submission = located_submission(run.received, blobs=blobs, body=body)
    with database.read() as tx:
        parts = chunks.parts_of(tx, event.judging)
        former = index.former_needs(tx, record_states.Asker.of(run.received))
        last = verdicts.find_verdict(tx, event.submission) if run.standing.verdict else None
        before = followed_before(tx, run.received, verdict=run.standing.verdict + 1)
    unpacked = (_unpacked(blobs.get(part)) for part in parts)
    judgement = merge(run.ruleset, submission, unpacked, former=former)
    name = judgement_key(
        run.ruleset, submission, body=run.received["body"], snapshot=judgement.stamp["snapshot"]
    )
    judged = following(Judged.by(judgement, name=name), received=run.received, before=before)

    def give(tx: Transaction) -> None:
        replace_verdict(
            tx,
            blobs=blobs,
            received=run.received,
            standing=run.standing,
            last=last.judgement if last else None,
            reason=run.judging.reason,
            judged=judged,
        )

    return give


def _find_run(database: Database, blobs: Blobs, judging: str) -> _Run | Effect:
    """The judging, if it goes on; else what is to be done instead.

    Where a later version came, it is given up. Where it would be judged otherwise by now, it begins anew: parts that
    different rules found, or different engines, cannot be put together.
    """
    with database.read() as tx:
        known = chunks.find_judging(tx, judging)
        standing = None if known is None else submissions.find_submission(tx, known.submission)
        if known is None or standing is None:
            return _nothing
        received = standing.received
        if received is None or standing.is_withdrawn or standing.version != known.version:
            return lambda tx: _give_up(tx, judging)
        ruleset = ruleset_in_force(tx, blobs=blobs, pillar=received["pillar"], on=tx.now.date())
    if _basis(ruleset, received) == known.basis:
        return _Run(known, standing, received, ruleset)
    slices = slices_to_judge(blobs, received)

    def begin_anew(tx: Transaction) -> None:
        if chunks.give_up_judging(tx, judging):
            begin_judging(tx, blobs=blobs, received=received, reason=known.reason, slices=slices)

    return begin_anew


def _give_up(tx: Transaction, judging: str) -> None:
    chunks.give_up_judging(tx, judging)


def _nothing(_tx: Transaction) -> None:
    """What was given up is no longer anybody's business."""
