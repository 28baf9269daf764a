"""Run a ruleset of the IATI Standard on an IATI file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from services.validation.iati.domain.agencies import AGENCIES
from services.validation.iati.formats.files import (
    EvaluationContext,
    read_iati_ruleset,
    ruleset_as_yaml,
    select_nodes,
)
from shared.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from services.validation.iati.domain.rulesets import IatiRuleset
    from services.validation.iati.formats.files import SelectedNode

__all__ = [
    "list_results",
    "combine_outcomes",
    "read_iati_ruleset",
    "ruleset_as_yaml",
    "run_ruleset",
]


def run_ruleset(
    ruleset: bytes,
    activities: bytes,
    *,
    now: datetime | None = None,
    publishers: Collection[str] = (),
    agencies: Collection[str] = AGENCIES,
) -> list[dict[str, Any]]:
    """Judge a file by an IATI ruleset: a result for each rule and node, as `iisgd rules import-iati` prints them.

    `result` is True, False, or None (no condition match). `publishers` are the identifiers in the IATI Registry, which
    rules with an idCondition ask for. Raises RulesetIsRefused, XmlIsRefused, PathIsRefused: all of them ValueErrors
    that say what would pass.
    """
    return list(
        list_results(
            read_iati_ruleset(ruleset),
            io.BytesIO(activities),
            now=now,
            publishers=publishers,
            agencies=agencies,
        )
    )


def list_results(
    ruleset: IatiRuleset,
    activities: BinaryIO,
    *,
    now: datetime | None = None,
    publishers: Collection[str] = (),
    agencies: Collection[str] = AGENCIES,
) -> Iterator[dict[str, Any]]:
    """The same, one after the other, for files of any size."""
    around = EvaluationContext(
        now=now or SystemClock().now(), agencies=frozenset(agencies), publishers=frozenset(publishers)
    )
    for judged in select_nodes(ruleset, activities, around):
        yield _result(judged)


def combine_outcomes(results: Iterable[bool | None]) -> bool | None:
    """False if one is false, else true if one is true, else None: nothing was judged."""
    found = set(results)
    return None if found <= {None} else False not in found


def _result(judged: SelectedNode) -> dict[str, Any]:
    rule = judged.rule
    outcomes: Sequence[bool | None] = [rule.outcome(record) for record in judged.records]
    return {
        "rule": rule.id,
        "kind": rule.case.kind,
        "selector": rule.case.selector,
        "case": rule.case.number,
        "node": judged.node,
        "identifier": judged.identifier,
        "result": combine_outcomes(outcomes),
        "expected": rule.passes,
    }
