"""Large submissions are judged in chunks: in any order and any number of times, the report is that of one piece."""

import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.validation.app import SERVICE
from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.rulesets.operations import files, publishing
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.bodies import submission_facts
from services.validation.verdicts.operations.chunking import begin_judging
from services.validation.verdicts.store import tables
from shared.bus.handling import Effect
from shared.events import Event, SubmissionReceived
from shared.records.bodies import list_slices
from tests.bundled_rulesets import ruleset_for
from tests.validation.conftest import NEED, RESPONSE, submission_id, withdrawn
from tests.validation.in_process import InProcessValidation

MANY = 5_000
CHUNKS = "chunk.ready.v1"
WHOLE = "chunks.judged.v1"


class IsKilled(Exception):
    """The worker was killed before it could commit."""


def needs(count: int = MANY) -> list[dict[str, Any]]:
    """Return distinct needs: two fail a rule, one has a fault in its shape, and two share a ref."""
    records = [{**NEED, "ref": f"CT-{number:05d}"} for number in range(count)]
    records[17] = {**records[17], "estimated_cost": "a lot"}
    records[2_500] = {**records[2_500], "title": "Not Applicable"}
    records[4_999 % count] = {**records[4_999 % count], "ref": "CT-00001"}
    return records


def sound_needs(count: int) -> list[dict[str, Any]]:
    return [{**NEED, "ref": f"CT-{number:05d}"} for number in range(count)]


def begun(validation: InProcessValidation, *records: Any, **about: Any) -> SubmissionReceived:
    """Receive a submission and begin its judging; no chunk is judged."""
    event = validation.received(validation.runtime, *records, **about)
    handle(validation, event)
    return event


def handle(validation: InProcessValidation, event: Event) -> None:
    handler = next(each for each in SERVICE.handlers if each.event is type(event))
    effect = handler.handle(validation.runtime, event)
    with validation.runtime.database.begin() as tx:
        effect(tx)


def killed_in(validation: InProcessValidation, effect: Effect) -> None:
    """Run an effect and never commit it."""
    with validation.runtime.database.begin() as tx:
        effect(tx)
        tx.flush()
        raise IsKilled


def in_one_piece(event: SubmissionReceived, records: list[Any]) -> bytes:
    ruleset = ruleset_for(event.pillar)
    judged = judge(
        ruleset, submission_facts(Received.of(event.payload())), records, lambda _wanted: Snapshot()
    )
    return judged.report()


@pytest.mark.both_databases
def test_a_large_submission_has_the_report_of_one_piece(validation: InProcessValidation) -> None:
    event = validation.submit(*needs())
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())
    assert (verdict.outcome, verdict.reason) == ("returned", "first")
    assert validation.states("CT-00000") == {}


def test_chunks_may_come_in_any_order_and_twice(validation: InProcessValidation) -> None:
    event = begun(validation, *needs())
    chunks = validation.published(CHUNKS)
    assert [(each.number, each.first) for each in chunks] == [(0, 0), (1, 2_000), (2, 4_000)]
    for chunk in (chunks[2], chunks[0], chunks[2], chunks[1], chunks[0]):
        handle(validation, chunk)
    [whole] = validation.published(WHOLE)
    handle(validation, whole)
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_chunk_describes_no_place_of_a_finding_that_preceding_chunks_fill(
    validation: InProcessValidation, order: tuple[int, ...]
) -> None:
    records = [{**each, "estimated_cost": "a lot"} for each in sound_needs(MANY)]
    event = begun(validation, *records)
    chunks = validation.published(CHUNKS)
    for at in order:
        handle(validation, chunks[at])
    column = tables.metadata.tables["validation.chunks"].c
    with validation.runtime.database.read() as tx:
        parts = tx.execute(select(column.part).order_by(column.number)).scalars()
        written = [json.loads(zlib.decompress(validation.runtime.blobs.get(each))) for each in parts]
    listed = [sum(len(places) for *_, places in each["places"]) for each in written]
    assert [count > 0 for count in listed] == [True, order[0] == 2, order[0] == 2]
    validation.work()
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == in_one_piece(event, records)


