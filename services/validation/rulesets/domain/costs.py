"""What a rule costs, measured where it can be understood: on its own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.placing import outcome_of
from services.validation.rulesets.domain.examples import example_places, example_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.validation.domain.language.context import Context
    from services.validation.engine.domain.rules import Rule, Ruleset

    Case = tuple[Mapping[str, Any], Mapping[str, Any], Any, Context]
    """A record, its submission's facts, what the rule goes through there, and what it may look up."""

TIMES = 50
"""Judgings of each example in one round: together they take longer than a timer's step."""

ROUNDS = 5
"""The quickest counts: in the others the machine did something else, too."""


def microseconds(rule: Rule, ruleset: Ruleset, timer: Callable[[], float]) -> float:
    """How long the rule takes for one place, on average over its examples; `timer` gives seconds that only grow."""
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
