"""Rules over records, from their outcomes to the places that are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.evaluation.evaluating import (
    describe_place,
    items_of,
    outcome_of,
    pointer_of,
    record_index,
)
from services.validation.engine.domain.findings import RETURNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.validation.engine.domain.evaluation.codegen import Runner
    from services.validation.engine.domain.evaluation.partial_results import PartialResult
    from services.validation.engine.domain.evaluation.submissions import Submission
    from services.validation.engine.domain.findings import Place
    from services.validation.engine.domain.language.context import Context
    from services.validation.engine.domain.rules import Rule
    from services.validation.engine.domain.shapes.checks import CheckedRecord

Hit = tuple[int, int | None, str | None]
"""Where a rule failed or broke: index of the record, index in the list that it goes through, and the cause."""


class Run:
    """One run of some rules over some records. Outcomes are counted in `part`; places wait until all are counted."""

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
        """All rules over so many records without a fault, in the one function that was made for them."""
        failed = [met.append for met in self._failed]
        errored = [met.append for met in self._errored]
        counts = runner(records, self._submission.facts, self._context, failed, errored)
        for number, (places, missing, condition, nothing) in enumerate(counts):
            judged = count if self._rules[number].for_each is None else places
            met = len(self._failed[number]) + len(self._errored[number])
            tally = self._tallies[number]
            tally.passed += judged - missing - condition - met
            tally.missing += missing
            tally.condition += condition
            tally.nothing += nothing

    def evaluate_invalid(self, records: Mapping[int, CheckedRecord]) -> None:
        """Each rule by itself over each record: one that needs what is broken is skipped."""
        for index, sound in records.items():
            for number, rule in enumerate(self._rules):
                if rule.reads.isdisjoint(sound.broken):
                    self._judge(number, rule, index, sound.record)
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
        """Count all places, and those that return the submission by the records that they are in."""
        for number, rule in enumerate(self._rules):
            failed, errored = self._failed[number], self._errored[number]
            self._tallies[number].failed += len(failed)
            self._tallies[number].errored += len(errored)
            if rule.severity in RETURNING:
                where = (record_index(rule, index, at) for index, at, _ in (*failed, *errored))
                self._part.faulty.update(index for index in where if index is not None)

    def add_places(self, records: Sequence[Mapping[str, Any]], first: int = 0) -> None:
        """Describe the first places. `records` are all, of which the first has that index."""
        for number, rule in enumerate(self._rules):
            for outcome, met in (("failed", self._failed[number]), ("errored", self._errored[number])):
                for index, at, cause in sorted(met, key=_where)[
                    : self._part.remaining_places(rule.id, outcome)
                ]:
                    if cause is not None:
                        self._part.causes.setdefault(rule.id, cause)
                    place = self._place(rule, records[index - first], index, at)
                    self._part.add_places(rule.id, outcome, self._submission.locate(place))

    def _place(self, rule: Rule, record: Mapping[str, Any], index: int, at: int | None) -> Place:
        item = None if at is None else items_of(rule, record, self._context)[at]
        pointer = pointer_of(rule, index, at)
        return describe_place(rule, record, self._submission.facts, item, self._context, pointer=pointer)


def _where(met: Hit) -> tuple[int, int]:
    return met[0], met[1] or 0
