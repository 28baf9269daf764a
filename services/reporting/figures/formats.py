"""Figures as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from services.reporting.figures.domain.cube import MEASURES


def aggregates_as_csv(response: Mapping[str, Any]) -> str:
    """Write one line per group, the total and the date; amounts have one column per currency that occurs.

    One line per group and currency would invite readers to add records up twice. The footnote, if any, comes last.
    """
    rows = [*response["rows"], response["total"]]
    keys = [name for key in response["group_by"] for name in _columns_of(key, response["rows"])]
    money = _money_columns(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*keys, "records", *(f"{measure}_{currency}" for measure, currency in money)])
    for row in response["rows"]:
        writer.writerow([*(row[key] for key in keys), *_figures(row, money)])
    if keys:
        writer.writerow(["total", *([""] * (len(keys) - 1)), *_figures(response["total"], money)])
    writer.writerow([f"as of {response['as_of']}" if response["as_of"] else "no data yet"])
    if "footnote" in response:
        writer.writerow([response["footnote"]])
    return text.getvalue()


def _columns_of(key: str, rows: list[Mapping[str, Any]]) -> list[str]:
    return [key, f"{key}_label"] if rows and f"{key}_label" in rows[0] else [key]


def _money_columns(rows: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    currencies = sorted({amount["currency"] for row in rows for amount in row["amounts"]})
    return [(measure, currency) for currency in currencies for measure in MEASURES]


def _figures(row: Mapping[str, Any], money: list[tuple[str, str]]) -> list[Any]:
    amounts = {amount["currency"]: amount for amount in row["amounts"]}
    return [row["records"], *(amounts.get(currency, {}).get(measure, "") for measure, currency in money)]
