"""The XLSX reader. It finds the sheet and the row with known headings; columns may come in any order."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.formats.headings import MAX_HEADING_ROW, Headings, find_headings, no_headings
from services.entry.files.formats.rows import Numbered, RowReader
from services.entry.files.formats.sheet_scan import UnusualCells
from services.entry.files.formats.xlsx_checks import check_workbook, is_uncomputed, unusual_cells_of
from shared.reference import fields_of
from shared.reference.spelling import normalise

MAX_LISTED = 10
"""The maximum number of cells and sheets that a refusal names."""


def read_xlsx(stream: BinaryIO, *, kind: str) -> ReadResult:
    """Read the records of a sheet, with the origin of each; raise `FileIsRefused`."""
    package = XlsxPackage.open(stream)
    scans = check_workbook(package)
    stream.seek(0)
    workbook = _open(stream)
    sheet, headings = _find_sheet(workbook, kind)
    unusual = unusual_cells_of(package, scans, sheet.name)
    if unusual is not None:
        _refuse_uncomputed(package, unusual, headings, sheet.name)
    columns = {path: at - _offset(sheet) for path, at in headings.columns.items()}
    reader = RowReader(columns, fields_of(kind))
    return ReadResult(
        records=reader.records(_rows(sheet, headings.row, unusual)),
        origins={"sheet": sheet.name, "rows": reader.numbers, "columns": dict(headings.columns)},
    )


def _open(stream: BinaryIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(stream)
    except CalamineError:
        raise _unreadable() from None


def _find_sheet(workbook: CalamineWorkbook, kind: str) -> tuple[CalamineSheet, Headings]:
    """Return the first sheet with known headings. Sheets whose name contains the kind come first."""
    sheets = (each.name for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet)
    names = sorted(sheets, key=lambda name: kind not in normalise(name))
    for name in names:
        sheet = _sheet(workbook, name)
        offset = _offset(sheet)
        rows = [[""] * offset + cells for cells in islice(_cells(sheet), MAX_HEADING_ROW)]
        headings = find_headings(rows, kind=kind, sheet=name)
        if headings is not None:
            return sheet, headings
    raise no_headings(kind, f"the sheets {', '.join(names[:MAX_LISTED])}")


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError:
        raise _unreadable(f"sheet {name}") from None


def _offset(sheet: CalamineSheet) -> int:
    """Return the number of blank columns before the first cell, which rows omit."""
    return sheet.start[1] if sheet.start else 0


def _cells(sheet: CalamineSheet) -> Iterator[list[Any]]:
    return sheet.iter_rows() if sheet.start else iter(())


def _rows(sheet: CalamineSheet, after: int, unusual: UnusualCells | None) -> Iterator[Numbered]:
    rows = islice(enumerate(_cells(sheet), start=1), after, None)
    if unusual is None or not (unusual.errors or unusual.percent):
        return rows
    return _with_unusual_cells(rows, _offset(sheet) + 1, unusual)


def _with_unusual_cells(rows: Iterator[Any], first_column: int, unusual: UnusualCells) -> Iterator[Numbered]:
    for row, cells in rows:
        unusual.apply_to(row, first_column, cells)
        yield row, cells


def _refuse_uncomputed(package: XlsxPackage, unusual: UnusualCells, headings: Headings, sheet: str) -> None:
    """Refuse formulas without results. No rule would detect the missing values."""
    columns = set(headings.columns.values())
    cells = unusual.uncomputed + (unusual.zeros if is_uncomputed(package) else [])
    found = [place for place in cells if place[0] > headings.row and place[1] in columns]
    if not found:
        return
    shown = ", ".join(f"{column_letters(column)}{row}" for row, column in found[:MAX_LISTED])
    more = f" and {len(found) - MAX_LISTED:,} more" if len(found) > MAX_LISTED else ""
    raise FileIsRefused(
        "uncomputed",
        f"The results of formulas are missing: {shown}{more}.",
        "Open the workbook in a spreadsheet program, which computes the results, and save it; or replace the formulas with values.",
        f"sheet {sheet}",
    )


def _unreadable(place: str | None = None) -> FileIsRefused:
    return FileIsRefused("broken-workbook", "The workbook cannot be read.", RESAVE, place)
