"""A sheet's marked cells in their colours. It is read and written piece by piece, and only those cells' tags are new."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import IO

from services.entry.files.domain.cell_refs import cell_position, cell_ref
from services.entry.files.domain.xml_edits import (
    PartIsBroken,
    end_tag,
    new_parser,
    parse,
    raw_tag,
    relation_id,
    start_tag,
)

CHUNK_SIZE = 256 * 1024
MAX_WIDTH = 255.0
"""So many characters wide is a column at most."""
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOLLOWERS = frozenset(
    (
        *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
        *("webPublishItems", "tableParts", "extLst", "AlternateContent"),
    )
)
"""What stands behind the word of where the boxes of a sheet's comments are."""

Colour = Callable[[int, str], int]
"""The style that is as another one, and coloured for a severity."""
Severities = Mapping[int, Mapping[int, str]]
"""The severity of each marked cell, by row and column."""


def copy_sheet(
    source: IO[bytes],
    sink: IO[bytes],
    marked: Severities,
    colour: Colour,
    *,
    drawing: str,
    piece: int = CHUNK_SIZE,
) -> "SheetCopy":
    """Copy a sheet, its marked cells coloured; raises PartIsBroken.

    The boxes of comments will be found under the relation that the sheet has for them, else under `drawing`.
    """
    made = SheetCopy(sink, marked, colour, drawing)
    try:
        while content := source.read(piece):
            made.feed(content)
        made.finish()
    except PartIsBroken:
        raise
    except (KeyError, ValueError):
        raise PartIsBroken("a number in a sheet is none") from None
    return made


