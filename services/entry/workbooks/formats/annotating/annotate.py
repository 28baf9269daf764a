"""A copy of the submitted workbook with its findings. All other bytes stay unchanged.

The workbook is edited in place, not loaded and saved by a library, so images, charts, pivot tables, formulas,
conditional formats and comments survive. Cells with findings get a style and a comment; a new sheet lists the findings.
"""

import zipfile
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import BinaryIO

from services.entry.files.domain.cell_refs import cell_position, cell_ref
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.domain.workbook_origins import WorkbookOrigin, write_origin
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.domain.xml_edits import PartIsBroken, escape_text, to_bytes
from services.entry.workbooks.domain import WorkbookIsBroken
from services.entry.workbooks.formats.annotating import comment_boxes, comments, findings_sheet, styles
from services.entry.workbooks.formats.annotating.cell_notes import (
    CellNote,
    Groups,
    by_severity,
    write_comment,
)
from services.entry.workbooks.formats.annotating.sheets import SheetCopy, copy_sheet
from services.entry.workbooks.formats.annotating.styles import Styles
from shared.i18n import ENGLISH, Text
from shared.reference.accounts import Account

Position = tuple[int, int]
"""The row and column of a cell."""

_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
"""Elements of a workbook that the names of its ranges follow."""


def annotate_workbook(
    source: BinaryIO,
    notes: Iterable[CellNote],
    groups: Groups,
    *,
    account: Account | None = None,
    origin: WorkbookOrigin | None = None,
    tlp: str | None = None,
    language: str = ENGLISH,
) -> bytes:
    """Return a copy with coloured and commented cells, and a sheet that lists the findings; raise `WorkbookIsBroken`.

    The sheet also states what was read of the workbook and what was not, if `account` is given, and the version that the
    copy corrects when it is submitted again, if `origin` names one: its properties state it too. Notes for sheets that the workbook lacks appear only in the list.
    """
    try:
        return _AnnotatedCopy(source, language, origin).write(notes, groups, account, tlp)
    except PartIsBroken as error:
        raise WorkbookIsBroken(str(error)) from None
    except (FileIsRefused, ValueError, zipfile.BadZipFile):
        raise WorkbookIsBroken(Text("one of its parts is damaged")) from None


