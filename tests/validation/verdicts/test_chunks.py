"""Large submissions are judged chunk by chunk. In whatever order, however often: the report is that of one piece."""

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
    """The worker is gone before it could commit."""


def needs(count: int = MANY) -> list[dict[str, Any]]:
    """Needs of which each is its own; a few break a rule, one breaks the shape, and two share a ref."""
    records = [{**NEED, "ref": f"CT-{number:05d}"} for number in range(count)]
    records[17] = {**records[17], "estimated_cost": "a lot"}
    records[2_500] = {**records[2_500], "title": "Not Applicable"}
    records[4_999 % count] = {**records[4_999 % count], "ref": "CT-00001"}
    return records


def sound_needs(count: int) -> list[dict[str, Any]]:
    return [{**NEED, "ref": f"CT-{number:05d}"} for number in range(count)]


def begun(desk: InProcessValidation, *records: Any, **about: Any) -> SubmissionReceived:
    """A submission that is here, and none of its chunks is judged."""
    event = desk.received(desk.runtime, *records, **about)
    handle(desk, event)
    return event


def handle(desk: InProcessValidation, event: Event) -> None:
    handler = next(each for each in SERVICE.handlers if each.event is type(event))
    effect = handler.handle(desk.runtime, event)
    with desk.runtime.database.begin() as tx:
        effect(tx)


def killed_in(desk: InProcessValidation, effect: Effect) -> None:
    """The effect is written, and never committed."""
    with desk.runtime.database.begin() as tx:
        effect(tx)
        tx.flush()
        raise IsKilled


def in_one_piece(event: SubmissionReceived, records: list[Any]) -> bytes:
    ruleset = ruleset_for(event.pillar)
    judged = judge(
        ruleset, submission_facts(Received.of(event.payload())), records, lambda _wanted: Snapshot()
    )
    return judged.report()


def test_a_large_submission_has_the_report_of_one_piece(desk: InProcessValidation) -> None:
    event = desk.hand_in(*needs())
    [verdict] = desk.verdicts(event.submission)
    assert desk.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())
    assert (verdict.outcome, verdict.reason) == ("returned", "data_changed")
    assert desk.states("CT-00000") == {}


def test_chunks_may_come_in_any_order_and_twice(desk: InProcessValidation) -> None:
    event = begun(desk, *needs())
    chunks = desk.told(CHUNKS)
    assert [(each.number, each.first) for each in chunks] == [(0, 0), (1, 2_000), (2, 4_000)]
    for chunk in (chunks[2], chunks[0], chunks[2], chunks[1], chunks[0]):
        handle(desk, chunk)
    [whole] = desk.told(WHOLE)
    handle(desk, whole)
    [verdict] = desk.verdicts(event.submission)
    assert desk.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())


def test_a_body_that_was_kept_before_records_had_lines_is_judged_in_one_piece(
    desk: InProcessValidation,
) -> None:
    event = desk.received(desk.runtime, *needs())
    body = json.dumps(json.loads(desk.runtime.blobs.get(event.body)), sort_keys=True).encode()
    assert b"\n" not in body
    with desk.runtime.database.begin() as tx:
        event = replace(event, body=desk.runtime.blobs.put(tx, body))
    desk.tell(event)
    assert desk.told(CHUNKS) == []
    [verdict] = desk.verdicts(event.submission)
    assert desk.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())


def test_a_worker_that_is_killed_leaves_nothing_undone(desk: InProcessValidation) -> None:
    event = begun(desk, *needs())
    for chunk in desk.told(CHUNKS)[:2]:
        with pytest.raises(IsKilled):
            killed_in(desk, SERVICE.handlers[2].handle(desk.runtime, chunk))
    desk.work()
    [verdict] = desk.verdicts(event.submission)
    assert desk.runtime.blobs.get(verdict.report) == in_one_piece(event, needs())
    assert desk.undone() == []


def test_records_count_once_the_verdict_is_given_and_not_before(desk: InProcessValidation) -> None:
    begun(desk, *sound_needs(2_001))
    for chunk in desk.told(CHUNKS):
        handle(desk, chunk)
    assert desk.states("CT-00000", "CT-02000") == {}
    desk.work()
    assert desk.states("CT-00000", "CT-02000") == {"CT-00000": "in_force", "CT-02000": "in_force"}


def test_the_former_version_stands_until_a_large_one_is_judged(desk: InProcessValidation) -> None:
    desk.hand_in({**NEED, "ref": "CT-00000"}, {**NEED, "ref": "GONE"})
    begun(desk, *sound_needs(2_001), version=2)
    assert desk.states("CT-00000", "GONE") == {"CT-00000": "in_force", "GONE": "in_force"}
    desk.work()
    assert desk.states("CT-00000", "GONE") == {"CT-00000": "in_force", "GONE": "withdrawn"}


@pytest.mark.parametrize("comes", ["version", "withdrawal"])
def test_a_judging_that_was_overtaken_is_given_up(desk: InProcessValidation, comes: str) -> None:
    begun(desk, *sound_needs(4_001))
    first, second, third = desk.told(CHUNKS)
    handle(desk, first)
    if comes == "version":
        handle(desk, desk.received(desk.runtime, NEED, version=2))
    else:
        handle(desk, withdrawn(1, 2))
    handle(desk, second)
    handle(desk, third)
    assert desk.told(WHOLE) == []
    assert [event.version for event in desk.told()] == ([2] if comes == "version" else [])
    assert rows(desk, "judgings") == rows(desk, "chunks") == 0