class SheetCopy:
    """A copy in the making; when it is made, `drawing` is the relation to the boxes, and `widths` are known."""

    def __init__(self, sink: IO[bytes], marked: Severities, colour: Colour, drawing: str) -> None:
        self.drawing = drawing
        self.widths: list[tuple[range, float]] = []
        """Of columns that have one of their own, in characters."""
        self._column_styles: list[tuple[range, int]] = []
        self._sink = sink
        self._marked = marked
        self._colour = colour
        self._rows = deque(sorted(marked))
        """Those that are still to come, and below the cells of the present one."""
        self._cells: deque[int] = deque()
        self._row = self._column = self._depth = 0
        self._row_style: int | None = None
        self._prefix = ""
        self._relationships = _RELATIONSHIPS
        self._is_settled = False
        """Whether the word of the boxes is there."""
        self._kept = bytearray()
        self._from = self._until = 0
        """The offset of what is kept, since it is not written yet, and up to where nothing of it will be changed."""
        self._parser = new_parser()
        self._parser.StartElementHandler = self._before_rows

    def feed(self, content: bytes) -> None:
        """Take the next piece."""
        self._kept += content
        parse(self._parser, content, is_last=False)
        self._write_until(self._until)

    def finish(self) -> None:
        """Write what is left."""
        parse(self._parser, b"", is_last=True)
        self._write_until(self._from + len(self._kept))

    # --- what the parser meets ---

    def _before_rows(self, name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        if local == "worksheet":
            self._note_relationships(attributes)
        if local == "col":
            self._note_column(attributes)
        if local == "sheetData":
            self._prefix = prefix + colon
            self._begin_rows(name, attributes)

    def _begin_rows(self, name: str, attributes: dict[str, str]) -> None:
        self._parser.StartElementHandler = self._among_rows
        self._parser.EndElementHandler = self._row_ends
        if tag := self._empty_tag():
            rows = b"".join(map(self._new_row, self._rows))
            self._replace(tag, start_tag(name, attributes) + rows + end_tag(name))
            self._rows.clear()

    def _among_rows(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{self._prefix}c":
            if self._cells:
                self._begin_cell(name, attributes)
        elif name == f"{self._prefix}row":
            self._begin_row(name, attributes)

    def _begin_row(self, name: str, attributes: dict[str, str]) -> None:
        self._until = self._parser.CurrentByteIndex
        row = int(attributes.get("r") or self._row + 1)
        while self._rows and self._rows[0] < row:
            self._put(self._new_row(self._rows.popleft()))
        self._row, self._column = row, 0
        if not self._rows or self._rows[0] != row:
            return
        self._rows.popleft()
        self._row_style = _own_style(attributes)
        self._cells.extend(sorted(self._marked[self._row]))
        # What is said of the columns that it spans may no longer hold, and need not be said.
        attributes.pop("spans", None)
        if tag := self._empty_tag():
            self._replace(tag, start_tag(name, attributes) + self._new_cells() + end_tag(name))
        else:
            self._replace(self._tag(), start_tag(name, attributes))

    def _begin_cell(self, name: str, attributes: dict[str, str]) -> None:
        self._column = cell_position(attributes["r"])[1] if "r" in attributes else self._column + 1
        while self._cells and self._cells[0] < self._column:
            self._put(self._new_cell(self._cells.popleft()))
        if self._cells and self._cells[0] == self._column:
            self._cells.popleft()
            tag = self._tag()
            style = self._coloured(int(attributes.get("s", 0)), self._column)
            is_empty = tag.endswith(b"/>")
            self._replace(tag, start_tag(name, {**attributes, "s": style}, is_empty=is_empty))

    def _row_ends(self, name: str) -> None:
        if name == f"{self._prefix}row" and self._cells:
            self._put(self._new_cells())
        elif name == f"{self._prefix}sheetData":
            if self._rows:
                self._put(b"".join(map(self._new_row, self._rows)))
            self._parser.StartElementHandler = self._behind_rows
            self._parser.EndElementHandler = self._one_ends

    def _behind_rows(self, name: str, attributes: dict[str, str]) -> None:
        self._until = self._parser.CurrentByteIndex
        local = name.rpartition(":")[2]
        if self._depth == 0 and not self._is_settled:
            if local == "legacyDrawing":
                self._is_settled = True
                self.drawing = relation_id(attributes)
            elif local in _FOLLOWERS:
                self._settle()
        self._depth += 1

    def _one_ends(self, _name: str) -> None:
        if self._depth == 0 and not self._is_settled:
            self._settle()
        self._depth -= 1

    def _settle(self) -> None:
        self._is_settled = True
        facts = {"xmlns:r": self._relationships, "r:id": self.drawing}
        self._put(start_tag(f"{self._prefix}legacyDrawing", facts, is_empty=True))

    # --- what is new ---

    def _note_relationships(self, attributes: Mapping[str, str]) -> None:
        """A workbook of the strict kind has other names for the same."""
        for value in attributes.values():
            if value.endswith("/officeDocument/relationships"):
                self._relationships = value

    def _note_column(self, attributes: Mapping[str, str]) -> None:
        columns = range(int(attributes["min"]), int(attributes["max"]) + 1)
        if "style" in attributes:
            self._column_styles.append((columns, int(attributes["style"])))
        if attributes.get("hidden") in ("1", "true"):
            self.widths.append((columns, 0.0))
        elif 0 <= (width := float(attributes.get("width", -1))) <= MAX_WIDTH:
            self.widths.append((columns, width))

    def _coloured(self, style: int, column: int) -> int:
        return self._colour(style, self._marked[self._row][column])

    def _new_row(self, row: int) -> bytes:
        self._row, self._row_style = row, None
        self._cells.extend(sorted(self._marked[row]))
        tag = start_tag(f"{self._prefix}row", {"r": row})
        return tag + self._new_cells() + end_tag(f"{self._prefix}row")

    def _new_cells(self) -> bytes:
        """All that are still to come in the row."""
        new = b"".join(map(self._new_cell, self._cells))
        self._cells.clear()
        return new

    def _new_cell(self, column: int) -> bytes:
        """A cell where there was none: it looks as its row did, else as its column."""
        style = self._row_style
        if style is None:
            style = next((its for columns, its in self._column_styles if column in columns), 0)
        facts = {"r": cell_ref(self._row, column), "s": self._coloured(style, column)}
        return start_tag(f"{self._prefix}c", facts, is_empty=True)

    # --- how it is written ---

    def _tag(self) -> bytes:
        """The tag that was met."""
        return raw_tag(self._kept, self._parser.CurrentByteIndex - self._from)

    def _empty_tag(self) -> bytes | None:
        """The same if it is the whole element."""
        tag = self._tag()
        return tag if tag.endswith(b"/>") else None

    def _put(self, new: bytes) -> None:
        """Write something before the tag that was met."""
        self._write_until(self._parser.CurrentByteIndex)
        self._sink.write(new)

    def _replace(self, tag: bytes, new: bytes) -> None:
        """Write something in the place of the tag that was met."""
        self._put(new)
        del self._kept[: len(tag)]
        self._from += len(tag)

    def _write_until(self, offset: int) -> None:
        if (length := offset - self._from) > 0:
            self._sink.write(self._kept[:length])
            del self._kept[:length]
            self._from = offset


def _own_style(attributes: Mapping[str, str]) -> int | None:
    """The style of a row that has one."""
    is_its_own = attributes.get("customFormat") in ("1", "true") and "s" in attributes
    return int(attributes["s"]) if is_its_own else None
