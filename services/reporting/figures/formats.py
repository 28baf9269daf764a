"""Figures as CSV (RFC 4180), and their totals as the value of a header."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from services.reporting.figures.domain.cube import MEASURES_OF
from services.reporting.figures.domain.labels import LABELLED
from shared.documents.formulas import escape_formula


def aggregates_as_csv(response: Mapping[str, Any]) -> str:
    """Write one line per figure: the kind, the keys of its group, the measure, the currency and the value.

    Without keys, the figures are the totals. Figures of different measures or currencies must not be added up.
    """
    keys = response["group_by"]
    columns = [name for key in keys for name in ((key, f"{key}_label") if key in LABELLED else (key,))]
    if "kind" not in keys:
        columns = ["kind", *columns]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*columns, "measure", "currency", "value"])
    for block in response["blocks"]:
        kind = block["kind"]
        for row in block["rows"] if keys else [block["total"]]:
            group = [escape_formula(str({"kind": kind, **row}[name])) for name in columns]
            writer.writerows([*group, *figure] for figure in _figures(kind, row))
    return text.getvalue()


def _figures(kind: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield the measures of a group that its kind has, each with its currency and value."""
    yield "records", "", row["records"]
    for amount in row["amounts"]:
        for measure in MEASURES_OF[kind]:
            yield measure, amount["currency"], amount[measure]


def totals_as_text(response: Mapping[str, Any]) -> str:
    """Return the totals as a list of kinds with parameters: `need;records=2;estimated="9.00 EUR"`."""
    return ", ".join(_total(block["kind"], block["total"]) for block in response["blocks"])


def _total(kind: str, total: Mapping[str, Any]) -> str:
    money = [
        f'{measure}="{", ".join(sums)}"'
        for measure in MEASURES_OF[kind]
        if (sums := [f"{amount[measure]} {amount['currency']}" for amount in total["amounts"]])
    ]
    return ";".join([kind, f"records={total['records']}", *money])
