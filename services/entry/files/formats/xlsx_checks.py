"""Checks of an XLSX package before it is read, and the cells of a sheet that python-calamine does not report."""

from collections.abc import Mapping
from types import MappingProxyType
from zipfile import ZipInfo

from services.entry.files.domain.archives import is_xml
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.domain.xlsx_package import CONTENT_TYPES, XlsxPackage
from services.entry.files.domain.xml_edits import Element, PartIsBroken
from services.entry.files.formats.number_formats import BUILT_IN, NumberFormat, format_of
from services.entry.files.formats.sheet_scan import (
    SheetScan,
    UnusualCells,
    check_extent,
    check_size,
    find_styled_cells,
    find_unusual_cells,
    not_xml,
    part_of,
)
from shared.i18n import Text

# python-calamine reads these parts regardless of the package's relations.
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_STRINGS = "xl/sharedstrings.xml"
_PARSED = (CONTENT_TYPES.lower(), _WORKBOOK, _RELATIONS, _STYLES)

MAX_PARSED_SIZE = 4 * 1024 * 1024
MAX_IRREGULAR_SIZE = 64 * 1024 * 1024
MAX_STRINGS = 3_000_000
MAX_FORMAT_LENGTH = 1_000
"""The maximum length of a number format, since each cell may show as many digits. Excel writes up to 255."""

