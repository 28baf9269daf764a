"""Reading a workbook, compared with python-calamine alone.

`python -m tests.bench.files FILE` is a worker that reads one.
"""

import gc
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from services.entry.files.domain.media_types import XLSX
from services.entry.files.operations import read_file
from shared.records.bodies import record_line
from shared.reference import codes_valid_in_period, fields_of
from tests.figures import Figure

ROWS = 20_000
ROUNDS = 9
MEGABYTE = 1e6
WORDS = (
    "border",
    "police",
    "training",
    "equipment",
    "risk",
    "analysis",
    "joint",
    "patrol",
    "document",
    "smuggling",
)

_SPOKEN = {"theme": "theme:WBBSi"}
_LENGTHS = {"title": 7, "description": 20}


def measure_files() -> Iterable[Figure]:
    """Measure both in turn on the same file, and the memory in a separate process that only reads the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "needs.xlsx"
        columns = make_workbook(file)
        rounds = [
            (_timed(lambda: _ours(file)), _timed(lambda: _calamine(file)), _timed(lambda: _canonical(file)))
            for _ in range(ROUNDS)
        ]
        what = f"{ROWS} rows of {columns} columns"
        alone = median(calamine for _, calamine, _ in rounds)
        how = f"{what} to records, compared with python-calamine's rows ({alone:.2f} s)"
        yield Figure("files.xlsx", _ratio(rounds, 0), "x", how, bar=2.0, less_is_better=True)
        yield Figure("files.xlsx.canonical", _ratio(rounds, 2), "x", "to records and their canonical lines")
        how = f"peak resident memory of a process that reads {what}"
        yield Figure("files.xlsx.memory", _peak(file) / MEGABYTE, "MB", how, bar=400, less_is_better=True)


def make_workbook(file: Path) -> int:
    """Write needs with numbers, dates and codes as a person enters them; return the number of columns."""
    chance = random.Random(4)
    fields = [field for field in fields_of("need").values() if not field.fields and field.type != "ref"][:19]
    book = xlsxwriter.Workbook(str(file), {"default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("Needs")
    sheet.write_row(0, 0, ["Needs of Albania, 2025-2026"])
    sheet.write_row(2, 0, ["Reference *", *(field.label("en") for field in fields)])
    for row in range(ROWS):
        sheet.write_row(3 + row, 0, [f"BS-{row:06}", *(_cell(field, row, chance) for field in fields)])
    book.close()
    return 1 + len(fields)


def _cell(field: Any, row: int, chance: random.Random) -> Any:
    inner = field.items or field
    if inner.codelist or inner.allowed:
        name = _SPOKEN.get(inner.codelist, inner.codelist)
        return chance.choice(inner.allowed or codes_valid_in_period(name, "2025-2026"))
    if field.type == "date":
        return datetime.fromisoformat("2026-01-01") + timedelta(chance.randrange(700))
    if field.type in ("number", "integer"):
        return chance.randrange(2_000, 900_000)
    return f"{' '.join(chance.choices(WORDS, k=_LENGTHS.get(field.name, 4)))} {row}"


def _ours(file: Path) -> int:
    with file.open("rb") as stream:
        return len(list(read_file(stream, media_type=XLSX, kind="need", name="needs.xlsx").records))


def _canonical(file: Path) -> int:
    with file.open("rb") as stream:
        reading = read_file(stream, media_type=XLSX, kind="need", name="needs.xlsx")
        return sum(len(record_line(record)) for record in reading.records)


def _calamine(file: Path) -> int:
    with file.open("rb") as stream:
        return len(CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python())


def _timed(read: Callable[[], int]) -> float:
    """Return seconds of processor time, which exclude waiting and other processes."""
    gc.collect()
    began = time.process_time()
    read()
    return time.process_time() - began


def _ratio(rounds: list[tuple[float, float, float]], which: int) -> float:
    return median(each[which] / each[1] for each in rounds)


def _peak(file: Path) -> int:
    """Return the peak memory in bytes."""
    command = [sys.executable, "-m", "tests.bench.files", str(file)]
    return int(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main(file: Path) -> None:
    """Read a workbook and print the peak resident memory in bytes."""
    _ours(file)
    # getrusage would include the parent's memory from before this program started.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) * 1024)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]))
