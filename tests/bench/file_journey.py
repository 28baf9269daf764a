"""A large file from its first byte over HTTP to the verdict under all rules in force, and to the figure.

The yardstick is frictionless alone with sixteen rules on the same rows as CSV, in an environment of its own.
"""

import csv
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter

from tests.bench.rules.flat import PYTHON, ROOT
from tests.figures import Figure
from tests.systems import System, systems

WORKBOOK_ROWS = 20_000
NDJSON_ROWS = 100_000
BAR, AIM = 2.0, 1.0
PATIENCE_SECONDS = 600.0
POLL_SECONDS = 0.1
"""Each poll takes processor time from the work that it waits for."""
PATH = "/entry/v1/files?pillar=WBCTi&kind=support&period=2026&tlp=TLP:AMBER"
FIGURE = "/reporting/v1/aggregates?kind=support&partner=AL"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NDJSON = "application/x-ndjson"

WORDS = (
    *("border", "police", "training", "equipment", "risk", "analysis", "joint", "patrol", "document"),
    *("prevention", "council", "mentoring", "forensic", "network", "municipal", "school", "prison"),
)
COLUMNS = (
    *("ref", "title", "description", "support_type", "activity_status", "planned_start", "planned_end"),
    *("actual_start", "beneficiaries.0.code", "beneficiaries.0.percentage", "organisations.0.name"),
    *("organisations.0.role", "organisations.1.name", "organisations.1.role", "themes.0.code", "budget"),
    *("currency", "transactions.0.type", "transactions.0.date", "transactions.0.amount"),
)
NUMBERS = ("beneficiaries.0.percentage", "budget", "transactions.0.amount")


def measure_file_journey() -> Iterable[Figure]:
    """Measure a workbook of 20 columns and a file of NDJSON, each on an installation of its own, idle and warm."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        for name, rows, write, media_type in (
            ("files.journey", WORKBOOK_ROWS, write_workbook, XLSX),
            ("files.journey.ndjson", NDJSON_ROWS, write_ndjson, NDJSON),
        ):
            table = list(make_rows(rows))
            content = write(Path(folder) / name, table)
            alone = frictionless_seconds(Path(folder) / f"{name}.csv", table)
            system = make(database="postgresql", bulk_workers=2)
            verdict, figure = travel(system, content, media_type, records=rows)
            system.launcher.stop()
            how = f"{rows:,} rows of {len(COLUMNS)} columns: verdict {verdict:.1f} s, figure {figure:.1f} s; "
            how += f"frictionless with 16 rules alone {alone:.1f} s"
            yield Figure(name, figure / alone, "x", how, bar=BAR, aim=AIM, less_is_better=True)


def make_rows(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows of valid support, with titles and amounts of their own."""
    chance = random.Random(11)
    for number in range(count):
        text = " ".join(chance.choices(WORDS, k=3))
        start = f"2026-{chance.randint(1, 6):02}-{chance.randint(1, 28):02}"
        amount = chance.randrange(2_000, 900_000)
        yield (
            f"AL-SUP-{number:06}",
            f"{text.capitalize()} {number}",
            f"Lot {number}.",
            chance.choice(("training", "equipment", "technical_assistance")),
            "2",
            start,
            "2026-12-15",
            start,
            "AL",
            100,
            "European Commission",
            "1",
            f"Police unit {number % 40}",
            "4",
            "jap25_prevention",
            amount,
            "EUR",
            "2",
            start,
            amount,
        )


def travel(system: System, content: bytes, media_type: str, *, records: int) -> tuple[float, float]:
    """Return the seconds from the first byte to the verdict, and to the figure. Raise unless it is accepted."""
    reporter, analyst = system.headers("AL-WBCTi"), system.headers("RCC-ANALYST")
    with httpx.Client(base_url=system.url, timeout=120) as client:
        client.get(FIGURE, headers=analyst)
        began = time.perf_counter()
        posted = client.post(PATH, content=content, headers=reporter | {"Content-Type": media_type})
        if posted.status_code != 202:
            raise RuntimeError(f"the response to the file was {posted.status_code}: {posted.text[:300]}")
        submission = f"/entry/v1/submissions/{posted.json()['id']}"

        def outcome() -> str:
            state: str = client.get(submission, headers=reporter).json()["state"]
            return state

        verdict = _wait(lambda: outcome() != "received") - began
        if (state := outcome()) != "accepted":
            findings = client.get(submission, headers=reporter).json()["findings"]
            raise RuntimeError(f"the file was {state}: {[each['rule'] for each in findings]}")

        def counted() -> bool:
            total: dict[str, Any] = client.get(FIGURE, headers=analyst).json()["total"]
            return int(total["records"]) == records

        return verdict, _wait(counted) - began


def _wait(is_done: Callable[[], bool]) -> float:
    """Return the time at which a condition became true."""
    until = time.perf_counter() + PATIENCE_SECONDS
    while not is_done():
        if time.perf_counter() > until:
            raise TimeoutError("the expected change was not visible in time")
        time.sleep(POLL_SECONDS)
    return time.perf_counter()


def write_workbook(file: Path, table: Iterable[tuple[Any, ...]]) -> bytes:
    """Write the rows as a person's workbook; return its bytes."""
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("support")
    sheet.write_row(0, 0, COLUMNS)
    for number, row in enumerate(table, start=1):
        sheet.write_row(number, 0, row)
    book.close()
    return file.read_bytes()


def write_ndjson(_file: Path, table: Iterable[tuple[Any, ...]]) -> bytes:
    """Write the rows as one record a line."""
    lines = (
        json.dumps(_record(dict(zip(COLUMNS, row, strict=True))), separators=(",", ":")) for row in table
    )
    return ("\n".join(lines) + "\n").encode()


def _record(cells: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, value in cells.items():
        name, _, rest = path.partition(".")
        if not rest:
            record[name] = value
            continue
        at, _, field = rest.partition(".")
        entries = record.setdefault(name, [])
        if int(at) == len(entries):
            entries.append({})
        entries[int(at)][field] = value
    return record


def frictionless_seconds(file: Path, table: Iterable[tuple[Any, ...]]) -> float:
    """Return the seconds that frictionless needs for the rows as CSV, in a process of its own environment."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(table)
    command = [str(PYTHON), "-m", "tests.bench.rules.frictionless_csv", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
