"""Statistics of the rules in force, over the current verdicts."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from services.validation.engine.domain.rules import Rule, Ruleset
from services.validation.findings.domain.finding_lifecycle import EXEMPTED
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.rulesets.domain.costs import measure_microseconds
from services.validation.rulesets.operations.files import NAMES, file_in_force
from services.validation.verdicts.domain.rule_statistics import RuleStatistics
from services.validation.verdicts.store.rule_statistics import list_current_outcomes
from shared.blobs import Blobs
from shared.database import Transaction
from shared.reference.days import secretariat_day


def list_rule_statistics(
    tx: Transaction, *, blobs: Blobs, timer: Callable[[], float]
) -> list[dict[str, Any]]:
    """List the statistics of each rule in force. `timer` returns growing seconds, to measure a rule's cost."""
    statistics = _collect(tx)
    files = (file_in_force(tx, blobs=blobs, name=name, on=secretariat_day(tx.now)) for name in NAMES)
    return [
        _as_dict(rule, ruleset, statistics[rule.id], timer) for ruleset in files for rule in ruleset.rules
    ]


def _collect(tx: Transaction) -> dict[str, RuleStatistics]:
    statistics: dict[str, RuleStatistics] = defaultdict(RuleStatistics)
    for reporter, rules in list_current_outcomes(tx):
        for rule, counts in rules.items():
            statistics[rule].add(reporter, counts)
    for rule, state, count in lifecycle.count_exemptions(tx):
        statistics[rule].exempted[state] += count
    return statistics


def _as_dict(
    rule: Rule, ruleset: Ruleset, statistics: RuleStatistics, timer: Callable[[], float]
) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "ruleset": ruleset.stamp.name,
        "version": rule.version,
        "judged": statistics.judged.total(),
        "failed": statistics.failed.total(),
        "errored": statistics.errored,
        "share": round(statistics.share, 4),
        "reporters": statistics.failing_reporters,
        "of_reporters": len(statistics.judged),
        **{state: statistics.exempted[state] for state in EXEMPTED},
        "microseconds": round(measure_microseconds(rule, ruleset, timer), 2),
        "fails_everybody": statistics.fails_everybody,
    }
