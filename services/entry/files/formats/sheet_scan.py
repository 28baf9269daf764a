"""The XML of sheets, for what python-calamine does not tell: how far a sheet reaches, and which cells have no value.

It holds a sheet as a rectangle from its first cell to its last, so two cells far apart would take all memory. And it
gives errors such as #REF!, and formulas that nobody has computed, as blanks.
Expat is fed only what declares no entities: archives.py refuses the rest.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.entry.files.domain.cell_refs import column_letters, column_number
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.cells import Percent

MAX_CELLS = 6_000_000
"""From a sheet's first cell to its last, blanks among them: 100,000 rows of 60 columns."""

_UNUSUAL_CELL = re.compile(rb'<c(?! r="[A-Z][1-9][0-9]{0,4}")')
"""What is not the start of a cell as most programs write most cells, but may be that of another one."""

_IRREGULAR = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,3}[1-9][0-9]{0,6}")')
_FAR = re.compile(rb'<c r="(?:[A-Z]{2}|[A-Z][0-9]{6})')
_FORMULA = re.compile(rb"<f[\s/>]")
_ERROR = b't="e"'
_PLACES = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_PREFIXED = b":c"
_CELLS = b"sheetData"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.IGNORECASE)
_ROW = re.compile(r"[1-9][0-9]{0,6}")

_SAVE_ANEW = "Open it in a spreadsheet program, and save it anew as .xlsx."

Place = tuple[int, int]
"""Row and column, from 1."""


@dataclass
class SheetScan:
    """What a first look at a part's pieces tells; nearly always that no second one is needed."""

    is_sheet: bool = False
    is_irregular: bool = False
    """Cells are not written as most programs write them."""
    is_far: bool = False
    """It has cells beyond column Z or row 99,999."""
    has_unusual_cells: bool = False
    """It has formulas or errors."""

    def add(self, piece: bytes) -> None:
        """Look at one more piece, which ends before a tag."""
        self.is_sheet = self.is_sheet or _CELLS in piece
        if not self.is_sheet or self.is_irregular:
            return
        self.has_unusual_cells = self.has_unusual_cells or _ERROR in piece
        if b":" in piece and _PREFIXED in piece:
            self.is_irregular = True
        elif _UNUSUAL_CELL.search(piece) or _FORMULA.search(piece):
            self.is_irregular = _IRREGULAR.search(piece) is not None
            self.is_far = self.is_far or _FAR.search(piece) is not None
            self.has_unusual_cells = self.has_unusual_cells or _FORMULA.search(piece) is not None


@dataclass
class UnusualCells:
    """Cells whose value has to be looked for in the XML."""

    last: Place = (0, 0)
    """The last row and the last column in which there are cells."""
    errors: dict[Place, str] = field(default_factory=dict)
    uncomputed: list[Place] = field(default_factory=list)
    """Formulas without a value."""
    zeros: list[Place] = field(default_factory=list)
    """Formulas whose value is 0, as those write it who do not compute."""
    percent: set[Place] = field(default_factory=set)

    def put_into(self, row: int, first_column: int, cells: list[Any]) -> None:
        """Put what was found into a row of cells that begins with this column."""
        for at, cell in enumerate(cells, start=first_column):
            if (row, at) in self.errors:
                cells[at - first_column] = self.errors[row, at]
            elif isinstance(cell, float) and (row, at) in self.percent:
                cells[at - first_column] = Percent(cell)


def check_extent(pieces: Iterable[bytes], *, part: str) -> None:
    """Refuse a sheet of regular cells that spans too many; raises FileIsRefused."""
    rows = columns = 0
    for piece in pieces:
        places = _PLACES.findall(piece)
        if places:
            columns = max(columns, *map(column_number, {column.decode() for column, _ in places}))
            rows = max(rows, *map(int, {row for _, row in places}))
    check_size(rows, columns, part=part)


def check_size(rows: int, columns: int, *, part: str) -> None:
    """Refuse so many rows and columns; raises FileIsRefused."""
    if rows * columns > MAX_CELLS:
        raise FileIsRefused(
            "too-large",
            f"A sheet reaches as far as row {rows:,} and column {column_letters(columns)}.",
            f"At most {MAX_CELLS:,} cells from the first to the last; delete what stands far off, even if it is a blank.",
            f"part {part}",
        )


def find_unusual_cells(pieces: Iterable[bytes], *, percent_styles: frozenset[str], part: str) -> UnusualCells:
    """Read every cell of a sheet, however it is written; raises FileIsRefused for what is no XML."""
    found = UnusualCells()
    reader = _CellHandler(found, percent_styles, part)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 - expat's signature
        parser.Parse(b"", True)  # noqa: FBT003 - the same
    except (expat.ExpatError, LookupError):
        # An encoding that nobody knows is a LookupError.
        raise not_xml(part) from None
    return found


def not_xml(part: str) -> FileIsRefused:
    """What is said of a part that is broken."""
    return FileIsRefused("broken-archive", "A part of the workbook is no XML.", _SAVE_ANEW, f"part {part}")


class _CellHandler:
    """Notes the cells as they come by. A cell may leave out its place: it then follows the one before it."""

    def __init__(self, found: UnusualCells, percent_styles: frozenset[str], part: str) -> None:
        self._part = part
        self._found = found
        self._percent_styles = percent_styles
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
            case "c":
                self._start_cell(attributes)
            case "f":
                self._has_formula = True
            case "v":
                # A formula whose result is an empty text has a value without one.
                self._has_value = self._type == "str"
                self._is_value = True

    def _matched(self, pattern: re.Pattern[str], written: str) -> re.Match[str]:
        """Where a row or a cell says it is: nowhere that others would read otherwise."""
        found = pattern.fullmatch(written)
        if found is None:
            message = f"A cell says that it is at {written[:20]!r}, where none can be."
            raise FileIsRefused("broken-archive", message, _SAVE_ANEW, f"part {self._part}")
        return found

    def _start_cell(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r")
        if written is None:
            self._column += 1
        else:
            place = self._matched(_PLACE, written)
            self._row, self._column = int(place[2]), column_number(place[1].upper())
        last_row, last_column = self._found.last
        if self._row > last_row or self._column > last_column:
            self._found.last = max(self._row, last_row), max(self._column, last_column)
        self._type = attributes.get("t")
        self._has_formula = self._has_value = False
        self._value.clear()
        if attributes.get("s") in self._percent_styles:
            self._found.percent.add((self._row, self._column))

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

    def _end_cell(self, place: Place, value: str) -> None:
        if self._type == "e":
            self._found.errors[place] = value or "#ERROR"
        elif self._has_formula and not self._has_value:
            self._found.uncomputed.append(place)
        elif self._has_formula and value == "0":
            self._found.zeros.append(place)
