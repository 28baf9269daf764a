"""Records as CSV and XLSX. Texts are never executed as formulas, and numbers stay numbers."""

import csv
import io
import math
from collections.abc import Callable, Iterable
from typing import Any

import xlsxwriter

from services.entry.files.domain.cell_values import MAX_EXACT_INTEGER
from services.entry.files.domain.leaves import Leaf
from services.entry.workbooks.formats.flattening import ReadBack, Record, build_table
from shared.documents.cells import WORKBOOK_OPTIONS, cell_text, fitting
from shared.documents.formulas import escape_formula

BOM = "\ufeff"
"""Without it, Excel assumes the local code page and corrupts letters such as ë, š and Cyrillic."""

WIDTH = 18

Read = Callable[[], Iterable[Record]]
"""Returns a new iterator over the records at each call."""


def records_as_csv(kind: str, read: Read, *, read_back: ReadBack) -> bytes:
    """Return the records as CSV (RFC 4180) with field paths as headings; raise `TableIsTooLarge`."""
    table = build_table(kind, read, read_back=read_back, as_cell=lambda value: _in_csv(value) or "")
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows(map(_in_csv, row) for row in table.rows)
    return text.getvalue().encode()


def _in_csv(value: Leaf | None) -> str | None:
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else repr(value)


def records_as_xlsx(kind: str, read: Read, *, tlp: str | None, read_back: ReadBack) -> bytes:
    """Return the records as a workbook with the TLP marking on every page; raise `TableIsTooLarge`."""
    table = build_table(kind, read, read_back=read_back, as_cell=_from_sheet)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {**WORKBOOK_OPTIONS, "constant_memory": True}) as book:
        sheet = book.add_worksheet(kind)
        head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1D3F72"})
        sheet.set_column(0, len(table.columns) - 1, WIDTH)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_header(f"&R&B{tlp or ''}")
        sheet.set_footer(f"&L&P / &N&R&B{tlp or ''}")
        for column, path in enumerate(table.columns):
            sheet.write_string(0, column, cell_text(path), head)
        for row, values in enumerate(table.rows, start=1):
            for column, value in enumerate(values):
                _write(sheet, row, column, value)
    return file.getvalue()


def _from_sheet(value: Leaf | None) -> Any:
    """Return a value as it is read from a sheet: numbers are fractions, and a missing value is a blank."""
    if isinstance(value, bool):
        return value
    if value is None:
        return ""
    if isinstance(value, str):
        return fitting(value)
    return _number(value) if _is_for_sheet(value) else repr(value)


def _number(value: float) -> float:
    """Return a number as XlsxWriter writes it, with sixteen digits."""
    return float(f"{value:.16G}")


def _is_for_sheet(value: float) -> bool:
    """Return whether a sheet can hold a number: it is finite, also with sixteen digits, and no digit of an integer is lost."""
    if isinstance(value, int):
        return abs(value) < MAX_EXACT_INTEGER
    return math.isfinite(_number(value))


def _write(sheet: Any, row: int, column: int, value: Leaf | None) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, cell_text(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif value is not None and _is_for_sheet(value):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, repr(value))