def test_a_body_that_was_kept_before_records_had_lines_is_judged_in_one_piece(
    validation: InProcessValidation,
) -> None:
    event = validation.received(validation.runtime, *needs())
    body = json.dumps(json.loads(validation.runtime.blobs.get(event.body)), sort_keys=True).encode()
    assert b"\n" not in body
    with validation.runtime.database.begin() as tx:
        event = replace(event, body=validation.runtime.blobs.put(tx, body))
    validation.publish(event)
    assert validation.published(CHUNKS) == []
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())


def test_a_worker_that_is_killed_leaves_nothing_undone(validation: InProcessValidation) -> None:
    event = begun(validation, *needs())
    for chunk in validation.published(CHUNKS)[:2]:
        with pytest.raises(IsKilled):
            killed_in(validation, SERVICE.handlers[2].handle(validation.runtime, chunk))
    validation.work()
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())
    assert validation.unfinished() == []


def test_records_count_once_the_verdict_is_given_and_not_before(validation: InProcessValidation) -> None:
    begun(validation, *sound_needs(2_001))
    for chunk in validation.published(CHUNKS):
        handle(validation, chunk)
    assert validation.states("CT-00000", "CT-02000") == {}
    validation.work()
    assert validation.states("CT-00000", "CT-02000") == {"CT-00000": "in_force", "CT-02000": "in_force"}


def test_the_former_version_stands_until_a_large_one_is_judged(validation: InProcessValidation) -> None:
    validation.submit({**NEED, "ref": "CT-00000"}, {**NEED, "ref": "GONE"})
    begun(validation, *sound_needs(2_001), version=2)
    assert validation.states("CT-00000", "GONE") == {"CT-00000": "in_force", "GONE": "in_force"}
    validation.work()
    assert validation.states("CT-00000", "GONE") == {"CT-00000": "in_force", "GONE": "withdrawn"}


@pytest.mark.parametrize("comes", ["version", "withdrawal"])
def test_a_judging_that_was_overtaken_is_given_up(validation: InProcessValidation, comes: str) -> None:
    begun(validation, *sound_needs(4_001))
    first, second, third = validation.published(CHUNKS)
    handle(validation, first)
    if comes == "version":
        handle(validation, validation.received(validation.runtime, NEED, version=2))
    else:
        handle(validation, withdrawn(1, 2))
    handle(validation, second)
    handle(validation, third)
    assert validation.published(WHOLE) == []
    assert [event.version for event in validation.published()] == ([2] if comes == "version" else [])
    assert rows(validation, "judgings") == rows(validation, "chunks") == 0


@pytest.mark.both_databases
def test_the_verdict_on_a_version_that_was_overtaken_at_the_very_end_is_dropped(
    validation: InProcessValidation,
) -> None:
    begun(validation, *sound_needs(2_001))
    for chunk in validation.published(CHUNKS):
        handle(validation, chunk)
    [whole] = validation.published(WHOLE)
    late = SERVICE.handlers[3].handle(validation.runtime, whole)
    handle(validation, validation.received(validation.runtime, NEED, version=2))
    with validation.runtime.database.begin() as tx:
        late(tx)
    assert [event.version for event in validation.published()] == [2]


def rows(validation: InProcessValidation, table: str) -> int:
    counted = select(func.count()).select_from(tables.metadata.tables[f"validation.{table}"])
    with validation.runtime.database.read() as tx:
        return int(tx.execute(counted).scalar_one())


