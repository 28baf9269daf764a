"""Runs of rules over records, from outcomes to listed places."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.validation.engine.domain.evaluation.codegen import Runner
from services.validation.engine.domain.evaluation.evaluating import (
    describe_place,
    items_of,
    outcome_of,
    pointer_of,
    record_index,
)
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import RETURNING, Place
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.rules import Rule
from services.validation.engine.domain.shapes.checks import CheckedRecord

Hit = tuple[int, int | None, str | None]
"""A place where a rule failed or errored: index of the record, index in the rule's list, and the cause."""


class Run:
    """One run of some rules over some records. Outcomes are counted in `part`; places are listed after all are counted."""

    def __init__(
        self, rules: Sequence[Rule], submission: Submission, context: Context, part: PartialResult
    ) -> None:
        self._rules = rules
        self._submission = submission
        self._context = context
        self._part = part
        self._tallies = [part.tally(rule.id) for rule in rules]
        self._failed: list[list[Hit]] = [[] for _ in rules]
        self._errored: list[list[Hit]] = [[] for _ in rules]

    def evaluate_valid(
        self, runner: Runner, records: Iterable[tuple[int, Mapping[str, Any]]], count: int
    ) -> None:
        """Evaluate all rules over `count` valid records with their generated function."""
        failed = [hits.append for hits in self._failed]
        errored = [hits.append for hits in self._errored]
        counts = runner(records, self._submission.facts, self._context, failed, errored)
        for number, (places, missing, condition, nothing) in enumerate(counts):
            judged = count if self._rules[number].for_each is None else places
            hits = len(self._failed[number]) + len(self._errored[number])
            tally = self._tallies[number]
            tally.passed += judged - missing - condition - hits
            tally.missing += missing
            tally.condition += condition
            tally.nothing += nothing

    def evaluate_invalid(self, records: Mapping[int, CheckedRecord]) -> None:
        """Evaluate each rule over each faulty record. Rules that read a broken field are skipped."""
        for index, checked in records.items():
            for number, rule in enumerate(self._rules):
                if rule.reads.isdisjoint(checked.broken):
                    self._judge(number, rule, index, checked.record)
                else:
                    self._tallies[number].broken += 1

    def _judge(self, number: int, rule: Rule, index: int, record: Mapping[str, Any]) -> None:
        tally = self._tallies[number]
        items = items_of(rule, record, self._context)
        tally.nothing += not items
        for at, item in enumerate(items):
            where = index, None if rule.for_each is None else at
            outcome, why = outcome_of(rule, record, self._submission.facts, item, self._context)
            if outcome == "failed":
                self._failed[number].append((*where, None))
            elif outcome == "errored":
                self._errored[number].append((*where, why))
            else:
                tally.count(why or outcome)

    def count(self) -> None:
        """Count all places, and by record those that return the submission."""
        for number, rule in enumerate(self._rules):
            failed, errored = self._failed[number], self._errored[number]
            self._tallies[number].failed += len(failed)
            self._tallies[number].errored += len(errored)
            if rule.severity in RETURNING:
                where = (record_index(rule, index, at) for index, at, _ in (*failed, *errored))
                self._part.faulty.update(index for index in where if index is not None)

    def list_places(self, records: Sequence[Mapping[str, Any]], first: int = 0) -> None:
        """Describe the first places. `records` are all records of the run; `first` is the index of the first."""
        for number, rule in enumerate(self._rules):
            for outcome, hits in (("failed", self._failed[number]), ("errored", self._errored[number])):
                for index, at, cause in sorted(hits, key=_where)[
                    : self._part.remaining_places(rule.id, outcome)
                ]:
                    if cause is not None:
                        self._part.causes.setdefault(rule.id, cause)
                    place = self._place(rule, records[index - first], index, at)
                    self._part.add_places(rule.id, outcome, self._submission.locate(place))

    def _place(self, rule: Rule, record: Mapping[str, Any], index: int, at: int | None) -> Place:
        item = None if at is None else items_of(rule, record, self._context)[at]
        pointer = pointer_of(rule, index, at)
        submission = self._submission
        return describe_place(
            rule, record, submission.facts, item, self._context, pointer=pointer, words=submission.words
        )


def _where(hit: Hit) -> tuple[int, int]:
    return hit[0], hit[1] or 0
