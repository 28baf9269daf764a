"""The XLSX reader. It finds the sheet and the row with known headings; columns may come in any order."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.domain.xml_edits import PartIsBroken
from services.entry.files.formats.calamine_input import has_undecoded, readable_copy, restored
from services.entry.files.formats.cell_notes import report_notes
from services.entry.files.formats.heading_refusals import MAX_HEADING_ROW
from services.entry.files.formats.headings import Headings, find_headings, other_kind_of
from services.entry.files.formats.rows import Numbered
from services.entry.files.formats.sheet_scan import UnusualCells
from services.entry.files.formats.sheets import (
    SheetContent,
    choose_sheet,
    content_of,
    is_filled,
    other_sheets,
)
from services.entry.files.formats.table import Table
from services.entry.files.formats.tables import read_table
from services.entry.files.formats.titles import mapping_in
from services.entry.files.formats.xlsx_checks import (
    Scans,
    check_workbook,
    is_uncomputed,
    part_of_sheet,
    unusual_cells_of,
)
from shared.i18n import Text
from shared.reference import KINDS


def read_xlsx(stream: BinaryIO, *, kind: str) -> ReadResult:
    """Read the records of a sheet, with the origin of each; raise `FileIsRefused`."""
    package = XlsxPackage.open(stream)
    scans = check_workbook(package)
    workbook = _Workbook(package, scans, stream)
    contents = [workbook.content(name, kind=kind) for name in workbook.names]
    chosen = choose_sheet(contents, kind=kind)
    headings = chosen.headings
    if headings is None:
        raise _unreadable(chosen.name)
    unusual = unusual_cells_of(package, scans, chosen.name)
    above = workbook.first_rows(chosen.name)[: headings.rows.start - 1]
    table = Table(
        chosen.name,
        kind,
        headings,
        above=above,
        below=workbook.rows(chosen.name, headings.row, unusual),
        first_column=workbook.offset(chosen.name) + 1,
        last_column=workbook.last_column(chosen.name),
        layout=unusual.layout,
        errors=unusual.errors,
        hidden=unusual.hidden,
        currencies=unusual.currencies,
        scaled=unusual.scaled,
        uncomputed=unusual.uncomputed + (unusual.zeros if is_uncomputed(package) else []),
    )
    others = [each.name for each in contents if each is not chosen]
    unread = other_sheets(contents, chosen, kind=kind, count_rows=workbook.count_rows)
    part = part_of_sheet(package, chosen.name)
    unread += report_notes(package, part, sheet=chosen.name, after=headings.rows.stop - 1)
    result = read_table(table, summary={"other_sheets": others}, unread=unread)
    result.facts = mapping_in(above)
    return result


class _Workbook:
    """The sheets of a workbook as calamine reads them. At most two are in memory: the last one, and the last table."""

    def __init__(self, package: XlsxPackage, scans: Scans, stream: BinaryIO) -> None:
        self._package = package
        self._scans = scans
        self._is_copy = False
        self._last: dict[str, CalamineSheet] = {}
        self._table: dict[str, CalamineSheet] = {}
        stream.seek(0)
        self._workbook = _open(stream)
        if has_undecoded(scans):
            self._use_copy()
        self.names = [
            each.name for each in self._workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet
        ]
        self._visible = {
            each.name for each in self._workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible
        }

    def content(self, name: str, *, kind: str) -> SheetContent:
        """Return what the choice of a sheet depends on."""
        rows = self.first_rows(name)
        headings, other, refusal = None, None, None
        try:
            headings, other = _headings_or_kind(rows, kind=kind, sheet=name)
        except FileIsRefused as refused:
            # It matters only if the records are on no other sheet.
            refusal = refused
        content = content_of(
            name,
            self._cells(name),
            is_visible=name in self._visible,
            headings=headings,
            other=other,
            refusal=refusal,
        )
        if content.has_rows:
            self._table = {name: self._sheet_named(name)}
        return content

    def count_rows(self, content: SheetContent) -> int:
        """Return the number of filled rows below the headings."""
        after = content.headings.row if content.headings else 0
        return sum(map(is_filled, islice(self._cells(content.name), after, None)))

    def offset(self, name: str) -> int:
        """Return the number of blank columns before the first cell, which rows omit."""
        sheet = self._sheet_named(name)
        return sheet.start[1] if sheet.start else 0

    def last_column(self, name: str) -> int:
        """Return the last column with a cell."""
        sheet = self._sheet_named(name)
        return sheet.end[1] + 1 if sheet.end else 0

    def first_rows(self, name: str) -> list[list[Any]]:
        """Return the rows that may be titles or headings, with the blank columns before them."""
        offset = self.offset(name)
        return [[""] * offset + cells for cells in islice(self._cells(name), MAX_HEADING_ROW)]

    def rows(self, name: str, after: int, unusual: UnusualCells) -> Iterator[Numbered]:
        """Yield the rows below a row, as they are displayed."""
        rows = islice(enumerate(self._cells(name), start=1), after, None)
        if not (unusual.errors or unusual.formats):
            return rows
        return _with_unusual_cells(rows, self.offset(name) + 1, unusual)

    def _cells(self, name: str) -> Iterator[list[Any]]:
        sheet = self._sheet_named(name)
        rows = sheet.iter_rows() if sheet.start else iter(())
        return map(restored, rows) if self._is_copy else rows

    def _sheet_named(self, name: str) -> CalamineSheet:
        if name in self._table:
            return self._table[name]
        if name not in self._last:
            self._last = {}
            self._last = {name: self._read(name)}
        return self._last[name]

    def _read(self, name: str) -> CalamineSheet:
        try:
            return self._workbook.get_sheet_by_name(name)
        except CalamineError:
            scan = self._scans.get(part_of_sheet(self._package, name))
            if self._is_copy or scan is None or not (scan.has_unusual_cells or scan.is_irregular):
                raise _unreadable(name) from None
        self._use_copy()
        return self._read(name)

    def _use_copy(self) -> None:
        try:
            self._workbook = _open(readable_copy(self._package, self._scans))
        except PartIsBroken:
            raise _unreadable() from None
        self._is_copy = True


def _open(stream: BinaryIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(stream)
    except CalamineError:
        raise _unreadable() from None


def _headings_or_kind(rows: list[list[Any]], *, kind: str, sheet: str) -> tuple[Headings | None, str | None]:
    """Return the headings of a sheet, and the other kind of record that they describe, if any."""
    headings = find_headings(rows, kind=kind, sheet=sheet)
    if headings is not None:
        return headings, other_kind_of(rows[headings.row - 1], kind)
    for other in KINDS:
        found = find_headings(rows, kind=other, sheet=sheet)
        if found is not None and other_kind_of(rows[found.row - 1], kind) == other:
            return found, other
    return None, None


def _with_unusual_cells(rows: Iterator[Any], first_column: int, unusual: UnusualCells) -> Iterator[Numbered]:
    for row, cells in rows:
        unusual.apply_to(row, first_column, cells)
        yield row, cells


def _unreadable(sheet: str | None = None) -> FileIsRefused:
    place = None if sheet is None else Text("sheet {sheet}", sheet=sheet)
    return FileIsRefused("broken-workbook", Text("The workbook cannot be read."), RESAVE, place)
