"""The examples of rules: records that pass, fail and are skipped, and their check."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.validation.engine.domain.evaluation.evaluating import items_of, outcome_of
from services.validation.engine.domain.evaluation.partial_results import Rows
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.references.keys import as_key
from services.validation.engine.domain.references.lookups import Snapshot, find_alike
from services.validation.engine.domain.rules import Rule, Ruleset, Shapes
from services.validation.engine.domain.shapes.checks import check_shape
from services.validation.engine.domain.shapes.wording import describe_fault
from services.validation.engine.domain.words import DEVELOPER
from shared.reference.unread import UNREAD, expected_of, message_of

BEHAVIOURS = ("passes", "fails", "skips")
_NEEDED = ("passes", "fails")

_WORDS = {"passed": "passes", "failed": "fails", "skipped": "is skipped"}
"""The outcomes of an example in words."""

_PERIODS = {"need": "2025-2026", "response": "2026", "support": "2026"}


def check_examples(ruleset: Ruleset) -> Iterator[str]:
    """Describe the examples that do not behave as stated, and the rules that lack examples."""
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
    """Describe why an example does not behave as stated. Return None if it does.

    An example has a `record` (or `records`), and optionally `submission`, `known` (kind, reporter, period,
    ref, and the state if it is not in force), `previous`, `similar`, `alike`, `former` and `unread`. An unread part of a known
    reason needs no message.
    """
    submission = example_submission(rule, ruleset.stamp.name, example)
    broken = shape_problem(ruleset.shapes, submission.kind, example)
    if broken is not None:
        return f"is not a valid record: {broken}"
    found = dict(outcomes_of_example(rule, ruleset, example))
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
    """Return the submission of an example: by default an ordinary one of Albania's structure."""
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
    """Return the records of an example."""
    records: Sequence[Any] = example["records"] if "records" in example else [example["record"]]
    return records


def shape_problem(shapes: Shapes, kind: str, example: Mapping[str, Any]) -> str | None:
    """Return the first fault in the shape of an example. Examples may omit required fields."""
    for record in example_records(example):
        for fault in check_shape(record, shapes.kinds[kind]).faults:
            if fault.rule != "STR-02" or fault.at.count("/") > 1:
                return describe_fault(fault, DEVELOPER)[0]
    return None


def outcomes_of_example(
    rule: Rule, ruleset: Ruleset, example: Mapping[str, Any]
) -> list[tuple[str, str | None]]:
    """Return each outcome of a rule for an example, and why it was skipped or broke."""
    submission = example_submission(rule, ruleset.stamp.name, example)
    return list(_outcomes(rule, ruleset.shapes, submission, example))


def _outcomes(
    rule: Rule, shapes: Shapes, submission: Submission, example: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    """Yield each outcome, and why it was skipped or broke."""
    for record, items, context in example_places(rule, shapes, submission, example):
        if not items:
            yield "skipped", None
        for item in items:
            yield outcome_of(rule, record, submission.facts, item, context)


def example_places(
    rule: Rule, shapes: Shapes, submission: Submission, example: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], Sequence[Any], Context]]:
    """Yield each record of an example with the items of the rule's list and the lookups."""
    fields = shapes.kinds[submission.kind]
    records = tuple(check_shape(record, fields).record for record in example_records(example))
    columns = {name: [record.get(name) for record in records] for name in rule.columns}
    unread = [_unread_part(part) for part in example.get("unread", ())]
    context = Context(_snapshot(example, records), columns, unread)
    whole: Mapping[str, Any] = {"records": Rows(columns, len(records))}
    for record in (whole,) if rule.is_submission_rule else records:
        yield record, items_of(rule, record, context), context


def _unread_part(written: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an unread part of an example with the texts of its reason."""
    reason, values = str(written.get("reason")), written.get("values", {})
    if reason not in UNREAD:
        return written
    texts = {"message": message_of(reason, values), "expected": expected_of(reason, values)}
    return {**texts, "bears": UNREAD[reason].bears, **written}


def _snapshot(example: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> Snapshot:
    """Return the lookups of an example. `previous`, `similar` and `alike` belong to its first record."""
    known = {
        (kind, reporter, period, as_key(ref)): state[0] if state else "in_force"
        for kind, reporter, period, ref, *state in example.get("known", ())
    }
    ref: Any = records[0].get("ref") if records else None
    return Snapshot(
        known=known,
        previous={as_key(ref): example["previous"]} if "previous" in example else {},
        similar={ref: example["similar"]} if "similar" in example else {},
        alike={}
        if ref is None
        else find_alike({"": [ref]}, [("", other) for other in example.get("alike", ())]),
        former=example.get("former", ()),
    )
