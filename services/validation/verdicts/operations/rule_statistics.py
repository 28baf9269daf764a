"""How the rules in force fare, over the verdicts that stand."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from services.validation.findings.domain.finding_lifecycle import EXCUSED
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.rulesets.domain.costs import microseconds
from services.validation.rulesets.operations.files import NAMES, file_in_force
from services.validation.verdicts.domain.rule_statistics import Fare
from services.validation.verdicts.store import rule_statistics as store_rule_statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.validation.engine.domain.rules import Rule, Ruleset
    from shared.blobs import Blobs
    from shared.database import Transaction


def rule_statistics(tx: Transaction, *, blobs: Blobs, timer: Callable[[], float]) -> list[dict[str, Any]]:
    """Each rule in force with what it found; `timer` gives seconds that only grow, to measure what a rule costs."""
    fares = _fares(tx)
    files = (file_in_force(tx, blobs=blobs, name=name, on=tx.now.date()) for name in NAMES)
    return [_statistics(rule, ruleset, fares[rule.id], timer) for ruleset in files for rule in ruleset.rules]


def _fares(tx: Transaction) -> dict[str, Fare]:
    fares: dict[str, Fare] = defaultdict(Fare)
    for reporter, rules in store_rule_statistics.standing_outcomes(tx):
        for rule, counts in rules.items():
            fares[rule].add(reporter, counts)
    for rule, state, count in lifecycle.count_exemptions(tx):
        fares[rule].excused[state] += count
    return fares


def _statistics(rule: Rule, ruleset: Ruleset, fare: Fare, timer: Callable[[], float]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "ruleset": ruleset.stamp.name,
        "version": rule.version,
        "judged": fare.judged.total(),
        "failed": fare.failed.total(),
        "errored": fare.errored,
        "share": round(fare.share, 4),
        "reporters": fare.for_reporters,
        "of_reporters": len(fare.judged),
        **{state: fare.excused[state] for state in EXCUSED},
        "microseconds": round(microseconds(rule, ruleset, timer), 2),
        "fails_everybody": fare.fails_everybody,
    }
