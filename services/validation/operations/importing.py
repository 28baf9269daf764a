"""Run a ruleset of the IATI Standard on an IATI file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from services.validation.domain.iati.agencies import AGENCIES
from services.validation.formats.iati import Surroundings, nodes_of, read_iati_ruleset, ruleset_as_yaml
from shared.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from services.validation.domain.iati.rulesets import IatiRuleset
    from services.validation.formats.iati import Judged

__all__ = [
    "iati_results",
    "outcome_of_all",
    "read_iati_ruleset",
    "ruleset_as_yaml",
    "run_iati_ruleset",
]


def run_iati_ruleset(
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
        iati_results(
            read_iati_ruleset(ruleset),
            io.BytesIO(activities),
            now=now,
            publishers=publishers,
            agencies=agencies,
        )
    )


def iati_results(
    ruleset: IatiRuleset,
    activities: BinaryIO,
    *,
    now: datetime | None = None,
    publishers: Collection[str] = (),
    agencies: Collection[str] = AGENCIES,
) -> Iterator[dict[str, Any]]:
    """The same, one after the other, for files of any size."""
    around = Surroundings(
        now=now or SystemClock().now(), agencies=frozenset(agencies), publishers=frozenset(publishers)
    )
    for judged in nodes_of(ruleset, activities, around):
        yield _result(judged)


def outcome_of_all(results: Iterable[bool | None]) -> bool | None:
    """False if one is false, else true if one is true, else None: nothing was judged."""
    found = set(results)
    return None if found <= {None} else False not in found


def _result(judged: Judged) -> dict[str, Any]:
    rule = judged.rule
    outcomes: Sequence[bool | None] = [rule.outcome(record) for record in judged.records]
    return {
        "rule": rule.id,
        "kind": rule.case.kind,
        "selector": rule.case.selector,
        "case": rule.case.number,
        "node": judged.node,
        "identifier": judged.identifier,
        "result": outcome_of_all(outcomes),
        "expected": rule.passes,
    }
