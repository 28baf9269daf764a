"""Translation of IATI rulesets, and their runs on IATI files."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from services.validation.iati.domain.agencies import AGENCIES
from services.validation.iati.formats.files import (
    EvaluationContext,
    SelectedNode,
    read_ruleset,
    ruleset_as_yaml,
    select_nodes,
)
from shared.clock import SystemClock


def translate_ruleset(ruleset: bytes) -> str:
    """Translate an IATI ruleset into a ruleset file. Raise RulesetIsRefused."""
    return ruleset_as_yaml(read_ruleset(ruleset))


def list_results(
    ruleset: bytes,
    activities: BinaryIO,
    *,
    now: datetime | None = None,
    publishers: Collection[str] = (),
    agencies: Collection[str] = AGENCIES,
) -> Iterator[dict[str, Any]]:
    """Run an IATI ruleset on a file of any size: yield a result for each rule and node, as the command prints them.

    `result` is True, False, or None (no condition match). `publishers` are the identifiers in the IATI Registry, which
    rules with an idCondition read. Raise RulesetIsRefused, XmlIsRefused, PathIsRefused; each is a ValueError that
    states the expected form.
    """
    context = EvaluationContext(
        now=now or SystemClock().now(), agencies=frozenset(agencies), publishers=frozenset(publishers)
    )
    return map(_result, select_nodes(read_ruleset(ruleset), activities, context))


def combine_outcomes(results: Iterable[bool | None]) -> bool | None:
    """Combine results: False if any is False, else True if any is True, else None."""
    found = set(results)
    return None if found <= {None} else False not in found


def _result(node: SelectedNode) -> dict[str, Any]:
    rule = node.rule
    return {
        "rule": rule.id,
        "kind": rule.case.kind,
        "selector": rule.case.selector,
        "case": rule.case.number,
        "node": node.node,
        "identifier": node.identifier,
        "result": combine_outcomes(rule.outcome(record) for record in node.records),
        "expected": rule.passes,
    }
