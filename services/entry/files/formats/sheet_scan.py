"""A scan of sheets for what python-calamine does not report: extent, errors, formats, and what is hidden or merged.

Calamine holds a sheet as a rectangle from the first cell to the last, so two distant cells exhaust memory. It returns
errors such as #REF!, and formulas without results, as blanks. The parser never meets entities: archives.py refuses them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.entry.files.domain.cell_refs import column_letters, column_number
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.formats.number_formats import NumberFormat
from services.entry.files.formats.sheet_layout import Layout, may_have_layout
from shared.i18n import Text

MAX_CELLS = 6_000_000
"""The maximum number of cells of a sheet from the first to the last, including blanks: 100,000 rows of 60 columns."""

MAX_STYLES = 500
"""The maximum number of styles that are looked for by name: each cell is compared with one after the other."""

_UNUSUAL_CELL = re.compile(rb'<c(?! r="[A-Z][1-9][0-9]{0,4}")')
"""Matches the start of a cell that differs from the form most programs write."""

_IRREGULAR = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,3}[1-9][0-9]{0,6}")')
_FAR = re.compile(rb'<c r="(?:[A-Z]{2}|[A-Z][0-9]{6})')
_FORMULA = re.compile(rb"<f[\s/>]")
_ERROR = b't="e"'
_REFS = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_PREFIXED = b":c"
_CELLS = b"sheetData"
_REF = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.IGNORECASE)
_ROW = re.compile(r"[1-9][0-9]{0,6}")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})", re.IGNORECASE)


Position = tuple[int, int]
"""Row and column, from 1."""


@dataclass
class SheetScan:
    """The result of a fast first scan, which rarely requires a second."""

    is_sheet: bool = False
    is_irregular: bool = False
    """Cells are not in the form that most programs write."""
    is_far: bool = False
    """The sheet has cells beyond column Z or row 99,999."""
    has_unusual_cells: bool = False
    """The sheet has formulas or errors."""
    has_layout: bool = False
    """The sheet has hidden rows or columns, or merged cells."""
    has_escapes: bool = False
    """The part has texts with escapes that calamine does not decode."""

    def add(self, chunk: bytes) -> None:
        """Scan a chunk that ends before a tag."""
        self.is_sheet = self.is_sheet or _CELLS in chunk
        # A single byte is found much faster than several, and most chunks have none of these.
        if b"_" in chunk and not self.has_escapes:
            self.has_escapes = UNDECODED.search(chunk) is not None
        if self.is_sheet and not self.has_layout:
            self.has_layout = may_have_layout(chunk)
        if not self.is_sheet or self.is_irregular:
            return
        self.has_unusual_cells = self.has_unusual_cells or _ERROR in chunk
        if b":" in chunk and _PREFIXED in chunk:
            self.is_irregular = True
        elif _UNUSUAL_CELL.search(chunk) or _FORMULA.search(chunk):
            self.is_irregular = _IRREGULAR.search(chunk) is not None
            self.is_far = self.is_far or _FAR.search(chunk) is not None
            self.has_unusual_cells = self.has_unusual_cells or _FORMULA.search(chunk) is not None


UNDECODED = re.compile(
    rb"_x(?:([Dd][89ABab][0-9A-Fa-f]{2})__x([Dd][C-Fc-f][0-9A-Fa-f]{2})_(?<!_x005[Ff]_x...._.{7})"
    rb"|([Ff]{3}[EFef])_(?<!_x005[Ff]_x...._))"
)
"""Escapes that calamine leaves as they are: of a surrogate pair, and of a character that XML cannot hold."""


@dataclass
class UnusualCells:
    """Cells whose value is only in the XML, and the sheet's layout."""

    last: Position = (0, 0)
    """The last row and the last column with cells."""
    errors: dict[Position, str] = field(default_factory=dict)
    uncomputed: list[Position] = field(default_factory=list)
    """Formulas without a result."""
    zeros: list[Position] = field(default_factory=list)
    """Formulas with the result 0, which programs that compute nothing write."""
    formats: dict[Position, NumberFormat] = field(default_factory=dict)
    """The cells whose format shows a number in another way, or nothing, or with a currency."""
    hidden: dict[Position, Any] = field(default_factory=dict)
    """The values that their format hides, of the rows to which this was applied."""
    currencies: dict[Position, NumberFormat] = field(default_factory=dict)
    """The numbers whose format names a currency, of the rows to which this was applied."""
    scaled: dict[Position, str] = field(default_factory=dict)
    """The text after a number that multiplies it for a reader, of the rows to which this was applied."""
    layout: Layout = field(default_factory=Layout)

    def apply_to(self, row: int, first_column: int, cells: list[Any]) -> None:
        """Set the found values in a row of cells that begins at a column."""
        for at, cell in enumerate(cells, start=first_column):
            if (row, at) in self.errors:
                cells[at - first_column] = self.errors[row, at]
            elif cell != "" and (row, at) in self.formats:
                self._apply_format(self.formats[row, at], (row, at), cells, at - first_column)

    def _apply_format(
        self, number_format: NumberFormat, position: Position, cells: list[Any], at: int
    ) -> None:
        cell = cells[at]
        if number_format.hides(cell):
            self.hidden[position] = cell
            cells[at] = ""
        elif isinstance(cell, float):
            if number_format.currency:
                self.currencies[position] = number_format
            if number_format.scale:
                self.scaled[position] = number_format.scale
            cells[at] = number_format.show(cell)


