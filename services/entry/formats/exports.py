"""Records as files: whatever a record held comes back from them as a text, and never runs; numbers stay numbers."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import xlsxwriter

from services.entry.formats.flattening import Leaf, Record, table_of
from shared.documents.cells import WORKBOOK_OPTIONS, cell_text
from shared.documents.formulas import escape_formula

BOM = "\ufeff"
"""Excel takes a CSV for the local code page unless it begins so; letters such as ë, š and Cyrillic would be lost."""

MOST_EXACT = 2**53
"""A spreadsheet keeps numbers as fractions, in which not every whole number beyond this has a place."""

WIDTH = 18

Read = Callable[[], Iterable[Record]]
"""Gives the records from the first one on, whenever it is called."""


def records_as_csv(kind: str, read: Read) -> bytes:
    """The records with the paths of their fields above (RFC 4180); raises TableIsTooLarge."""
    table = table_of(kind, read)
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(map(escape_formula, table.columns))
    writer.writerows(map(_in_csv, row) for row in table.rows)
    return text.getvalue().encode()


def _in_csv(value: Leaf | None) -> str | None:
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else repr(value)


def records_as_xlsx(kind: str, read: Read, *, tlp: str | None) -> bytes:
    """The same as a workbook, with the marking on every page; raises TableIsTooLarge."""
    table = table_of(kind, read)
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


def _write(sheet: Any, row: int, column: int, value: Leaf | None) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, cell_text(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) and abs(value) >= MOST_EXACT:
        sheet.write_string(row, column, str(value))
    elif value is not None:
        sheet.write_number(row, column, value)