def test_the_verdict_on_a_version_that_was_overtaken_at_the_very_end_is_dropped(
    desk: InProcessValidation,
) -> None:
    begun(desk, *sound_needs(2_001))
    for chunk in desk.told(CHUNKS):
        handle(desk, chunk)
    [whole] = desk.told(WHOLE)
    late = SERVICE.handlers[3].handle(desk.runtime, whole)
    handle(desk, desk.received(desk.runtime, NEED, version=2))
    with desk.runtime.database.begin() as tx:
        late(tx)
    assert [event.version for event in desk.told()] == [2]


def rows(desk: InProcessValidation, table: str) -> int:
    counted = select(func.count()).select_from(tables.metadata.tables[f"validation.{table}"])
    with desk.runtime.database.read() as tx:
        return int(tx.execute(counted).scalar_one())


def test_rules_that_change_between_two_chunks_begin_the_judging_anew(desk: InProcessValidation) -> None:
    event = begun(desk, *sound_needs(4_001))
    handle(desk, desk.told(CHUNKS)[0])
    content = files.bundled_file("WBCTi")
    version = files.bundled_ruleset("WBCTi").stamp.version
    other = content.replace(f'version: "{version}"'.encode(), b'version: "test.1"', 1)
    with desk.runtime.database.begin() as tx:
        publishing.publish_ruleset(
            tx, blobs=desk.runtime.blobs, content=other, in_force_from=tx.now.date(), by="SECRETARIAT"
        )
    desk.work()
    [verdict] = desk.verdicts(event.submission)
    assert verdict.ruleset.startswith("WBCTi test.1+")
    assert rows(desk, "judgings") == 1


def test_a_need_that_arrives_leads_to_another_verdict_on_a_large_submission(
    desk: InProcessValidation,
) -> None:
    responses = [{**RESPONSE, "ref": f"R-{number}"} for number in range(2_001)]
    responses[0] = {**responses[0], "needs": [{"ref": "LATE", "coverage": "full"}]}
    desk.hand_in(NEED, number=1)
    event = desk.hand_in(*responses, kind="response", number=2)
    desk.hand_in({**NEED, "ref": "LATE"}, number=3)
    desk.tick()
    desk.tick()
    verdicts = desk.verdicts(event.submission)
    assert [(row.reason, "GEN-28" in desk.rules(row)) for row in verdicts] == [
        ("data_changed", True),
        ("references_changed", False),
    ]
    # Only the chunk that refers to it was judged again.
    chunks = tables.metadata.tables["validation.chunks"]
    with desk.runtime.database.read() as tx:
        parts = list(tx.execute(select(chunks.c.number, chunks.c.part).distinct().order_by(chunks.c.number)))
    assert [number for number, _ in parts] == [0, 0, 1]


def test_the_same_chunk_under_the_same_rules_and_references_is_judged_once(desk: InProcessValidation) -> None:
    for number in (1, 2):
        desk.hand_in(*sound_needs(2_001), number=number)
    # Were it judged again, nobody would come upon a part that says otherwise than the second's.
    with desk.runtime.database.begin() as tx:
        chunks = tables.metadata.tables["validation.chunks"]
        last = chunks.c.judging == desk.told(WHOLE)[1].judging
        part = tx.execute(select(chunks.c.part).where(last, chunks.c.number == 1)).scalar_one()
        written = json.loads(zlib.decompress(desk.runtime.blobs.get(part)))
        packed = zlib.compress(json.dumps({**written, "records": 7}).encode())
        otherwise = desk.runtime.blobs.put(tx, packed)
        tx.execute(update(chunks).where(last, chunks.c.number == 1).values(part=otherwise))
    desk.hand_in(*sound_needs(2_001), number=3)
    [verdict] = desk.verdicts(submission_id(3))
    assert desk.report(verdict)["records"] == 2_007


def test_progress_is_told_with_every_chunk_of_a_few_and_not_much_of_many(desk: InProcessValidation) -> None:
    event = desk.hand_in(*sound_needs(4_001))
    told = desk.told("submission.progressed.v1")
    assert [(each.submission, each.judged, each.chunks) for each in told] == [
        (event.submission, judged, 3) for judged in (1, 2, 3)
    ]


def test_a_hundred_chunks_are_told_of_twenty_times(desk: InProcessValidation) -> None:
    event = begun(desk, *sound_needs(2_001), number=2)
    with desk.runtime.blobs.open(event.body) as body:
        slices = list_slices(body, size=20)
    assert len(slices) == 101
    with desk.runtime.database.begin() as tx:
        begin_judging(
            tx,
            blobs=desk.runtime.blobs,
            received=Received.of(event.payload()),
            reason="data_changed",
            slices=slices,
        )
    for chunk in desk.told(CHUNKS)[2:]:
        handle(desk, chunk)
    progress = [each for each in desk.told("submission.progressed.v1") if each.chunks == 101]
    assert len(progress) == 20
    assert progress[-1].judged == 101