class _AnnotatedCopy:
    """A package with pending annotations."""

    def __init__(self, source: BinaryIO, language: str, origin: WorkbookOrigin | None) -> None:
        self._language = language
        self._origin = origin
        self._package = XlsxPackage.open(source)
        self._name = self._package.workbook
        self._workbook = self._package.xml(self._name)
        self._styles_name = self._package.related(self._name, "styles") or self._add_styles()
        self._styles = Styles(self._package.read(self._styles_name))

    def write(
        self, notes: Iterable[CellNote], groups: Groups, account: Account | None, tlp: str | None
    ) -> bytes:
        sheets = self._package.sheets(self._name)
        anchors = _anchors(account)
        visible = (replace(note, cell=anchors.get((note.sheet, note.cell), note.cell)) for note in notes)
        for title, cells in _by_position(visible).items():
            if title in sheets:
                self._annotate(sheets[title], cells)
        self._add_findings_sheet(groups, account, tlp)
        if self._origin is not None:
            write_origin(self._package, self._origin)
        self._package.change(self._styles_name, self._styles.done())
        return self._package.written()

    def _annotate(self, sheet: str, cells: Mapping[Position, Sequence[CellNote]]) -> None:
        severities: dict[int, dict[int, str]] = {}
        for (row, column), notes in cells.items():
            severities.setdefault(row, {})[column] = notes[0].severity
        drawing = self._package.free_id(sheet)
        with self._package.rewriting(sheet) as (source, sink):
            copy = copy_sheet(source, sink, severities, self._styles.coloured, drawing=drawing)
        texts = {position: write_comment(notes, self._language) for position, notes in cells.items()}
        existing = self._comment(sheet, texts)
        self._draw(sheet, copy, texts, existing)

    def _comment(self, sheet: str, texts: comment_boxes.Texts) -> set[Position]:
        """Add comments to a sheet. Return the cells that already had a comment."""
        known = self._package.related(sheet, "comments")
        before = (
            self._package.read(known) if known else comments.EMPTY_COMMENTS.format(self._namespace).encode()
        )
        notes = {cell_ref(*position): parts for position, parts in texts.items()}
        content, existing = comments.add_notes(before, notes)
        if known:
            self._package.change(known, content)
        else:
            name = self._package.add("xl/comments{}.xml", content, comments.CONTENT_TYPE)
            self._package.relate(sheet, "comments", name, id_=self._package.free_id(sheet))
        return {cell_position(cell) for cell in existing}

    def _draw(self, sheet: str, copy: SheetCopy, texts: comment_boxes.Texts, existing: set[Position]) -> None:
        """Draw the boxes of the comments. In a sheet without a drawing, existing comments get boxes too."""
        known = next(
            (each.target for each in self._package.relations(sheet) if each.id == copy.drawing), None
        )
        longer = {position: parts for position, parts in texts.items() if known and position in existing}
        new = {position: parts for position, parts in texts.items() if position not in longer}
        before = self._package.read(known) if known else comment_boxes.EMPTY_DRAWING
        content = comment_boxes.add_boxes(before, new, longer, copy.widths)
        if known:
            self._package.change(known, content)
        else:
            name = self._package.add("xl/drawings/vmlDrawing{}.vml", content, comment_boxes.CONTENT_TYPE)
            self._package.relate(sheet, "vmlDrawing", name, id_=copy.drawing)

    def _add_findings_sheet(self, groups: Groups, account: Account | None, tlp: str | None) -> None:
        holder = self._workbook.find("sheets")
        if holder is None:
            raise PartIsBroken("it has no sheets")
        sheets = self._workbook.children_of(holder)
        taken = {each.attributes.get("name", "").lower() for each in sheets}
        content = findings_sheet.write_findings_sheet(
            groups,
            self._styles,
            account=account,
            origin=self._origin,
            tlp=tlp,
            namespace=self._namespace,
            was_annotated=findings_sheet.NAME.lower() in taken,
            language=self._language,
        )
        name = self._package.add("xl/worksheets/iisgd{}.xml", content, findings_sheet.CONTENT_TYPE)
        id_ = self._package.free_id(self._name)
        self._package.relate(self._name, "worksheet", name, id_=id_)
        number = 1 + max(int(each.attributes.get("sheetId") or 0) for each in sheets)
        title = _free_name(taken)
        facts = {
            "xmlns:r": self._package.namespace_of_relations,
            "name": title,
            "sheetId": number,
            "r:id": id_,
        }
        self._workbook.append(holder, self._workbook.element("sheet", facts))
        self._repeat_headings(title, index=len(sheets))

    def _repeat_headings(self, title: str, *, index: int) -> None:
        """Print the headings of the list on each of its pages."""
        row = f"'{title}'!${findings_sheet.HEADING_ROW}:${findings_sheet.HEADING_ROW}"
        facts = {"name": "_xlnm.Print_Titles", "localSheetId": index}
        name = self._workbook.element("definedName", facts, to_bytes(escape_text(row)))
        if (names := self._workbook.find("definedNames")) is not None:
            self._workbook.append(names, name)
            return
        before = [
            each for each in self._workbook.children_of(self._workbook.root) if each.local in _BEFORE_NAMES
        ]
        self._workbook.insert(before[-1].ends, self._workbook.element("definedNames", content=name))

    def _add_styles(self) -> str:
        content = styles.EMPTY_STYLES.format(self._namespace).encode()
        name = self._package.add("xl/styles{}.xml", content, styles.CONTENT_TYPE)
        self._package.relate(self._name, "styles", name, id_=self._package.free_id(self._name))
        return name

    @property
    def _namespace(self) -> str:
        return self._workbook.namespace


def _anchors(account: Account | None) -> dict[tuple[str, str], str]:
    """Map the covered cells of merged ranges to the first cell of the range, which alone shows a colour and a comment."""
    return {
        (part["sheet"], part["cell"]): part["values"]["merged"].partition(":")[0]
        for part in (account.unread if account else ())
        if part["reason"] == "merged" and "merged" in part.get("values", ())
    }


def _by_position(notes: Iterable[CellNote]) -> dict[str, dict[Position, list[CellNote]]]:
    """Return notes by sheet and cell, the most severe of a cell first."""
    found: dict[str, dict[Position, list[CellNote]]] = {}
    for note in by_severity(notes):
        found.setdefault(note.sheet, {}).setdefault(cell_position(note.cell), []).append(note)
    return found


def _free_name(taken: Container[str]) -> str:
    names = chain([findings_sheet.NAME], (f"{findings_sheet.NAME} ({at})" for at in count(2)))
    return next(name for name in names if name.lower() not in taken)
