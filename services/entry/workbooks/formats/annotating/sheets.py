"""A copy of a sheet with coloured cells, streamed in chunks. Only the tags of these cells change."""

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
"""The maximum width of a column, in characters."""
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOLLOWERS = frozenset(
    (
        *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
        *("webPublishItems", "tableParts", "extLst", "AlternateContent"),
    )
)
"""Elements that follow the legacyDrawing element, which refers to the comments' boxes."""

Colour = Callable[[int, str], int]
"""Returns a style like another one, in the colour of a severity."""
Severities = Mapping[int, Mapping[int, str]]
"""The severity of each cell with findings, by row and column."""


def copy_sheet(
    source: IO[bytes],
    sink: IO[bytes],
    marked: Severities,
    colour: Colour,
    *,
    drawing: str,
    chunk_size: int = CHUNK_SIZE,
) -> "SheetCopy":
    """Copy a sheet with coloured cells; raise `PartIsBroken`.

    A sheet without a relation to the boxes of its comments gets the relation `drawing`.
    """
    copy = SheetCopy(sink, marked, colour, drawing)
    try:
        while content := source.read(chunk_size):
            copy.feed(content)
        copy.finish()
    except PartIsBroken:
        raise
    except (KeyError, ValueError):
        raise PartIsBroken("a sheet contains an invalid number") from None
    return copy


class SheetCopy:
    """A streamed copy. After `finish`, `drawing` is the relation to the boxes, and `widths` are known."""

    def __init__(self, sink: IO[bytes], marked: Severities, colour: Colour, drawing: str) -> None:
        self.drawing = drawing
        self.widths: list[tuple[range, float]] = []
        """Widths of columns with a width of their own, in characters."""
        self._column_styles: list[tuple[range, int]] = []
        self._sink = sink
        self._marked = marked
        self._colour = colour
        self._rows = deque(sorted(marked))
        """The rows to come; `_cells` holds the cells to come of the current row."""
        self._cells: deque[int] = deque()
        self._row = self._column = self._depth = 0
        self._row_style: int | None = None
        self._prefix = ""
        self._relationships = _RELATIONSHIPS
        self._has_drawing = False
        """True once the legacyDrawing element is written."""
        self._buffer = bytearray()
        self._start = self._stable = 0
        """The offset of the unwritten buffer, and the offset up to which it will not change."""
        self._parser = new_parser()
        self._parser.StartElementHandler = self._before_rows

    def feed(self, content: bytes) -> None:
        """Process the next chunk."""
        self._buffer += content
        parse(self._parser, content, is_last=False)
        self._write_until(self._stable)

    def finish(self) -> None:
        """Write the rest of the buffer."""
        parse(self._parser, b"", is_last=True)
        self._write_until(self._start + len(self._buffer))

    # --- Handlers of the parser ---

    def _before_rows(self, name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        if local == "worksheet":
            self._record_namespace(attributes)
        if local == "col":
            self._record_column(attributes)
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
        self._stable = self._parser.CurrentByteIndex
        row = int(attributes.get("r") or self._row + 1)
        while self._rows and self._rows[0] < row:
            self._put(self._new_row(self._rows.popleft()))
        self._row, self._column = row, 0
        if not self._rows or self._rows[0] != row:
            return
        self._rows.popleft()
        self._row_style = _own_style(attributes)
        self._cells.extend(sorted(self._marked[self._row]))
        # The optional `spans` may no longer hold.
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
            self._parser.StartElementHandler = self._after_rows
            self._parser.EndElementHandler = self._element_ends

    def _after_rows(self, name: str, attributes: dict[str, str]) -> None:
        self._stable = self._parser.CurrentByteIndex
        local = name.rpartition(":")[2]
        if self._depth == 0 and not self._has_drawing:
            if local == "legacyDrawing":
                self._has_drawing = True
                self.drawing = relation_id(attributes)
            elif local in _FOLLOWERS:
                self._add_drawing()
        self._depth += 1

    def _element_ends(self, _name: str) -> None:
        if self._depth == 0 and not self._has_drawing:
            self._add_drawing()
        self._depth -= 1

    def _add_drawing(self) -> None:
        self._has_drawing = True
        facts = {"xmlns:r": self._relationships, "r:id": self.drawing}
        self._put(start_tag(f"{self._prefix}legacyDrawing", facts, is_empty=True))

    # --- New markup ---

    def _record_namespace(self, attributes: Mapping[str, str]) -> None:
        """Record the namespace of relations, which differs in strict workbooks."""
        for value in attributes.values():
            if value.endswith("/officeDocument/relationships"):
                self._relationships = value

    def _record_column(self, attributes: Mapping[str, str]) -> None:
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
        """Return the remaining new cells of the row."""
        new = b"".join(map(self._new_cell, self._cells))
        self._cells.clear()
        return new

    def _new_cell(self, column: int) -> bytes:
        """Return a new cell with the style of its row, or else of its column."""
        style = self._row_style
        if style is None:
            style = next((its for columns, its in self._column_styles if column in columns), 0)
        facts = {"r": cell_ref(self._row, column), "s": self._coloured(style, column)}
        return start_tag(f"{self._prefix}c", facts, is_empty=True)

    # --- Output ---

    def _tag(self) -> bytes:
        """Return the current tag."""
        return raw_tag(self._buffer, self._parser.CurrentByteIndex - self._start)

    def _empty_tag(self) -> bytes | None:
        """Return the current tag if it is an empty element."""
        tag = self._tag()
        return tag if tag.endswith(b"/>") else None

    def _put(self, new: bytes) -> None:
        """Write markup before the current tag."""
        self._write_until(self._parser.CurrentByteIndex)
        self._sink.write(new)

    def _replace(self, tag: bytes, new: bytes) -> None:
        """Replace the current tag with markup."""
        self._put(new)
        del self._buffer[: len(tag)]
        self._start += len(tag)

    def _write_until(self, offset: int) -> None:
        if (length := offset - self._start) > 0:
            self._sink.write(self._buffer[:length])
            del self._buffer[:length]
            self._start = offset


def _own_style(attributes: Mapping[str, str]) -> int | None:
    """Return the style of a row, if the row has its own."""
    is_its_own = attributes.get("customFormat") in ("1", "true") and "s" in attributes
    return int(attributes["s"]) if is_its_own else None
