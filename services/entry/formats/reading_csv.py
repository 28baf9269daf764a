"""CSV as programs and spreadsheets write it: UTF-8 or UTF-16, any of three separators, titles above the headings."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from services.entry.formats.headings import MOST_ROWS_ABOVE, Headings, find_headings, no_headings
from services.entry.formats.readings import Reading
from services.entry.formats.refusing import FileIsRefused
from services.entry.formats.rows import Numbered, Rows
from shared.documents.formulas import unescape_formula
from shared.reference import fields_of

SEPARATORS = ",;\t"
"""Between cells; the one by which most headings are known. Spreadsheets in most of Europe write semicolons."""

BEYOND = "(no heading)"
"""What stands beyond the last heading. A separator inside a text without quotation marks moves all cells behind it."""

LONGEST_LINE = 4_000_000
LONGEST_CELL = 131_072

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UTF8 = "utf-8-sig"
_SAMPLE = 256 * 1024
_PIECE = 1024 * 1024
_NUL = "\0"
_ENDS = ("\n", "\r")

_AS_UTF8 = 'In a spreadsheet: Save as, "CSV UTF-8". UTF-16 is read where its byte order mark comes first.'


def read_csv(stream: BinaryIO, *, kind: str, name: str) -> Reading:
    """Read the records of a table, and where their cells are; raises FileIsRefused."""
    encoding = _MARKS.get(stream.read(2), _UTF8)
    stream.seek(0)
    separator, headings = _found(stream.read(_SAMPLE).decode(encoding, errors="replace"), kind, name)
    columns = {**headings.columns, BEYOND: headings.width + 1}
    reader = Rows(columns, fields_of(kind))
    rows = islice(_rows(_lines(stream, encoding), separator), headings.row, None)
    return Reading(
        records=reader.records(_within(rows, headings.width)),
        origins={"sheet": name, "rows": reader.numbers, "columns": columns},
    )


def _found(sample: str, kind: str, name: str) -> tuple[str, Headings]:
    """The separator by which most headings are known, and the headings."""
    best: tuple[str, Headings] | None = None
    for separator in SEPARATORS:
        rows = list(islice(_sound_rows(sample, separator), MOST_ROWS_ABOVE))
        found = find_headings(rows, kind=kind, sheet=name)
        if found and (best is None or found.known > best[1].known):
            best = separator, found
    if best is None:
        raise no_headings(kind, name)
    return best


def _sound_rows(sample: str, separator: str) -> Iterator[list[str]]:
    """The first rows, as far as they can be read: the sample may end inside quotation marks."""
    try:
        for _, cells in _rows(io.StringIO(sample, newline=""), separator):
            yield cells
    except FileIsRefused:
        return


def _within(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Numbered]:
    """Rows of this width; all that stands beyond it shares one more cell."""
    for number, cells in rows:
        beyond = [cell for cell in cells[width:] if cell]
        yield number, [*cells[:width], " ".join(beyond)] if beyond else cells


def _rows(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows as a spreadsheet numbers them: from 1, whatever lines a cell takes. Texts are as before an export."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(map(unescape_formula, cells))
    except csv.Error as error:
        raise _broken_row(number + 1, reader.line_num, is_long="limit" in str(error)) from None


def _broken_row(row: int, line: int, *, is_long: bool) -> FileIsRefused:
    if is_long:
        message = f"A cell of row {row} has more than {LONGEST_CELL:,} characters; a quotation mark may not be closed."
    else:
        message = f"The quotation marks of row {row} do not match."
    expected = "Quotation marks before and after a text, and doubled within it."
    return FileIsRefused("broken-row", message, expected, f"line {line}")


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines, whichever of the three ends they have; raises FileIsRefused for what is no text."""
    stream.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Borrowed(stream)), encoding=encoding, newline="")
    number = 0
    while line := _next_line(text, stream, encoding):
        number += 1
        if _NUL in line:
            raise _holds_nul(number, line.index(_NUL) + 1)
        if len(line) == LONGEST_LINE and not line.endswith(_ENDS):
            raise _is_long(number)
        yield line


def _next_line(text: io.TextIOWrapper, stream: BinaryIO, encoding: str) -> str:
    try:
        return text.readline(LONGEST_LINE)
    except UnicodeDecodeError:
        # The error knows only where it is in the buffer.
        raise _undecodable(stream, encoding) from None


class _Borrowed(io.RawIOBase):
    """A stream that whoever opened it closes, and nobody else."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """The next bytes."""
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _holds_nul(line: int, column: int) -> FileIsRefused:
    message = (
        "The file holds a NUL character, as no text does; it may be UTF-16 without its mark, or no table."
    )
    return FileIsRefused("nul", message, _AS_UTF8, f"line {line}, character {column}")


def _is_long(line: int) -> FileIsRefused:
    message = f"A line has more than {LONGEST_LINE:,} characters."
    return FileIsRefused("long-line", message, "A line for each record.", f"line {line}")


def _undecodable(stream: BinaryIO, encoding: str) -> FileIsRefused:
    """Look for the byte at which reading ended."""
    name, decoder = ("UTF-16", "utf-16") if encoding == "utf-16" else ("UTF-8", "utf-8")
    decode = codecs.getincrementaldecoder(decoder)().decode
    stream.seek(0)
    at, line = 0, 1
    while piece := stream.read(_PIECE):
        try:
            decode(piece)
        except UnicodeDecodeError as error:
            start = error.start - (len(error.object) - len(piece))
            at, line = at + start, line + piece.count(b"\n", 0, max(start, 0))
            break
        at, line = at + len(piece), line + piece.count(b"\n")
    return FileIsRefused(
        "encoding", f"The file is not {name}.", _AS_UTF8, f"line {line}, byte {at + 1} of the file"
    )