def check_extent(chunks: Iterable[bytes], *, part: str) -> None:
    """Check the extent of a sheet of regular cells; raise `FileIsRefused`."""
    rows = columns = 0
    for chunk in chunks:
        refs = _REFS.findall(chunk)
        if refs:
            columns = max(columns, *map(column_number, {column.decode() for column, _ in refs}))
            rows = max(rows, *map(int, {row for _, row in refs}))
    check_size(rows, columns, part=part)


def check_size(rows: int, columns: int, *, part: str) -> None:
    """Check the size of a sheet; raise `FileIsRefused`."""
    if rows * columns > MAX_CELLS:
        raise FileIsRefused(
            "too-large",
            Text(
                "A sheet extends to row {row} and column {column}.",
                row=f"{rows:,}",
                column=column_letters(columns),
            ),
            Text(
                "At most {most} cells from the first to the last. Delete distant cells, including formatted blanks.",
                most=f"{MAX_CELLS:,}",
            ),
            part_of(part),
        )


def find_styled_cells(
    chunks: Iterable[bytes], *, styles: Mapping[str, NumberFormat], has_layout: bool
) -> UnusualCells | None:
    """Find the cells with some styles and the layout in a sheet of regular cells. None where a row has no number."""
    found = UnusualCells()
    numbers = b"|".join(style.encode() for style in styles) if len(styles) <= MAX_STYLES else b"[0-9]{1,7}"
    styled = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})" s="(' + numbers + rb')"')
    for chunk in chunks:
        if styles:
            for column, row, style in styled.findall(chunk):
                if number_format := styles.get(style.decode()):
                    found.formats[int(row), column_number(column.decode())] = number_format
        if has_layout and not found.layout.add_chunk(chunk):
            return None
    return found


def find_unusual_cells(
    chunks: Iterable[bytes], *, styles: Mapping[str, NumberFormat], part: str
) -> UnusualCells:
    """Read every cell of a sheet in any form; raise `FileIsRefused` for malformed XML."""
    found = UnusualCells()
    reader = _CellHandler(found, styles, part)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's signature
        parser.Parse(b"", True)  # noqa: FBT003 - expat's signature
    except (expat.ExpatError, LookupError):
        # An unknown encoding raises LookupError.
        raise not_xml(part) from None
    return found


def not_xml(part: str) -> FileIsRefused:
    """Return the refusal of a malformed part."""
    return FileIsRefused("broken-archive", Text("A part of the workbook is not XML."), RESAVE, part_of(part))


def part_of(name: str) -> Text:
    """Return the place of a fault in a part of the archive."""
    return Text("part {name}", name=name)


class _CellHandler:
    """The parser's handler, which records unusual cells. A cell without a reference follows the previous cell."""

    def __init__(self, found: UnusualCells, styles: Mapping[str, NumberFormat], part: str) -> None:
        self._part = part
        self._found = found
        self._styles = styles
        self._row = self._column = 0
        self._type: str | None = None
        self._has_formula = self._has_value = self._is_value = False
        self._value: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                written = attributes.get("r")
                self._row = self._row + 1 if written is None else int(self._matched(_ROW, written)[0])
                self._column = 0
                self._found.layout.add_row(self._row, attributes)
            case "col":
                self._found.layout.add_columns(attributes)
            case "mergeCell":
                if merged := _RANGE.fullmatch(attributes.get("ref", "")):
                    self._found.layout.add_merged((merged[1], merged[2]), (merged[3], merged[4]))
            case "c":
                self._start_cell(attributes)
            case "f":
                self._has_formula = True
            case "v":
                # A formula with an empty text as its result has a value element without text.
                self._has_value = self._type == "str"
                self._is_value = True

    def _matched(self, pattern: re.Pattern[str], written: str) -> re.Match[str]:
        """Match a row number or cell reference strictly, so that every reader finds the same position."""
        found = pattern.fullmatch(written)
        if found is None:
            message = Text('A cell has the invalid reference "{reference}".', reference=written[:20])
            raise FileIsRefused("broken-archive", message, RESAVE, part_of(self._part))
        return found

    def _start_cell(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r")
        if written is None:
            self._column += 1
        else:
            position = self._matched(_REF, written)
            self._row, self._column = int(position[2]), column_number(position[1].upper())
        last_row, last_column = self._found.last
        if self._row > last_row or self._column > last_column:
            self._found.last = max(self._row, last_row), max(self._column, last_column)
        self._type = attributes.get("t")
        self._has_formula = self._has_value = False
        self._value.clear()
        style = self._styles.get(attributes.get("s", ""))
        if style is not None:
            self._found.formats[self._row, self._column] = style

    def text(self, text: str) -> None:
        if self._is_value:
            self._has_value = True
            if self._type == "e" or self._has_formula:
                self._value.append(text)

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v":
                self._is_value = False
            case "c":
                self._end_cell((self._row, self._column), "".join(self._value))

    def _end_cell(self, position: Position, value: str) -> None:
        if self._type == "e":
            self._found.errors[position] = value or "#ERROR"
        elif self._has_formula and not self._has_value:
            self._found.uncomputed.append(position)
        elif self._has_formula and value == "0":
            self._found.zeros.append(position)
