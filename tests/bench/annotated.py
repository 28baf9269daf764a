"""The time to annotate a large workbook, compared with loading and saving it in openpyxl."""

import io
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

import openpyxl
import xlsxwriter

from services.entry.workbooks.formats.annotating.annotate import annotate_workbook
from services.entry.workbooks.formats.annotating.cell_notes import list_cell_notes
from tests.figures import Figure

ROWS = 20_000
COLUMNS = 20
FINDINGS = 2_000
SEED = 1


def measure_annotated() -> Iterable[Figure]:
    """Measure annotation and openpyxl on the same file, in seconds of processor time."""
    book, groups = _book(), [_group()]
    ours = _seconds(lambda: annotate_workbook(io.BytesIO(book), list_cell_notes(groups), groups))
    theirs = _seconds(lambda: openpyxl.load_workbook(io.BytesIO(book)).save(io.BytesIO()))
    how = f"{ours:.2f} s for {ROWS:,} x {COLUMNS} with {FINDINGS:,} findings; openpyxl: load and save {theirs:.2f} s"
    yield Figure("annotated", ours / theirs, "x", how, bar=3.0, aim=0.3, less_is_better=True)


def _book() -> bytes:
    """Return a workbook of texts, numbers and dates, as in a mapping."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Needs")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [f"heading {column}" for column in range(COLUMNS)])
        for row in range(1, ROWS):
            for column in range(COLUMNS):
                if column % 4 == 0:
                    sheet.write_number(row, column, 46_000 + row % 365, day)
                elif column % 4 == 1:
                    sheet.write_number(row, column, row * 1.25)
                else:
                    sheet.write_string(row, column, f"What stands in column {column} of record {row}")
    return file.getvalue()


def _group() -> dict[str, Any]:
    return {
        "rule": "GEN-03",
        "title": "The title is short enough to be read",
        "severity": "error",
        "why": "Titles stand in tables.",
        "reference": "",
        "count": FINDINGS,
        "places": list(_places()),
        "left_out": 0,
    }


def _places() -> Iterator[dict[str, Any]]:
    chance = random.Random(SEED)
    for row in sorted(chance.sample(range(2, ROWS + 1), FINDINGS)):
        yield {
            "ref": f"AL-{row}",
            "pointer": f"/records/{row - 2}/title",
            "sheet": "Needs",
            "row": row,
            "cell": f"{chance.choice('ABCDEFGHIJKLMNOPQRST')}{row}",
            "value": "Cars",
            "message": "The title has 4 characters.",
            "expected": "Between 8 and 250 characters.",
        }


def _seconds(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
