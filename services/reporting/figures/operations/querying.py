"""Queries for figures, by the reader's visibility."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.reporting.figures.domain.cube import KEYS, MEASURES
from services.reporting.figures.domain.labels import sort_key
from services.reporting.figures.domain.money import decimal_text
from services.reporting.figures.domain.queries import FigureGroup, FigureQuery
from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations.presenting import applied_filters, labelled, response_body
from services.reporting.figures.store import figures, generations, outcomes
from shared.database import Transaction


def read_aggregates(
    tx: Transaction, *, reader: Reader, filters: Mapping[str, Collection[str]], group_by: Sequence[str]
) -> dict[str, Any]:
    """Return figures by group, and their total of distinct records. Raises `KindIsRestricted`.

    A total may be less than the sum of its rows: a support record counts once in each of its cells.
    """
    active = generations.get(tx).active
    kinds = reader.kinds(filters.get("kind", ()))
    markings = reader.markings(filters.get("partner", ()))
    applied = {**filters, "kind": sorted(kinds)}
    keys = tuple(key for key in KEYS if key in group_by)
    groups = figures.query(tx, active, FigureQuery(group_by=keys, filters=applied, markings=markings))
    total = figures.query(tx, active, FigureQuery(filters=applied, markings=markings)).get((), FigureGroup())
    ordered = sorted(
        groups.items(), key=lambda item: [sort_key(*pair) for pair in zip(keys, item[0], strict=True)]
    )
    body = {
        "group_by": list(keys),
        "filters": applied_filters(applied),
        "markings": sorted(markings),
        "rows": [labelled(keys, values) | _measures(group) for values, group in ordered],
        "total": _measures(total),
    }
    return response_body(outcomes.find_last_folded_at(tx), body)


def _measures(group: FigureGroup) -> dict[str, Any]:
    return {
        "records": group.records,
        "amounts": [
            {"currency": currency} | {name: decimal_text(getattr(figure, name)) for name in MEASURES}
            for currency, figure in sorted(group.amounts.items())
        ],
    }
