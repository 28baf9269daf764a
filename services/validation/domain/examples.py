"""Every rule brings its own examples: records that pass, fail and are skipped. Here they are put to the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.domain.functions import Context
from services.validation.domain.judging import Submission, outcome_of, places_of
from services.validation.domain.shape_checks import check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.validation.domain.rules import Rule, Ruleset, Shapes

BEHAVIOURS = ("passes", "fails", "skips")
_NEEDED = ("passes", "fails")

_PERIODS = {"need": "2025-2026", "response": "2026", "support": "2026"}


def problems_of(ruleset: Ruleset) -> Iterator[str]:
    """Say which examples do not behave, and which rules lack them."""
    for rule in ruleset.rules:
        unknown = [each for each in rule.examples if each not in BEHAVIOURS]
        yield from (f"{rule.id}: examples are {', '.join(BEHAVIOURS)}, not '{each}'" for each in unknown)
        yield from (
            f"{rule.id}: has no example that {each}" for each in _NEEDED if not rule.examples.get(each)
        )
        for behaviour in BEHAVIOURS:
            for number, example in enumerate(rule.examples.get(behaviour, ()), start=1):
                problem = example_problem(rule, ruleset, behaviour, example)
                if problem is not None:
                    yield f"{rule.id}: example {number} of '{behaviour}' {problem}"


def example_problem(rule: Rule, ruleset: Ruleset, behaviour: str, example: Mapping[str, Any]) -> str | None:
    """Why an example does not do what it says, or None.

    An example gives `record` (or `records`), and where they matter `submission` and `known`.
    """
    submission = example_submission(rule, ruleset.stamp.name, example)
    broken = shape_problem(ruleset.shapes, submission)
    if broken is not None:
        return f"is not a sound record: {broken}"
    outcomes = set(_outcomes(rule, ruleset.shapes, submission, example.get("known", ())))
    behaves = {
        "passes": "passed" in outcomes and outcomes <= {"passed", "skipped"},
        "fails": "failed" in outcomes and "errored" not in outcomes,
        "skips": outcomes == {"skipped"},
    }[behaviour]
    return None if behaves else f"is {', '.join(sorted(outcomes))}"


def example_submission(rule: Rule, ruleset: str, example: Mapping[str, Any]) -> Submission:
    """The submission around an example: an ordinary one of Albania's structure, except where it says otherwise."""
    pillar = "WBCTi" if ruleset == "general" else ruleset
    given = example.get("submission", {})
    kind = given.get("kind", rule.kinds[0])
    ordinary = {
        "pillar": pillar,
        "kind": kind,
        "period": _PERIODS[kind],
        "tlp": "TLP:AMBER",
        "reporter": f"AL-{pillar}",
        "partner": "AL",
        "received_on": "2026-11-02",
    }
    records = example["records"] if "records" in example else [example["record"]]
    return Submission(**{**ordinary, **given}, records=records)


def shape_problem(shapes: Shapes, submission: Submission) -> str | None:
    """The first fault of an example's shape; that it leaves fields out is no fault: it shows one thing only."""
    for record in submission.records:
        for fault in check_shape(record, shapes.kinds[submission.kind]).faults:
            if fault.rule != "STR-02" or fault.at.count("/") > 1:
                return fault.message
    return None


def _outcomes(
    rule: Rule, shapes: Shapes, submission: Submission, known: Sequence[Sequence[str]]
) -> Iterator[str]:
    fields = shapes.kinds[submission.kind]
    records = tuple(check_shape(record, fields).record for record in submission.records)
    keys = {(kind, reporter, period, ref) for kind, reporter, period, ref in known}
    context = Context(records, keys)
    judged: Sequence[Mapping[str, Any]] = (
        ({"records": list(records)},) if rule.level == "submission" else records
    )
    for record in judged:
        places = places_of(rule, record)
        if not places:
            yield "skipped"
        for _, item in places:
            yield outcome_of(rule, record, submission.facts, item, context)
