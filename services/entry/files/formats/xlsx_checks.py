"""Checks of an XLSX package before it is read, and the cells of a sheet that python-calamine does not report."""

from collections.abc import Mapping
from zipfile import ZipInfo

from services.entry.files.domain.archives import is_xml
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.domain.xlsx_package import CONTENT_TYPES, XlsxPackage
from services.entry.files.domain.xml_edits import Element, PartIsBroken
from services.entry.files.formats.sheet_scan import (
    SheetScan,
    UnusualCells,
    check_extent,
    check_size,
    find_unusual_cells,
    not_xml,
)

# python-calamine reads these parts regardless of the package's relations.
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_STRINGS = "xl/sharedstrings.xml"
_PARSED = (CONTENT_TYPES.lower(), _WORKBOOK, _RELATIONS, _STYLES)

MAX_PARSED_SIZE = 4 * 1024 * 1024
MAX_IRREGULAR_SIZE = 64 * 1024 * 1024
MAX_STRINGS = 3_000_000

_MAIN = (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml")
_MACROS = (b"macroEnabled", b"vbaProject")
_PERCENT_FORMATS = frozenset({"9", "10"})
"""The numbers of the built-in formats "0%" and "0.00%"."""


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


def unusual_cells_of(package: XlsxPackage, scans: Scans, sheet: str) -> UnusualCells | None:
    """Find errors, formulas without results and percentages on a sheet; None where the scan found no sign of them."""
    part = _sheets(package).get(sheet, "").lower()
    if part not in scans:
        message = f"The part of the sheet {sheet!r} cannot be found."
        raise FileIsRefused("broken-archive", message, RESAVE, f"sheet {sheet}")
    scan, styles = scans[part], _percent_styles(package)
    if not (scan.has_unusual_cells or scan.is_irregular or styles):
        return None
    return _find(package, part, percent_styles=styles)


def is_uncomputed(package: XlsxPackage) -> bool:
    """Return whether the workbook asks the reader to compute its formulas; the stored results are then placeholders."""
    return any(
        each.attributes.get("fullCalcOnLoad") in ("1", "true")
        for each in _elements(package, _WORKBOOK)
        if each.local == "calcPr"
    )


def _refuse_other(package: XlsxPackage) -> None:
    types = _read(package, CONTENT_TYPES)
    if any(each in types for each in _MACROS) or package.has("xl/vbaProject.bin"):
        message = "The workbook contains macros."
        raise FileIsRefused(
            "macros", message, 'A workbook without macros: Save as, "Excel workbook (.xlsx)".'
        )
    if not any(each in types for each in _MAIN) or not _read(package, _WORKBOOK):
        message = "The file is an archive but not an XLSX workbook."
        raise FileIsRefused("not-a-workbook", message, 'Save as, "Excel workbook (.xlsx)".')


def _refuse_many_strings(package: XlsxPackage) -> None:
    entry = package.archive.entries.get(_STRINGS)
    if entry is None or entry.file_size < MAX_STRINGS * len("<si/>"):
        return
    count = sum(chunk.count(b"<si") for chunk in package.archive.chunks(_STRINGS))
    if count > MAX_STRINGS:
        message = f"The workbook has {count:,} texts."
        expected = f"At most {MAX_STRINGS:,} texts. CSV and NDJSON files may have more."
        raise FileIsRefused("too-large", message, expected)


def _refuse_large_sheets(package: XlsxPackage, scans: Scans) -> None:
    for name, scan in scans.items():
        entry = package.archive.entries[name]
        if scan.is_sheet and scan.is_irregular:
            _check_part_size(entry, most=MAX_IRREGULAR_SIZE)
            check_size(*_find(package, name).last, part=entry.filename)
        elif scan.is_sheet and scan.is_far:
            check_extent(package.archive.chunks(name), part=entry.filename)


def _find(package: XlsxPackage, part: str, percent_styles: frozenset[str] = frozenset()) -> UnusualCells:
    name = package.archive.entries[part].filename
    return find_unusual_cells(package.archive.chunks(part), percent_styles=percent_styles, part=name)


def _sheets(package: XlsxPackage) -> dict[str, str]:
    # Each names itself if it is malformed.
    for part in (_RELATIONS, _WORKBOOK):
        _elements(package, part)
    try:
        return package.sheets(_WORKBOOK)
    except PartIsBroken:
        raise not_xml(_WORKBOOK) from None


def _percent_styles(package: XlsxPackage) -> frozenset[str]:
    """Return the numbers of the styles that show a number as a percentage."""
    formats, found = set(_PERCENT_FORMATS), []
    is_of_cells = False
    for each in _elements(package, _STYLES):
        if each.local == "numFmt" and "%" in each.attributes.get("formatCode", ""):
            formats.add(each.attributes.get("numFmtId", ""))
        elif each.local in ("cellXfs", "cellStyleXfs", "cellStyles"):
            is_of_cells = each.local == "cellXfs"
        elif each.local == "xf" and is_of_cells:
            found.append(each.attributes.get("numFmtId"))
    return frozenset(str(at) for at, number in enumerate(found) if number in formats)


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
        message = (
            f"A part has more than {most // 1024**2} MB, or is not written as spreadsheet programs write it."
        )
        raise FileIsRefused("too-large", message, RESAVE, f"part {entry.filename}")