def test_rules_that_change_between_two_chunks_begin_the_judging_anew(validation: InProcessValidation) -> None:
    event = begun(validation, *sound_needs(4_001))
    handle(validation, validation.published(CHUNKS)[0])
    content = files.bundled_file("WBCTi")
    version = files.bundled_ruleset("WBCTi").stamp.version
    other = content.replace(f'version: "{version}"'.encode(), b'version: "test.1"', 1)
    with validation.runtime.database.begin() as tx:
        publishing.publish_ruleset(
            tx, blobs=validation.runtime.blobs, content=other, in_force_from=tx.now.date(), by="SECRETARIAT"
        )
    validation.work()
    [verdict] = validation.verdicts(event.submission)
    assert verdict.ruleset.startswith("WBCTi test.1+")
    assert rows(validation, "judgings") == 1


def test_a_need_that_arrives_leads_to_another_verdict_on_a_large_submission(
    validation: InProcessValidation,
) -> None:
    responses = [{**RESPONSE, "ref": f"R-{number}"} for number in range(2_001)]
    responses[0] = {**responses[0], "needs": [{"ref": "LATE", "coverage": "full"}]}
    validation.submit(NEED, number=1)
    event = validation.submit(*responses, kind="response", number=2)
    validation.submit({**NEED, "ref": "LATE"}, number=3)
    validation.tick()
    validation.tick()
    verdicts = validation.verdicts(event.submission)
    assert [(row.reason, "GEN-28" in validation.rules(row)) for row in verdicts] == [
        ("first", True),
        ("references_changed", False),
    ]
    # Only the chunk that refers to it was judged again.
    chunks = tables.metadata.tables["validation.chunks"]
    with validation.runtime.database.read() as tx:
        parts = list(tx.execute(select(chunks.c.number, chunks.c.part).distinct().order_by(chunks.c.number)))
    assert [number for number, _ in parts] == [0, 0, 1]


def test_the_same_chunk_under_the_same_rules_and_references_is_judged_once(
    validation: InProcessValidation,
) -> None:
    for number in (1, 2):
        validation.submit(*sound_needs(2_001), number=number)
    # Were it judged again, nobody would come upon a part that says otherwise than the second's.
    with validation.runtime.database.begin() as tx:
        chunks = tables.metadata.tables["validation.chunks"]
        last = chunks.c.judging == validation.published(WHOLE)[1].judging
        part = tx.execute(select(chunks.c.part).where(last, chunks.c.number == 1)).scalar_one()
        written = json.loads(zlib.decompress(validation.runtime.blobs.get(part)))
        packed = zlib.compress(json.dumps({**written, "records": 7}).encode())
        otherwise = validation.runtime.blobs.put(tx, packed)
        tx.execute(update(chunks).where(last, chunks.c.number == 1).values(part=otherwise))
    validation.submit(*sound_needs(2_001), number=3)
    [verdict] = validation.verdicts(submission_id(3))
    assert validation.report(verdict)["records"] == 2_007


def test_progress_is_told_with_every_chunk_of_a_few_and_not_much_of_many(
    validation: InProcessValidation,
) -> None:
    event = validation.submit(*sound_needs(4_001))
    told = validation.published("submission.progressed.v1")
    assert [(each.submission, each.judged, each.chunks) for each in told] == [
        (event.submission, judged, 3) for judged in (1, 2, 3)
    ]


def test_a_hundred_chunks_are_told_of_twenty_times(validation: InProcessValidation) -> None:
    event = begun(validation, *sound_needs(2_001), number=2)
    with validation.runtime.blobs.open(event.body) as body:
        slices = list_slices(body, size=20)
    assert len(slices) == 101
    with validation.runtime.database.begin() as tx:
        begin_judging(
            tx,
            blobs=validation.runtime.blobs,
            received=Received.of(event.payload()),
            reason="data_changed",
            slices=slices,
        )
    for chunk in validation.published(CHUNKS)[2:]:
        handle(validation, chunk)
    progress = [each for each in validation.published("submission.progressed.v1") if each.chunks == 101]
    assert len(progress) == 20
    assert progress[-1].judged == 101
