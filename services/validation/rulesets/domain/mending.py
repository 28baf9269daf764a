"""Checks that what a rule says would pass does pass: corrected failing examples, and the codes that a message offers."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.validation.engine.domain.evaluation.evaluating import outcome_of
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.messages import Expression
from services.validation.engine.domain.rules import Rule, Ruleset
from services.validation.rulesets.domain.examples import (
    example_places,
    example_problem,
    example_submission,
    outcomes_of_example,
)


def check_mended(ruleset: Ruleset) -> Iterator[str]:
    """Describe the failing examples that still fail after their correction, and the offered codes that do not pass.

    A failing example may have `mended`: the fields of its record, or the whole of its records, as the message says that
    they would pass. None removes a field.
    """
    for rule in ruleset.rules:
        for number, example in enumerate(rule.examples.get("fails", ()), start=1):
            where = f"{rule.id}: example {number} of 'fails'"
            if "mended" in example and (problem := _mended_problem(rule, ruleset, example)) is not None:
                yield f"{where}, mended, {problem}"
            for code in refused_codes(rule, ruleset, example):
                yield f"{where} offers '{code}', which does not pass"


def mended(example: Mapping[str, Any]) -> dict[str, Any]:
    """Return a failing example after its correction."""
    correction = example["mended"]
    rest = {name: value for name, value in example.items() if name != "mended"}
    if "records" in example:
        return {**rest, "records": correction}
    record = {**example["record"], **correction}
    return {**rest, "record": {name: value for name, value in record.items() if value is not None}}


def _mended_problem(rule: Rule, ruleset: Ruleset, example: Mapping[str, Any]) -> str | None:
    corrected = mended(example)
    outcomes = {outcome for outcome, _ in outcomes_of_example(rule, ruleset, corrected)}
    if outcomes == {"skipped"}:
        return example_problem(rule, ruleset, "skips", corrected)
    return example_problem(rule, ruleset, "passes", corrected)


def refused_codes(rule: Rule, ruleset: Ruleset, example: Mapping[str, Any]) -> Iterator[str]:
    """Yield the codes that the message about a failing example offers for the rule's own field, and that fail."""
    offers = [part for part in rule.expected.parts if isinstance(part, Expression) and part.offers_codes]
    if not offers or rule.is_submission_rule or not rule.place:
        return
    submission = example_submission(rule, ruleset.stamp.name, example)
    facts = submission.facts
    for record, items, context in example_places(rule, ruleset.shapes, submission, example):
        for item in items:
            if outcome_of(rule, record, facts, item, context)[0] == "failed":
                for offer in offers:
                    codes = offer.of(record, facts, item, context) or ()
                    yield from (
                        code for code in codes if not _passes(rule, record, facts, item, context, code=code)
                    )


def _passes(
    rule: Rule, record: Mapping[str, Any], facts: Mapping[str, Any], item: Any, context: Context, *, code: str
) -> bool:
    """Evaluate the rule with a code in its field. A field that holds a list or a group takes no code."""
    within = item if rule.goes_through_record else record
    if isinstance(within.get(rule.place), list | dict):
        return True
    changed = {**within, rule.place: code}
    if rule.goes_through_record:
        return outcome_of(rule, record, facts, changed, context)[0] != "failed"
    return outcome_of(rule, changed, facts, item, context)[0] != "failed"
