"""Sample files, and helpers that read them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.operations import read_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

WORKBOOK: Mapping[str, str] = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_MAIN_TYPE}"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Needs" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
"""The parts of a workbook with one sheet, except the sheet."""

HEAD = '<row r="1"><c r="A1" t="str"><v>ref</v></c><c r="B1" t="str"><v>title</v></c></row>'


def sheet(rows: str, *, before: str = "") -> str:
    """The XML of a sheet with these rows."""
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def archive(
    parts: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED, level: int = 6
) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method, compresslevel=level) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    made.seek(0)
    return made


def package(rows: str = "", **parts: str | bytes) -> io.BytesIO:
    """A workbook with a sheet of these rows, and replaced parts."""
    return archive({**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(rows), **parts})


def workbook(
    *rows: Sequence[Any], name: str = "Needs", before: Mapping[str, Sequence[Sequence[Any]]] | None = None
) -> io.BytesIO:
    """A workbook with these rows on a sheet, after other sheets."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"default_date_format": "dd.mm.yyyy"})
    for title, content in {**(before or {}), name: rows}.items():
        page = book.add_worksheet(title)
        for at, row in enumerate(content):
            page.write_row(at, 0, row)
    book.close()
    made.seek(0)
    return made


def read(
    content: bytes | io.BytesIO, media_type: str, *, kind: str = "need", name: str = "f"
) -> tuple[list[dict[str, Any]], ReadResult]:
    """The records of a file, and the result that yielded them."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    reading = read_file(stream, media_type=media_type, kind=kind, name=name)
    return list(reading.records), reading


def table(*lines: str, kind: str = "need", encoding: str = "utf-8") -> list[dict[str, Any]]:
    """The records of a CSV of these lines."""
    return read("\n".join(lines).encode(encoding), media_types.CSV, kind=kind)[0]


def refusal(content: bytes | io.BytesIO, media_type: str, *, kind: str = "need") -> FileIsRefused:
    """The refusal of a file."""
    try:
        read(content, media_type, kind=kind)
    except FileIsRefused as refused:
        return refused
    raise AssertionError("the file was read")
