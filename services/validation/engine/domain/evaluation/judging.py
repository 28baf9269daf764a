"""Judging of a submission's records by its ruleset. Equal input gives a judgement with equal bytes.

Records are judged in batches, in any process and any order. `merge` combines the partial results and evaluates the
submission rules. The judgement does not depend on the number of batches.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from services.validation.engine.domain.evaluation.compiling import (
    fast_check,
    record_rules,
    record_runner,
    submission_rules,
)
from services.validation.engine.domain.evaluation.evaluating import items_of, outcome_of
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.partial_results import PartialResult, record_lookups
from services.validation.engine.domain.evaluation.runs import Run
from services.validation.engine.domain.evaluation.submissions import CheckedBatch, Submission
from services.validation.engine.domain.findings import RETURNING, Judgement
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.references.lookups import LookupRequest, Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.engine.domain.shapes.checks import CheckedRecord, check_shape
from services.validation.engine.domain.shapes.faults import Fault
from services.validation.engine.domain.shapes.structural_rules import (
    ABSENT_COLUMN,
    STRUCTURAL_RULES,
    list_absent_columns,
    locate_absent,
    locate_fault,
)

BATCH = 2_000
"""The number of records held in memory at once."""


def judge(
    ruleset: Ruleset,
    submission: Submission,
    records: Iterable[Any],
    look_up: Callable[[LookupRequest], Snapshot],
    *,
    former: Sequence[Mapping[str, Any]] = (),
) -> Judgement:
    """Judge all records. At most `BATCH` of them are held in memory at once."""
    coming, whole = iter(records), PartialResult(place_limit=submission.place_limit)
    while batch := list(islice(coming, BATCH)):
        checked = check_records(ruleset, submission, batch, first=whole.records)
        full = submission.place_limit.full_findings([whole.counts])
        whole.add(judge_records(ruleset, checked, look_up(checked.lookups), full=full))
    return merge(ruleset, submission, [whole], former=former)


def check_records(
    ruleset: Ruleset, submission: Submission, records: Iterable[Any], *, first: int = 0
) -> CheckedBatch:
    """Check the shape of records, before any rule; `first` is the index of the first record."""
    fields = ruleset.shapes.kinds[submission.kind]
    batch = list(records)
    is_valid = list(map(fast_check(ruleset, submission.kind), batch))
    faulty: dict[int, CheckedRecord] = {}
    for at in [at for at, valid in enumerate(is_valid) if not valid]:
        checked = check_shape(batch[at], fields)
        if submission.origins is not None and submission.origins.has_row(first + at):
            checked = checked.without_columns(submission.origins.lacks)
            if submission.lists_unknown_columns:
                checked = checked.without_unknown(submission.origins.headings)
        batch[at] = checked.record
        is_valid[at] = checked.is_valid
        if not checked.is_valid:
            faulty[first + at] = checked
    return CheckedBatch(submission, first, batch, is_valid, faulty)


def judge_records(
    ruleset: Ruleset,
    checked: CheckedBatch,
    snapshot: Snapshot,
    *,
    full: frozenset[tuple[str, str]] = frozenset(),
) -> PartialResult:
    """Judge checked records by all record rules.

    `full` are the findings whose places are only counted, since preceding records have as many as are listed.
    """
    submission = checked.submission
    part = PartialResult(
        records=len(checked.records),
        snapshot=record_lookups(snapshot),
        full=full,
        place_limit=submission.place_limit,
    )
    _count_faults(part, checked)
    run = Run(record_rules(ruleset, submission), submission, Context(snapshot), part)
    run.evaluate_valid(
        record_runner(ruleset, submission), checked.valid, len(checked.records) - len(checked.faulty)
    )
    run.evaluate_invalid(checked.faulty)
    run.count()
    part.resolve_limit()
    _list_faults(part, checked)
    run.list_places(checked.records, checked.first)
    for name in sorted({name for rule in submission_rules(ruleset, submission) for name in rule.columns}):
        part.columns[name] = [record.get(name) for record in checked.records]
    return part


def _count_faults(part: PartialResult, checked: CheckedBatch) -> None:
    for rule in _structural_rules(checked.submission):
        part.tally(rule).passed = len(checked.records)
    for at, record in checked.faulty.items():
        for rule in {fault.rule for fault in record.faults}:
            part.tally(rule).passed -= 1
        for fault in record.faults:
            part.tally(fault.rule).failed += 1
            if STRUCTURAL_RULES[fault.rule].severity in RETURNING:
                part.faulty[at] += 1
        if record.absent:
            _count_absent(part, checked, at, record.absent)


def _structural_rules(submission: Submission) -> list[str]:
    """Return the structural rules that judge a record: only rows of a table can lack a column."""
    return [each for each in STRUCTURAL_RULES if each != ABSENT_COLUMN or submission.words.is_table]


def _count_absent(part: PartialResult, checked: CheckedBatch, at: int, absent: Iterable[Fault]) -> None:
    """Count a record that needs columns which its table lacks. Each column is a place once, at its first record."""
    part.tally(ABSENT_COLUMN).passed -= 1
    for path, spec in (column for fault in absent for column in list_absent_columns(fault)):
        part.faulty[at] += 1
        if path not in part.absent:
            place = locate_absent(path, spec, index=at, words=checked.submission.words)
            part.absent[path] = checked.submission.locate_heading(place)


def _list_faults(part: PartialResult, checked: CheckedBatch) -> None:
    for at, record in checked.faulty.items():
        for fault in record.faults:
            if part.remaining_places(fault.rule, "failed") > 0:
                place = locate_fault(
                    fault, ref=record.record.get("ref"), index=at, words=checked.submission.words
                )
                part.add_places(fault.rule, "failed", checked.submission.locate(place))


def outcomes_by_record(
    ruleset: Ruleset, checked: CheckedBatch, snapshot: Snapshot
) -> Iterator[tuple[str, int, str, str | None]]:
    """Yield each rule's outcome at each place of each record: (rule, index of the record, outcome, reason or cause)."""
    context, facts = Context(snapshot), checked.submission.facts
    for index, record in enumerate(checked.records, checked.first):
        faulty = checked.faulty.get(index)
        broken_rules = {fault.rule for fault in faulty.faults} if faulty else set()
        if faulty is not None and faulty.absent:
            broken_rules.add(ABSENT_COLUMN)
        broken_fields = faulty.broken if faulty else frozenset()
        for rule_id in _structural_rules(checked.submission):
            yield rule_id, index, "failed" if rule_id in broken_rules else "passed", None
        for rule in record_rules(ruleset, checked.submission):
            items = items_of(rule, record, context)
            if not rule.reads.isdisjoint(broken_fields):
                yield rule.id, index, "skipped", "broken"
            elif not items:
                yield rule.id, index, "skipped", "nothing"
            else:
                for item in items:
                    yield rule.id, index, *outcome_of(rule, record, facts, item, context)
