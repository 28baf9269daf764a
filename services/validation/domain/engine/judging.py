"""The engine: a submission's records through its ruleset, to a judgement. The same input gives the same bytes.

Records are judged part by part, in any process and any order; `merge` puts the parts together and judges what
concerns all records. In one piece or in a hundred, the judgement is the same.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.compiling import narrow_rules, narrow_runner, shape_test, wide_rules
from services.validation.domain.engine.merging import ENGINE, judgement_key, merge
from services.validation.domain.engine.parts import Part, looked_up
from services.validation.domain.engine.placing import items_of, outcome_of
from services.validation.domain.engine.runs import Run
from services.validation.domain.engine.submissions import Checked, Submission
from services.validation.domain.language.context import Context
from services.validation.domain.shapes.checks import Sound, check_shape
from services.validation.domain.shapes.structure import STRUCTURAL, place_of
from services.validation.engine.domain.findings import RETURNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from services.validation.domain.references.lookups import Snapshot, Wanted
    from services.validation.engine.domain.findings import Judgement
    from services.validation.engine.domain.rules import Ruleset

__all__ = [
    "BATCH",
    "ENGINE",
    "Checked",
    "Submission",
    "check_records",
    "judge",
    "judge_records",
    "judgement_key",
    "merge",
    "outcomes_by_record",
]

BATCH = 2_000
"""So many records are held at once."""


def judge(
    ruleset: Ruleset,
    submission: Submission,
    records: Iterable[Any],
    look_up: Callable[[Wanted], Snapshot],
    *,
    former: Sequence[Mapping[str, Any]] = (),
) -> Judgement:
    """Judge in one piece. No more than `BATCH` records are held at once, however many come."""
    coming, whole = iter(records), Part(bound=submission.bound)
    while batch := list(islice(coming, BATCH)):
        checked = check_records(ruleset, submission, batch, first=whole.records)
        whole.add(judge_records(ruleset, checked, look_up(checked.wanted), before=whole))
    return merge(ruleset, submission, [whole], former=former)


def check_records(
    ruleset: Ruleset, submission: Submission, records: Iterable[Any], *, first: int = 0
) -> Checked:
    """Check the shape of records, of which the first is number `first`: what must come before the rules."""
    fields = ruleset.shapes.kinds[submission.kind]
    seen = list(records)
    is_clean = list(map(shape_test(ruleset, submission.kind), seen))
    faulty: dict[int, Sound] = {}
    for at in [at for at, clean in enumerate(is_clean) if not clean]:
        sound = check_shape(seen[at], fields)
        seen[at] = sound.record
        is_clean[at] = not sound.faults
        if sound.faults:
            faulty[first + at] = sound
    return Checked(submission, first, seen, is_clean, faulty)


def judge_records(
    ruleset: Ruleset, checked: Checked, snapshot: Snapshot, *, before: Part | None = None
) -> Part:
    """Judge checked records by all rules that need no other record.

    Where `before` is at hand, which was found in the records before, places beyond the first are not described twice.
    """
    submission = checked.submission
    part = Part(
        records=len(checked.records), snapshot=looked_up(snapshot), before=before, bound=submission.bound
    )
    _count_faults(part, checked)
    run = Run(narrow_rules(ruleset, submission), submission, Context(snapshot), part)
    run.over_clean(
        narrow_runner(ruleset, submission), checked.clean, len(checked.records) - len(checked.faulty)
    )
    run.over_faulty(checked.faulty)
    run.count()
    part.settle()
    _tell_faults(part, checked)
    run.tell(checked.records, checked.first)
    for name in sorted({name for rule in wide_rules(ruleset, submission) for name in rule.columns}):
        part.columns[name] = [record.get(name) for record in checked.records]
    return part


def _count_faults(part: Part, checked: Checked) -> None:
    for rule in STRUCTURAL:
        part.tally(rule).passed = len(checked.records)
    for at, sound in checked.faulty.items():
        for rule in {fault.rule for fault in sound.faults}:
            part.tally(rule).passed -= 1
        for fault in sound.faults:
            part.tally(fault.rule).failed += 1
            if STRUCTURAL[fault.rule].severity in RETURNING:
                part.faulty[at] += 1


def _tell_faults(part: Part, checked: Checked) -> None:
    for at, sound in checked.faulty.items():
        for fault in sound.faults:
            if part.room(fault.rule, "failed") > 0:
                place = place_of(fault, ref=sound.record.get("ref"), index=at)
                part.tell(fault.rule, "failed", checked.submission.located(place))


def outcomes_by_record(
    ruleset: Ruleset, checked: Checked, snapshot: Snapshot
) -> Iterator[tuple[str, int, str, str | None]]:
    """Each rule's outcome at each place of each record: (rule, index of the record, outcome, why or cause)."""
    context, facts = Context(snapshot), checked.submission.facts
    for index, record in enumerate(checked.records, checked.first):
        sound = checked.faulty.get(index)
        broken_rules = {fault.rule for fault in sound.faults} if sound else set()
        broken_fields = sound.broken if sound else frozenset()
        for rule_id in STRUCTURAL:
            yield rule_id, index, "failed" if rule_id in broken_rules else "passed", None
        for rule in narrow_rules(ruleset, checked.submission):
            items = items_of(rule, record, context)
            if not rule.reads.isdisjoint(broken_fields):
                yield rule.id, index, "skipped", "broken"
            elif not items:
                yield rule.id, index, "skipped", "nothing"
            else:
                for item in items:
                    yield rule.id, index, *outcome_of(rule, record, facts, item, context)
