"""The boxes that display comments, as VML. Existing VML may be malformed, so it is not parsed.

New boxes are inserted before its end; boxes of comments with added text are lengthened.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from services.entry.files.domain.cell_refs import MAX_COLUMN, MAX_ROW
from services.entry.files.domain.xml_edits import PartIsBroken
from services.entry.workbooks.formats.annotating.cell_notes import TextRun

_NAMESPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
EMPTY_DRAWING = (
    f'<xml {_NAMESPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
).encode()
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"

Texts = Mapping[tuple[int, int], Sequence[TextRun]]
"""Texts of comments by row and column."""
Widths = Sequence[tuple[range, float]]
"""Widths of columns with a width of their own, in characters."""

_SHAPE_TYPE = (
    f'<v:shapetype {_NAMESPACES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    f'<v:shape {_NAMESPACES} id="_x0000_s{{id}}" type="#_x0000_t202" style="position:absolute;'
    'width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SHAPE_ID = re.compile(rb"_x0000_s([0-9]{1,9})")
_FIRST_ID = 1025
_OF_A_COMMENT = re.compile(
    rb"(?P<open><(?P<prefix>(?:[\w.-]{1,40}:)?)ClientData\b[^<>]*>)"
    rb"(?P<inside>[^<]*(?:<(?!/?[\w.-]{0,40}:?ClientData)[^<]*)*)</(?P=prefix)ClientData>"
)
"""Matches in linear time, even where many elements lack an end."""
_ROW = re.compile(rb"Row>\s*([0-9]{1,7})\s*<")
_COLUMN = re.compile(rb"Column>\s*([0-9]{1,5})\s*<")
_ANCHOR = re.compile(rb"(Anchor>(?:\s*[0-9]+\s*,){6}\s*)([0-9]{1,7})")
"""Columns and rows of the corners, each with an offset in pixels. The second group is the bottom row."""

# In pixels, except for _CHARACTERS_IN_A_LINE.
_WIDTH = 340
_CHARACTERS_IN_A_LINE = 52
_LINE = 15
_ROW_HEIGHT = 20
_COLUMN_WIDTH = 64
_CHARACTER = 7
_GAP = 12


def add_boxes(content: bytes, new: Texts, longer: Texts, widths: Widths) -> bytes:
    """Return the part with boxes for new comments, and longer boxes for extended ones; raise `PartIsBroken`."""
    end = content.rfind(b"</xml>")
    if end < 0:
        raise PartIsBroken("the drawing of the comments has no end")
    first = max((int(each) for each in _SHAPE_ID.findall(content)), default=_FIRST_ID - 1) + 1
    shapes = [] if b'"_x0000_t202"' in content else [_SHAPE_TYPE]
    shapes += [_box(first + at, *runs, widths) for at, runs in enumerate(new.items())]
    before = _lengthen(content[:end], longer, widths) if longer else content[:end]
    return before + "".join(shapes).encode("ascii") + content[end:]


def _box(number: int, position: tuple[int, int], runs: Sequence[TextRun], widths: Widths) -> str:
    row, column = position
    lines = _lines(runs)
    return _SHAPE.format(
        id=number,
        width=_WIDTH,
        height=lines * _LINE,
        anchor=_anchor(row, column, lines, widths),
        row=row - 1,
        column=column - 1,
    )


def _lengthen(content: bytes, longer: Texts, widths: Widths) -> bytes:
    def lengthen(box: re.Match[bytes]) -> bytes:
        row, column = _ROW.search(box["inside"]), _COLUMN.search(box["inside"])
        position = (int(row[1]) + 1, int(column[1]) + 1) if row and column else (0, 0)
        if position not in longer:
            return box[0]
        lines = _lines(longer[position]) + 2
        if anchor := _ANCHOR.search(box["inside"]):
            bottom = min(int(anchor[2]) + _rows(lines), MAX_ROW - 1)
            at = box.start("inside") - box.start() + anchor.start(2)
            return box[0][:at] + str(bottom).encode() + box[0][at + len(anchor[2]) :]
        prefix = box["prefix"].decode()
        anchored = f"<{prefix}Anchor>{_anchor(*position, lines + 4, widths)}</{prefix}Anchor>".encode()
        return box["open"] + anchored + box[0][len(box["open"]) :]

    return _OF_A_COMMENT.sub(lengthen, content)


def _lines(runs: Sequence[TextRun]) -> int:
    """Return the number of lines of a text."""
    text = "".join(part.text for part in runs)
    return 1 + sum(1 + len(line) // _CHARACTERS_IN_A_LINE for line in text.split("\n"))


def _rows(lines: int) -> int:
    return -(-lines * _LINE // _ROW_HEIGHT)


def _anchor(row: int, column: int, lines: int, widths: Widths) -> str:
    """Return an anchor beside a cell: left column, pixels, top row, pixels, right column, pixels, bottom row, pixels; from 0."""
    left = min(column, MAX_COLUMN - 1)
    right, pixels = left, _GAP + _WIDTH
    for width in _pixels(left, widths):
        if pixels <= width or right == MAX_COLUMN - 1:
            break
        right, pixels = right + 1, pixels - width
    top = max(row - 2, 0)
    bottom = min(top + _rows(lines), MAX_ROW - 1)
    return f"{left}, {_GAP}, {top}, 8, {right}, {max(pixels, 0)}, {bottom}, 8"


def _pixels(column: int, widths: Widths) -> Iterator[int]:
    """Yield the widths of the columns behind a column, which counts from 0."""
    while True:
        column += 1
        characters = next((its for columns, its in widths if column in columns), None)
        yield _COLUMN_WIDTH if characters is None else int(characters * _CHARACTER)
