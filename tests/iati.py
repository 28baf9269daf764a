"""Real aid activities as support submissions. The rows lie beside the project and are never copied into it."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "iati_wb_security_sample.csv"

MEMBERS = {
    "European Commission": "EC",
    "Germany": "DE",
    "Switzerland": "CH",
    "Netherlands": "NL",
    "UK - ": "UK",
    "International Organization for Migration": "IOM",
    "Slovenia": "SI",
    "AICS": "IT",
}
"""The reporter of a row, by the beginning of its organisation's name; the EC submits rows of no member."""

PILLARS = {"152": "WBCTi", "15190": "WBBSi", "15136": "WBBSi"}
"""The pillar for a purpose code, by its beginning; all other codes are serious crime."""

FIRST_PERIOD = "2000"
"""The first year of support; the few activities that began earlier are submitted for this year."""

ROWS_IN_SUBMISSION = 50


@dataclass(frozen=True)
class SampleSubmission:
    """A submission of real rows, and its reporter."""

    reporter: str
    body: dict[str, Any]


def submissions() -> Iterator[SampleSubmission]:
    """Yield submissions that contain every row exactly once."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    with SAMPLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            groups[_reporter(row), _pillar(row), _period(row)].append(_record(row))
    for (reporter, pillar, year), records in sorted(groups.items()):
        for start in range(0, len(records), ROWS_IN_SUBMISSION):
            chunk = records[start : start + ROWS_IN_SUBMISSION]
            body = {"pillar": pillar, "kind": "support", "period": year, "tlp": "TLP:CLEAR", "records": chunk}
            yield SampleSubmission(reporter, body)


def _reporter(row: dict[str, str]) -> str:
    name = row["reporting_org"]
    return next((code for start, code in MEMBERS.items() if name.startswith(start)), "EC")


def _pillar(row: dict[str, str]) -> str:
    first = row["sector_code"].split(";")[0]
    return next((pillar for start, pillar in PILLARS.items() if first.startswith(start)), "WBCSCi")


def _period(row: dict[str, str]) -> str:
    return max(row["start"][:4], FIRST_PERIOD)


def _record(row: dict[str, str]) -> dict[str, Any]:
    sectors = [code for code in row["sector_code"].split(";") if code]
    record: dict[str, Any] = {
        "ref": f"{row['iati_identifier']}/{row['recipient_country']}"[-100:],
        "title": row["title"],
        "support_type": "technical_assistance" if row["aid_type"].startswith("D") else "grant",
        "activity_status": "4",
        "actual_start": row["start"],
        "actual_end": row["end"],
        "sectors": [{"code": code} for code in sectors],
        "beneficiaries": [{"code": row["recipient_country"], "percentage": 100}],
        "iati_identifier": row["iati_identifier"],
        "organisations": [{"name": row["provider_org"] or row["reporting_org"], "role": "1", "type": "10"}],
        "transactions": [
            {"type": kind, "date": row["start"], "amount": float(row[column]), "currency": "USD"}
            for column, kind in (("commitment", "2"), ("disbursement", "3"), ("expenditure", "4"))
            if row[column]
        ],
    }
    return record
