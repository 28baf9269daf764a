"""The sender's own workbook, with what was found in it. What is not marked is as it was, byte for byte.

Nothing is loaded and saved, so that nothing is lost which a library does not know: images, charts, pivots, formulas,
conditional formats and comments stay. Marked cells get another style; sheets get comments; a sheet lists the findings.
"""

import zipfile
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import BinaryIO

from services.entry.files.domain.cell_refs import cell_position, cell_ref
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.domain.xml_edits import PartIsBroken
from services.entry.workbooks.domain import WorkbookIsBroken
from services.entry.workbooks.formats.annotating import comment_boxes, comments, findings_sheet, styles
from services.entry.workbooks.formats.annotating.cell_notes import (
    CellNote,
    Groups,
    TextRun,
    by_severity,
    write_comment,
)
from services.entry.workbooks.formats.annotating.sheets import SheetCopy, copy_sheet
from services.entry.workbooks.formats.annotating.styles import Styles

Place = tuple[int, int]
"""A cell's row and column."""
Said = Mapping[Place, Sequence[TextRun]]


def annotate_workbook(
    source: BinaryIO, marks: Iterable[CellNote], groups: Groups, *, tlp: str | None = None
) -> bytes:
    """The workbook with its marked cells coloured and commented, and a sheet that lists the findings.

    Marks on sheets that it does not have are in the list only. Raises WorkbookIsBroken.
    """
    try:
        return _Copy(source).made(marks, groups, tlp)
    except PartIsBroken as error:
        raise WorkbookIsBroken(str(error)) from None
    except (FileIsRefused, ValueError, zipfile.BadZipFile):
        raise WorkbookIsBroken("a part of it is not as it should be") from None


class _Copy:
    def __init__(self, source: BinaryIO) -> None:
        self._package = XlsxPackage.open(source)
        self._name = self._package.workbook
        self._workbook = self._package.xml(self._name)
        self._styles_name = self._package.related(self._name, "styles") or self._add_styles()
        self._styles = Styles(self._package.read(self._styles_name))

    def made(self, marks: Iterable[CellNote], groups: Groups, tlp: str | None) -> bytes:
        sheets = self._package.sheets(self._name)
        for title, cells in _by_position(marks).items():
            if title in sheets:
                self._mark(sheets[title], cells)
        self._add_list(groups, tlp)
        self._package.change(self._styles_name, self._styles.done())
        return self._package.written()

    def _mark(self, sheet: str, cells: Mapping[Place, Sequence[CellNote]]) -> None:
        severities: dict[int, dict[int, str]] = {}
        for (row, column), marks in cells.items():
            severities.setdefault(row, {})[column] = marks[0].severity
        drawing = self._package.free_id(sheet)
        with self._package.rewriting(sheet) as (source, sink):
            copy = copy_sheet(source, sink, severities, self._styles.coloured, drawing=drawing)
        said = {place: write_comment(marks) for place, marks in cells.items()}
        had = self._comment(sheet, said)
        self._draw(sheet, copy, said, had)

    def _comment(self, sheet: str, said: Said) -> set[Place]:
        """Say it in the sheet's comments; returns the cells that had one."""
        known = self._package.related(sheet, "comments")
        before = (
            self._package.read(known) if known else comments.EMPTY_COMMENTS.format(self._namespace).encode()
        )
        notes = {cell_ref(*place): parts for place, parts in said.items()}
        content, had = comments.add_notes(before, notes)
        if known:
            self._package.change(known, content)
        else:
            name = self._package.add("xl/comments{}.xml", content, comments.CONTENT_TYPE)
            self._package.relate(sheet, "comments", name, id_=self._package.free_id(sheet))
        return {cell_position(cell) for cell in had}

    def _draw(self, sheet: str, copy: SheetCopy, said: Said, had: set[Place]) -> None:
        """Draw the boxes of what is said; where the sheet has no boxes, those of its own comments have none either."""
        known = next(
            (each.target for each in self._package.relations(sheet) if each.id == copy.drawing), None
        )
        longer = {place: parts for place, parts in said.items() if known and place in had}
        new = {place: parts for place, parts in said.items() if place not in longer}
        before = self._package.read(known) if known else comment_boxes.EMPTY_DRAWING
        content = comment_boxes.add_boxes(before, new, longer, copy.widths)
        if known:
            self._package.change(known, content)
        else:
            name = self._package.add("xl/drawings/vmlDrawing{}.vml", content, comment_boxes.CONTENT_TYPE)
            self._package.relate(sheet, "vmlDrawing", name, id_=copy.drawing)

    def _add_list(self, groups: Groups, tlp: str | None) -> None:
        holder = self._workbook.find("sheets")
        if holder is None:
            raise PartIsBroken("it has no sheets")
        sheets = self._workbook.children_of(holder)
        taken = {each.attributes.get("name", "").lower() for each in sheets}
        content = findings_sheet.write_findings_sheet(
            groups,
            self._styles,
            tlp=tlp,
            namespace=self._namespace,
            was_marked=findings_sheet.NAME.lower() in taken,
        )
        name = self._package.add("xl/worksheets/iisgd{}.xml", content, findings_sheet.CONTENT_TYPE)
        id_ = self._package.free_id(self._name)
        self._package.relate(self._name, "worksheet", name, id_=id_)
        number = 1 + max(int(each.attributes.get("sheetId") or 0) for each in sheets)
        facts = {
            "xmlns:r": self._package.namespace_of_relations,
            "name": _free_name(taken),
            "sheetId": number,
            "r:id": id_,
        }
        self._workbook.append(holder, self._workbook.element("sheet", facts))

    def _add_styles(self) -> str:
        content = styles.EMPTY_STYLES.format(self._namespace).encode()
        name = self._package.add("xl/styles{}.xml", content, styles.CONTENT_TYPE)
        self._package.relate(self._name, "styles", name, id_=self._package.free_id(self._name))
        return name

    @property
    def _namespace(self) -> str:
        return self._workbook.namespace


def _by_position(marks: Iterable[CellNote]) -> dict[str, dict[Place, list[CellNote]]]:
    """The marks by sheet and cell, the gravest of a cell first."""
    found: dict[str, dict[Place, list[CellNote]]] = {}
    for mark in by_severity(marks):
        found.setdefault(mark.sheet, {}).setdefault(cell_position(mark.cell), []).append(mark)
    return found


def _free_name(taken: Container[str]) -> str:
    names = chain([findings_sheet.NAME], (f"{findings_sheet.NAME} ({at})" for at in count(2)))
    return next(name for name in names if name.lower() not in taken)
