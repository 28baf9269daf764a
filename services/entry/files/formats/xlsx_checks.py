"""A workbook as a package of parts: looked through once, so that what reads it later meets nothing unforeseen.

Expat is fed only what declares no entities: archives.py refuses the rest.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZipInfo

from services.entry.files.domain.archives import Archive, is_xml
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.sheet_scan import (
    SheetScan,
    UnusualCells,
    check_extent,
    check_size,
    find_unusual_cells,
    not_xml,
)

_TYPES = "[content_types].xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_STRINGS = "xl/sharedstrings.xml"
_KEPT = (_TYPES, _WORKBOOK, _RELATIONS, _STYLES)

MAX_PART_SIZE = 4 * 1024 * 1024
MAX_IRREGULAR_SIZE = 64 * 1024 * 1024
MAX_STRINGS = 3_000_000

_MAIN = (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml")
_MACROS = (b"macroEnabled", b"vbaProject")
_PERCENT_FORMATS = frozenset({"9", "10"})
"""The numbers of "0%" and "0.00%", which are built in."""

_SAVE_ANEW = "Open it in a spreadsheet program, and save it anew as .xlsx."

Attributes = dict[str, str]


@dataclass(frozen=True)
class Package:
    """A workbook that may be read."""

    archive: Archive
    looks: dict[str, SheetScan]
    kept: dict[str, bytes]

    @classmethod
    def checked(cls, stream: BinaryIO) -> "Package":
        """Look through a workbook; raises FileIsRefused for what is none, or is built to do harm."""
        archive = Archive.opened(stream)
        looks = {name: SheetScan() for name in archive.entries if is_xml(name)}
        kept: dict[str, list[bytes]] = {name: [] for name in _KEPT}
        for name, piece in archive.all_pieces():
            if name in looks:
                looks[name].at(piece)
            if name in kept:
                _refuse_large(archive.entries[name], most=MAX_PART_SIZE)
                kept[name].append(piece)
        package = cls(archive, looks, {name: b"".join(pieces) for name, pieces in kept.items()})
        package._refuse_other()
        package._refuse_many_strings()
        package._refuse_far()
        return package

    def _refuse_other(self) -> None:
        types = self.kept[_TYPES]
        if any(each in types for each in _MACROS) or "xl/vbaproject.bin" in self.archive.entries:
            message = "The workbook has macros, which are programs."
            raise FileIsRefused(
                "macros", message, 'The same without them: Save as, "Excel workbook (.xlsx)".'
            )
        if not any(each in types for each in _MAIN) or not self.kept[_WORKBOOK]:
            message = "The file is an archive, but no XLSX workbook."
            raise FileIsRefused("not-a-workbook", message, 'Save as, "Excel workbook (.xlsx)".')

    def _refuse_many_strings(self) -> None:
        entry = self.archive.entries.get(_STRINGS)
        if entry is None or entry.file_size < MAX_STRINGS * len("<si/>"):
            return
        count = sum(piece.count(b"<si") for piece in self.archive.pieces(_STRINGS))
        if count > MAX_STRINGS:
            message = f"The workbook has {count:,} texts."
            raise FileIsRefused(
                "too-large", message, f"At most {MAX_STRINGS:,}; CSV or NDJSON may have more."
            )

    def _refuse_far(self) -> None:
        for name, look in self.looks.items():
            if not look.is_sheet:
                continue
            part = self.archive.entries[name].filename
            if look.is_irregular:
                _refuse_large(self.archive.entries[name], most=MAX_IRREGULAR_SIZE)
                last = find_unusual_cells(
                    self.archive.pieces(name), percent_styles=frozenset(), part=part
                ).last
                check_size(*last, part=part)
            elif look.is_far:
                check_extent(self.archive.pieces(name), part=part)

    def oddities(self, sheet: str) -> UnusualCells | None:
        """Errors, uncomputed formulas and percentages on a sheet; None where there are none."""
        name = self._parts.get(sheet)
        if name is None:
            message = f"It cannot be told in which part the sheet {sheet!r} is."
            raise FileIsRefused("broken-archive", message, _SAVE_ANEW, f"sheet {sheet}")
        look, styles = self.looks[name], self._percent_styles
        if not (look.has_oddities or look.is_irregular or styles):
            return None
        part = self.archive.entries[name].filename
        return find_unusual_cells(self.archive.pieces(name), percent_styles=styles, part=part)

    @cached_property
    def is_uncomputed(self) -> bool:
        """Whether the program that wrote it left computing to others: what formulas have as values is made up."""
        return any(
            attributes.get("fullCalcOnLoad") in ("1", "true")
            for tag, attributes in _tags(self.kept[_WORKBOOK], _WORKBOOK)
            if tag == "calcPr"
        )

    @cached_property
    def _parts(self) -> dict[str, str]:
        """The part of each sheet by its name."""
        targets = {
            each["Id"]: posixpath.normpath(posixpath.join("/xl", each["Target"])).lstrip("/").lower()
            for tag, each in _tags(self.kept[_RELATIONS], _RELATIONS)
            if tag == "Relationship" and {"Id", "Target"}.issubset(each)
        }
        found: dict[str, str] = {}
        for tag, attributes in _tags(self.kept[_WORKBOOK], _WORKBOOK):
            if tag == "sheet":
                ids = [value for name, value in attributes.items() if name.endswith(":id")]
                target = targets.get(ids[0]) if ids else None
                if target in self.looks:
                    found[attributes.get("name", "")] = target
        return found

    @cached_property
    def _percent_styles(self) -> frozenset[str]:
        """The numbers of the styles that show a number as per cent."""
        formats, found = set(_PERCENT_FORMATS), []
        is_of_cells = False
        for tag, attributes in _tags(self.kept[_STYLES], _STYLES):
            if tag == "numFmt" and "%" in attributes.get("formatCode", ""):
                formats.add(attributes.get("numFmtId", ""))
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles"):
                is_of_cells = tag == "cellXfs"
            elif tag == "xf" and is_of_cells:
                found.append(attributes.get("numFmtId"))
        return frozenset(str(at) for at, number in enumerate(found) if number in formats)


def _refuse_large(entry: ZipInfo, *, most: int) -> None:
    """Refuse a part by its size, which is what it says: it was inflated, or is about to be."""
    if entry.file_size > most:
        message = (
            f"A part has more than {most // 1024**2} MB, or is not written as spreadsheet programs write it."
        )
        raise FileIsRefused("too-large", message, _SAVE_ANEW, f"part {entry.filename}")


def _tags(content: bytes, part: str) -> Iterator[tuple[str, Attributes]]:
    """The names of a part's elements, without prefixes, and their attributes, in their order."""
    if not content:
        return
    found: list[tuple[str, Attributes]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's signature
    except (expat.ExpatError, LookupError):
        # An encoding that nobody knows is a LookupError.
        raise not_xml(part) from None
    yield from found
