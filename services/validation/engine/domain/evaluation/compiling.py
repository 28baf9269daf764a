"""What is made of a ruleset once, so that many records can be judged by it quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.evaluation.codegen import generate_runner
from services.validation.engine.domain.shapes.fast_check import compile_fast_check

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.validation.engine.domain.evaluation.codegen import Runner
    from services.validation.engine.domain.evaluation.submissions import Submission
    from services.validation.engine.domain.rules import Rule, Ruleset


def applicable_rules(ruleset: Ruleset, submission: Submission) -> tuple[Rule, ...]:
    """The rules that are for this submission's mapping and period."""
    kind, period = submission.kind, submission.period
    rules: tuple[Rule, ...] = _kept(
        ruleset, ("rules", kind, period), lambda: ruleset.rules_for(kind=kind, period=period)
    )
    return rules


def record_rules(ruleset: Ruleset, submission: Submission) -> list[Rule]:
    """Those that judge one record at a time."""
    return [rule for rule in applicable_rules(ruleset, submission) if not rule.is_submission_rule]


def submission_rules(ruleset: Ruleset, submission: Submission) -> list[Rule]:
    """Those that judge all records together."""
    return [rule for rule in applicable_rules(ruleset, submission) if rule.is_submission_rule]


def record_runner(ruleset: Ruleset, submission: Submission) -> Runner:
    """The function that judges records by all narrow rules at once."""
    name = ("narrow", submission.kind, submission.period)
    runner: Runner = _kept(ruleset, name, lambda: generate_runner(record_rules(ruleset, submission)))
    return runner


def submission_runner(ruleset: Ruleset, submission: Submission) -> Runner:
    """The function that judges all records together by all wide rules."""
    name = ("wide", submission.kind, submission.period)
    runner: Runner = _kept(ruleset, name, lambda: generate_runner(submission_rules(ruleset, submission)))
    return runner


def fast_check(ruleset: Ruleset, kind: str) -> Callable[[Any], bool]:
    """The function that tells records without a fault; see `shape_test_of`."""
    test: Callable[[Any], bool] = _kept(
        ruleset, ("shape", kind), lambda: compile_fast_check(ruleset.shapes.kinds[kind])
    )
    return test


def _kept(ruleset: Ruleset, name: tuple[str, ...], make: Callable[[], Any]) -> Any:
    if name not in ruleset.compiled:
        ruleset.compiled[name] = make()
    return ruleset.compiled[name]