_MAIN = (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml")
_MACROS = (b"macroEnabled", b"vbaProject")
_BINARY = b"sheet.binary"
_OPEN_DOCUMENT = b"opendocument.spreadsheet"
_SAVE_AS = Text('Save as, "Excel workbook (.xlsx)".')
_NO_STYLES: Mapping[str, NumberFormat] = MappingProxyType({})

Scans = Mapping[str, SheetScan]
"""Scans of the XML parts by lower-case name."""


def check_workbook(package: XlsxPackage) -> Scans:
    """Scan the parts of a package; raise `FileIsRefused` for a file that is no workbook, or may exhaust memory."""
    archive = package.archive
    scans = {name: SheetScan() for name in archive.entries if is_xml(name)}
    for name, chunk in archive.all_chunks():
        if name in scans:
            scans[name].add(chunk)
        if name in _PARSED:
            _check_part_size(archive.entries[name], most=MAX_PARSED_SIZE)
    _refuse_other(package)
    _refuse_many_strings(package)
    _refuse_large_sheets(package, scans)
    return scans


def unusual_cells_of(package: XlsxPackage, scans: Scans, sheet: str) -> UnusualCells:
    """Find what calamine does not report: errors, formulas without results, formats, and what is hidden or merged."""
    part = part_of_sheet(package, sheet)
    if part not in scans:
        message = Text('The part of the sheet "{sheet}" cannot be found.', sheet=sheet)
        raise FileIsRefused("broken-archive", message, RESAVE, Text("sheet {sheet}", sheet=sheet))
    scan, styles = scans[part], _styles(package)
    if not (scan.has_unusual_cells or scan.is_irregular):
        if not (styles or scan.has_layout):
            return UnusualCells()
        chunks = package.archive.chunks(part)
        found = find_styled_cells(chunks, styles=styles, has_layout=scan.has_layout)
        if found is not None:
            return found
    return _find(package, part, styles=styles)


def part_of_sheet(package: XlsxPackage, sheet: str) -> str:
    """Return the name of a sheet's part in lower case, empty if it is unknown."""
    return _sheets(package).get(sheet, "").lower()


def is_uncomputed(package: XlsxPackage) -> bool:
    """Return whether the workbook asks the reader to compute its formulas; the stored results are then placeholders."""
    return any(
        each.attributes.get("fullCalcOnLoad") in ("1", "true")
        for each in _elements(package, _WORKBOOK)
        if each.local == "calcPr"
    )


def _refuse_other(package: XlsxPackage) -> None:
    types = _read(package, CONTENT_TYPES)
    if _BINARY in types:
        message = Text("The workbook is in the binary format (.xlsb).")
        raise FileIsRefused("not-a-workbook", message, _SAVE_AS)
    if any(each in types for each in _MACROS) or package.has("xl/vbaProject.bin"):
        message = Text("The workbook contains macros.")
        expected = Text('A workbook without macros: Save as, "Excel workbook (.xlsx)".')
        raise FileIsRefused("macros", message, expected)
    if not any(each in types for each in _MAIN) or not _read(package, _WORKBOOK):
        is_calc = _OPEN_DOCUMENT in _read(package, "mimetype")
        message = (
            Text("The file is an OpenDocument spreadsheet (.ods).")
            if is_calc
            else Text("The file is an archive but not an XLSX workbook.")
        )
        raise FileIsRefused("not-a-workbook", message, _SAVE_AS)


def _refuse_many_strings(package: XlsxPackage) -> None:
    entry = package.archive.entries.get(_STRINGS)
    if entry is None or entry.file_size < MAX_STRINGS * len("<si/>"):
        return
    count = sum(chunk.count(b"<si") for chunk in package.archive.chunks(_STRINGS))
    if count > MAX_STRINGS:
        message = Text("The workbook has {count} texts.", count=f"{count:,}")
        expected = Text("At most {most} texts. CSV and NDJSON files may have more.", most=f"{MAX_STRINGS:,}")
        raise FileIsRefused("too-large", message, expected)


def _refuse_large_sheets(package: XlsxPackage, scans: Scans) -> None:
    for name, scan in scans.items():
        entry = package.archive.entries[name]
        if scan.is_sheet and scan.is_irregular:
            _check_part_size(entry, most=MAX_IRREGULAR_SIZE)
            check_size(*_find(package, name).last, part=entry.filename)
        elif scan.is_sheet and scan.is_far:
            check_extent(package.archive.chunks(name), part=entry.filename)


def _find(package: XlsxPackage, part: str, styles: Mapping[str, NumberFormat] = _NO_STYLES) -> UnusualCells:
    name = package.archive.entries[part].filename
    return find_unusual_cells(package.archive.chunks(part), styles=styles, part=name)


def _sheets(package: XlsxPackage) -> dict[str, str]:
    # Each names itself if it is malformed.
    for part in (_RELATIONS, _WORKBOOK):
        _elements(package, part)
    try:
        return package.sheets(_WORKBOOK)
    except PartIsBroken:
        raise not_xml(_WORKBOOK) from None


def _styles(package: XlsxPackage) -> dict[str, NumberFormat]:
    """Return the styles that show a number in another way, by number."""
    codes, found = dict(BUILT_IN), []
    is_of_cells = False
    for each in _elements(package, _STYLES):
        if each.local == "numFmt":
            code = codes[each.attributes.get("numFmtId", "")] = each.attributes.get("formatCode", "")
            if len(code) > MAX_FORMAT_LENGTH:
                message = Text("The workbook cannot be read.")
                raise FileIsRefused("broken-workbook", message, RESAVE, part_of(_STYLES))
        elif each.local in ("cellXfs", "cellStyleXfs", "cellStyles"):
            is_of_cells = each.local == "cellXfs"
        elif each.local == "xf" and is_of_cells:
            found.append(each.attributes.get("numFmtId", ""))
    formats = {str(at): format_of(codes.get(number, "")) for at, number in enumerate(found)}
    return {style: each for style, each in formats.items() if each is not None}


def _elements(package: XlsxPackage, part: str) -> list[Element]:
    """Return the elements of a part in document order; none where the part is missing or empty."""
    if not _read(package, part):
        return []
    try:
        return package.xml(part).elements
    except PartIsBroken:
        raise not_xml(part) from None


def _read(package: XlsxPackage, part: str) -> bytes:
    try:
        return package.read(part) if package.has(part) else b""
    except PartIsBroken:
        raise not_xml(part) from None


def _check_part_size(entry: ZipInfo, *, most: int) -> None:
    """Refuse a part by its declared size, which inflating it confirms."""
    if entry.file_size > most:
        message = Text(
            "A part has more than {most} MB, or is not written as spreadsheet programs write it.",
            most=most // 1024**2,
        )
        raise FileIsRefused("too-large", message, RESAVE, part_of(entry.filename))
