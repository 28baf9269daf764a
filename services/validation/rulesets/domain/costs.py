"""The cost of a rule, measured on its own examples."""

from collections.abc import Callable, Mapping
from typing import Any

from services.validation.engine.domain.evaluation.evaluating import outcome_of
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.rules import Rule, Ruleset
from services.validation.rulesets.domain.examples import example_places, example_submission

Case = tuple[Mapping[str, Any], Mapping[str, Any], Any, Context]
"""A record, its submission's facts, an item of the rule's list, and the lookups."""


TIMES = 50
"""The number of judgings of each example in one round. Together they take longer than the timer's resolution."""

ROUNDS = 5
"""The number of rounds. The fastest counts, since other work slows the others down."""


def measure_microseconds(rule: Rule, ruleset: Ruleset, timer: Callable[[], float]) -> float:
    """Measure the average time for one place of the rule's examples. `timer` returns growing seconds."""
    cases: list[Case] = []
    for example in (each for examples in rule.examples.values() for each in examples):
        submission = example_submission(rule, ruleset.stamp.name, example)
        cases += [
            (record, submission.facts, item, context)
            for record, items, context in example_places(rule, ruleset.shapes, submission, example)
            for item in items
        ]
    quickest = min(_seconds(rule, cases, timer) for _ in range(ROUNDS))
    return quickest / (TIMES * max(len(cases), 1)) * 1e6


def _seconds(rule: Rule, cases: list[Case], timer: Callable[[], float]) -> float:
    began = timer()
    for _ in range(TIMES):
        for case in cases:
            outcome_of(rule, *case)
    return timer() - began
