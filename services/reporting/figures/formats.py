"""Formats: canonical bodies of submissions in, figures as CSV (RFC 4180) out."""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

OPENING = b'"records":[\n'
MAX_TAIL_BYTES = 1_000
"""The maximum number of bytes after the records: codes."""

MEASURES = ("estimated", "committed", "spent")


def read_body(body: BinaryIO) -> dict[str, Any]:
    """Read a submission's canonical body. Its records are parsed lazily, while the stream is open.

    Each record has its own line. A body stored before that convention has a single line, and is read at once.
    """
    head = body.readline()
    if not head.endswith(OPENING):
        whole: dict[str, Any] = orjson.loads(head)
        return whole
    end = body.seek(0, os.SEEK_END)
    body.seek(max(len(head), end - MAX_TAIL_BYTES))
    last_line = body.read().rpartition(b"\n")[-1]
    body.seek(len(head))
    envelope: dict[str, Any] = orjson.loads(head + last_line)
    return envelope | {"records": _records(body)}


def _records(body: BinaryIO) -> Iterator[Any]:
    for line in body:
        if line.startswith(b"]"):
            return
        yield orjson.loads(line.rstrip(b",\n"))


def aggregates_as_csv(answer: Mapping[str, Any]) -> str:
    """Write one line per group, the total and the date; amounts have one column per currency that occurs.

    One line per group and currency would invite readers to add records up twice. The footnote, if any, comes last.
    """
    rows = [*answer["rows"], answer["total"]]
    keys = [name for key in answer["group_by"] for name in _columns_of(key, answer["rows"])]
    money = _money_columns(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*keys, "records", *(f"{measure}_{currency}" for measure, currency in money)])
    for row in answer["rows"]:
        writer.writerow([*(row[key] for key in keys), *_figures(row, money)])
    if keys:
        writer.writerow(["total", *([""] * (len(keys) - 1)), *_figures(answer["total"], money)])
    writer.writerow([f"as of {answer['as_of']}" if answer["as_of"] else "no data yet"])
    if "footnote" in answer:
        writer.writerow([answer["footnote"]])
    return text.getvalue()


def _columns_of(key: str, rows: list[Mapping[str, Any]]) -> list[str]:
    return [key, f"{key}_label"] if rows and f"{key}_label" in rows[0] else [key]


def _money_columns(rows: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    currencies = sorted({amount["currency"] for row in rows for amount in row["amounts"]})
    return [(measure, currency) for currency in currencies for measure in MEASURES]


def _figures(row: Mapping[str, Any], money: list[tuple[str, str]]) -> list[Any]:
    amounts = {amount["currency"]: amount for amount in row["amounts"]}
    return [row["records"], *(amounts.get(currency, {}).get(measure, "") for measure, currency in money)]
