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
from shared.reference import KINDS


def read_aggregates(
    tx: Transaction, *, reader: Reader, filters: Mapping[str, Collection[str]], group_by: Sequence[str]
) -> dict[str, Any]:
    """Return figures by group, and their totals of distinct records, in a block per kind. Raises `KindIsRestricted`.

    A total may be less than the sum of its rows: a support record counts once in each of its cells. Kinds are never added
    up. All rows also stand together, each with its kind; so does the total, if one kind is counted.
    """
    active = generations.get(tx).active
    kinds = reader.kinds(filters.get("kind", ()))
    markings = reader.markings(filters.get("partner", ()))
    applied = {**filters, "kind": sorted(kinds)}
    keys = tuple(key for key in KEYS if key in group_by)
    by_kind = tuple(key for key in KEYS if key in (*keys, "kind"))
    groups = figures.query(tx, active, FigureQuery(group_by=by_kind, filters=applied, markings=markings))
    totals = figures.query(tx, active, FigureQuery(group_by=("kind",), filters=applied, markings=markings))
    at = by_kind.index("kind")
    ordered = sorted(
        groups.items(), key=lambda item: [sort_key(*pair) for pair in zip(by_kind, item[0], strict=True)]
    )
    blocks: list[dict[str, Any]] = [
        {
            "kind": kind,
            "rows": [
                labelled(keys, [value for key, value in zip(by_kind, values, strict=True) if key in keys])
                | _measures(group)
                for values, group in ordered
                if values[at] == kind
            ],
            "total": _measures(totals.get((kind,), FigureGroup())),
        }
        for kind in KINDS
        if kind in kinds
    ]
    body = {
        "group_by": list(keys),
        "filters": applied_filters(applied),
        "markings": sorted(markings),
        "blocks": blocks,
        "rows": [{"kind": block["kind"]} | row for block in blocks for row in block["rows"]],
    }
    if len(blocks) == 1:
        body["total"] = blocks[0]["total"]
    return response_body(outcomes.find_last_folded_at(tx), body)


def _measures(group: FigureGroup) -> dict[str, Any]:
    return {
        "records": group.records,
        "amounts": [
            {"currency": currency} | {name: decimal_text(getattr(figure, name)) for name in MEASURES}
            for currency, figure in sorted(group.amounts.items())
        ],
    }
