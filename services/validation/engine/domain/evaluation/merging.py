"""Merging of partial results into a judgement, and evaluation of the submission rules."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.validation.engine.domain.evaluation.compiling import (
    applicable_rules,
    submission_rules,
    submission_runner,
)
from services.validation.engine.domain.evaluation.partial_results import PartialResult, Rows, Tally
from services.validation.engine.domain.evaluation.runs import Run
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import (
    OUTCOMES,
    RETURNING,
    SEVERITIES,
    Finding,
    Judgement,
    canonical,
    returns_submission,
)
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.engine.domain.shapes.structural_rules import ABSENT_COLUMN, STRUCTURAL_RULES
from shared.reference import codelists_hash
from shared.reference.findings import unread_texts

ENGINE = "5"
"""The engine's version. Raise it whenever the same records and rules would give another judgement or report."""


def merge(
    ruleset: Ruleset,
    submission: Submission,
    parts: Iterable[PartialResult],
    *,
    former: Sequence[Mapping[str, Any]] = (),
) -> Judgement:
    """Merge partial results, in the order of their records, and evaluate the submission rules.

    `former` are the reporter's open needs of the previous period.
    """
    whole = PartialResult(place_limit=submission.place_limit)
    for part in parts:
        whole.add(part)
    whole.tally(ABSENT_COLUMN).failed = len(whole.absent)
    whole.add_places(ABSENT_COLUMN, "failed", *whole.absent.values())
    combined = [{"records": Rows(whole.columns, whole.records)}]
    unread = (
        [{**part, **unread_texts(part)} for part in submission.account.unread] if submission.account else ()
    )
    context = Context(Snapshot(former=former), whole.columns, unread)
    run = Run(submission_rules(ruleset, submission), submission, context, whole)
    run.evaluate_valid(submission_runner(ruleset, submission), enumerate(combined), len(combined))
    run.count()
    whole.resolve_limit()
    run.list_places(combined)
    looked_up = {
        "known": {},
        "previous": {},
        "similar": {},
        "alike": {},
        **whole.snapshot,
        "former": list(former),
    }
    return _judgement(ruleset, submission, whole, hashlib.sha256(canonical(looked_up)).hexdigest())


def judgement_key(ruleset: Ruleset, submission: Submission, *, body: str, snapshot: str) -> str:
    """Name a judgement by its input: equal names, equal reports. `body` and `snapshot` are sha-256."""
    return hashlib.sha256(canonical((body, submission.facts, _stamp(ruleset, snapshot)))).hexdigest()


def _stamp(ruleset: Ruleset, snapshot: str) -> dict[str, Any]:
    return {
        "ruleset": dict(vars(ruleset.stamp)),
        "codelists": codelists_hash(),
        "engine": ENGINE,
        "snapshot": snapshot,
    }


def _judgement(ruleset: Ruleset, submission: Submission, whole: PartialResult, snapshot: str) -> Judgement:
    findings = tuple(_findings(ruleset, submission, whole))
    faulty = sorted(whole.faulty)
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += finding.count
    ids = [*STRUCTURAL_RULES, *(rule.id for rule in applicable_rules(ruleset, submission))]
    total = Tally()
    for each in ids:
        total.add(whole.tally(each))
    return Judgement(
        outcome="returned" if any(counts[each] for each in RETURNING) else "accepted",
        records=whole.records,
        stamp=_stamp(ruleset, snapshot),
        counts=counts,
        outcomes={name: getattr(total, name) for name in OUTCOMES},
        rules={each: whole.tally(each).written for each in ids},
        findings=findings,
        faulty=faulty,
        faulty_places=[whole.faulty[index] for index in faulty],
        whole=returns_submission(vars(finding) for finding in findings),
        reading=submission.account.overview if submission.account else None,
    )


def _findings(ruleset: Ruleset, submission: Submission, whole: PartialResult) -> Iterator[Finding]:
    """Yield the findings of each rule in the order of the rules, structural rules first."""
    for each, structural in STRUCTURAL_RULES.items():
        if count := whole.tally(each).failed:
            yield Finding(
                rule=each,
                version=ENGINE,
                title=structural.title,
                severity=structural.severity,
                outcome="failed",
                why=structural.why,
                reference="",
                count=count,
                places=tuple(whole.places[each, "failed"]),
            )
    for rule in applicable_rules(ruleset, submission):
        tally = whole.tally(rule.id)
        for outcome, count in (("failed", tally.failed), ("errored", tally.errored)):
            if count:
                yield Finding(
                    rule=rule.id,
                    version=rule.version,
                    title=rule.title,
                    severity=rule.severity,
                    outcome=outcome,
                    why=rule.why,
                    reference=rule.reference,
                    count=count,
                    places=tuple(whole.places[rule.id, outcome]),
                    cause=whole.causes.get(rule.id) if outcome == "errored" else None,
                    translations=rule.translations,
                )
