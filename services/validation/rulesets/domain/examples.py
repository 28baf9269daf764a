"""Every rule brings its own examples: records that pass, fail and are skipped. Here they are put to the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.parts import Rows
from services.validation.domain.engine.placing import items_of, outcome_of
from services.validation.domain.engine.submissions import Submission
from services.validation.domain.language.context import Context
from services.validation.domain.references.lookups import Snapshot
from services.validation.domain.shapes.checks import check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.validation.engine.domain.rules import Rule, Ruleset, Shapes

BEHAVIOURS = ("passes", "fails", "skips")
_NEEDED = ("passes", "fails")

_WORDS = {"passed": "passes", "failed": "fails", "skipped": "is skipped"}
"""What an example does, in words."""

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

    An example gives `record` (or `records`), and where they matter `submission`, `known` (kind, reporter, period,
    ref, and the state if it is not in force), `previous`, `similar` and `former`.
    """
    submission = example_submission(rule, ruleset.stamp.name, example)
    broken = shape_problem(ruleset.shapes, submission.kind, example)
    if broken is not None:
        return f"is not a sound record: {broken}"
    found = dict(_outcomes(rule, ruleset.shapes, submission, example))
    outcomes = found.keys()
    behaves = {
        "passes": "passed" in outcomes and outcomes <= {"passed", "skipped"},
        "fails": "failed" in outcomes and "errored" not in outcomes,
        "skips": outcomes == {"skipped"},
    }[behaviour]
    if behaves:
        return None
    words = _WORDS | {"errored": f"breaks ({found.get('errored')})"}
    return " and ".join(words[outcome] for outcome in words if outcome in outcomes)


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
    return Submission(**{**ordinary, **given})


def example_records(example: Mapping[str, Any]) -> Sequence[Any]:
    """The records that an example shows."""
    records: Sequence[Any] = example["records"] if "records" in example else [example["record"]]
    return records


def shape_problem(shapes: Shapes, kind: str, example: Mapping[str, Any]) -> str | None:
    """The first fault of an example's shape; that it leaves fields out is no fault: it shows one thing only."""
    for record in example_records(example):
        for fault in check_shape(record, shapes.kinds[kind]).faults:
            if fault.rule != "STR-02" or fault.at.count("/") > 1:
                return fault.message
    return None


def _outcomes(
    rule: Rule, shapes: Shapes, submission: Submission, example: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    """Each outcome, and why it was skipped or broke."""
    for record, items, context in example_places(rule, shapes, submission, example):
        if not items:
            yield "skipped", None
        for item in items:
            yield outcome_of(rule, record, submission.facts, item, context)


def example_places(
    rule: Rule, shapes: Shapes, submission: Submission, example: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], Sequence[Any], Context]]:
    """What the rule judges of an example: each record, with the items that it goes through there."""
    fields = shapes.kinds[submission.kind]
    records = tuple(check_shape(record, fields).record for record in example_records(example))
    columns = {name: [record.get(name) for record in records] for name in rule.columns}
    context = Context(_snapshot(example, records), columns)
    whole: Mapping[str, Any] = {"records": Rows(columns, len(records))}
    for record in (whole,) if rule.is_wide else records:
        yield record, items_of(rule, record, context), context


def _snapshot(example: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> Snapshot:
    """What the example says is known. It speaks of one record; what was before, or is similar, is that record's."""
    known = {
        (kind, reporter, period, ref): state[0] if state else "in_force"
        for kind, reporter, period, ref, *state in example.get("known", ())
    }
    ref: Any = records[0].get("ref") if records else None
    return Snapshot(
        known=known,
        previous={ref: example["previous"]} if "previous" in example else {},
        similar={ref: example["similar"]} if "similar" in example else {},
        former=example.get("former", ()),
    )
