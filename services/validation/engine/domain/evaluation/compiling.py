"""Compilation of rulesets. Each result is cached on the ruleset, so that many records are judged fast."""

from collections.abc import Callable
from typing import Any

from services.validation.engine.domain.evaluation.codegen import Runner, generate_runner
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.rules import Rule, Ruleset
from services.validation.engine.domain.shapes.fast_check import compile_fast_check


def applicable_rules(ruleset: Ruleset, submission: Submission) -> tuple[Rule, ...]:
    """Return the rules for this submission's kind and period."""
    kind, period = submission.kind, submission.period
    rules: tuple[Rule, ...] = _cached(
        ruleset, ("rules", kind, period), lambda: ruleset.rules_for(kind=kind, period=period)
    )
    return rules


def record_rules(ruleset: Ruleset, submission: Submission) -> list[Rule]:
    """Return the rules that are evaluated for each record."""
    return [rule for rule in applicable_rules(ruleset, submission) if not rule.is_submission_rule]


def submission_rules(ruleset: Ruleset, submission: Submission) -> list[Rule]:
    """Return the rules that are evaluated once for all records."""
    return [rule for rule in applicable_rules(ruleset, submission) if rule.is_submission_rule]


def record_runner(ruleset: Ruleset, submission: Submission) -> Runner:
    """Return the function that evaluates all record rules."""
    name = ("record", submission.kind, submission.period)
    runner: Runner = _cached(ruleset, name, lambda: generate_runner(record_rules(ruleset, submission)))
    return runner


def submission_runner(ruleset: Ruleset, submission: Submission) -> Runner:
    """Return the function that evaluates all submission rules."""
    name = ("submission", submission.kind, submission.period)
    runner: Runner = _cached(ruleset, name, lambda: generate_runner(submission_rules(ruleset, submission)))
    return runner


def fast_check(ruleset: Ruleset, kind: str) -> Callable[[Any], bool]:
    """Return the fast check of the kind's shape; see `compile_fast_check`."""
    check: Callable[[Any], bool] = _cached(
        ruleset, ("shape", kind), lambda: compile_fast_check(ruleset.shapes.kinds[kind])
    )
    return check


def _cached(ruleset: Ruleset, name: tuple[str, ...], make: Callable[[], Any]) -> Any:
    if name not in ruleset.compiled:
        ruleset.compiled[name] = make()
    return ruleset.compiled[name]
