"""The CSV reader. It accepts UTF-8 and UTF-16, three separators, and titles above the headings."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.headings import MAX_HEADING_ROW, Headings, find_headings, no_headings
from services.entry.files.formats.rows import Numbered, RowReader
from shared.documents.formulas import unescape_formula
from shared.reference import fields_of

SEPARATORS = ",;\t"
"""Candidate separators; the one with most known headings is used. Most European spreadsheets write semicolons."""

OVERFLOW = "(no heading)"
"""The field of cells beyond the last heading. An unquoted separator in a text shifts cells there."""

MAX_LINE_LENGTH = 4_000_000
MAX_CELL_LENGTH = 131_072

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UTF8 = "utf-8-sig"
_SAMPLE = 256 * 1024
_CHUNK_SIZE = 1024 * 1024
_NUL = "\0"
_ENDS = ("\n", "\r")

_AS_UTF8 = 'In a spreadsheet program: Save as, "CSV UTF-8". UTF-16 needs a byte order mark.'


def read_csv(stream: BinaryIO, *, kind: str, name: str) -> ReadResult:
    """Read the records of a table, with the origin of each; raise `FileIsRefused`."""
    encoding = _MARKS.get(stream.read(2), _UTF8)
    stream.seek(0)
    separator, headings = _detect_format(stream.read(_SAMPLE).decode(encoding, errors="replace"), kind, name)
    columns = {**headings.columns, OVERFLOW: headings.width + 1}
    reader = RowReader(columns, fields_of(kind))
    rows = islice(_rows(_lines(stream, encoding), separator), headings.row, None)
    return ReadResult(
        records=reader.records(_merge_overflow(rows, headings.width)),
        origins={"sheet": name, "rows": reader.numbers, "columns": columns},
    )


def _detect_format(sample: str, kind: str, name: str) -> tuple[str, Headings]:
    """Return the separator with most known headings, and the headings."""
    best: tuple[str, Headings] | None = None
    for separator in SEPARATORS:
        rows = list(islice(_rows_in_sample(sample, separator), MAX_HEADING_ROW))
        found = find_headings(rows, kind=kind, sheet=name)
        if found and (best is None or found.known > best[1].known):
            best = separator, found
    if best is None:
        raise no_headings(kind, name)
    return best


def _rows_in_sample(sample: str, separator: str) -> Iterator[list[str]]:
    """Yield the readable rows of a sample, which may end inside quotation marks."""
    try:
        for _, cells in _rows(io.StringIO(sample, newline=""), separator):
            yield cells
    except FileIsRefused:
        return


def _merge_overflow(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Numbered]:
    """Yield the rows of a width, with all cells beyond it merged into one more cell."""
    for number, cells in rows:
        beyond = [cell for cell in cells[width:] if cell]
        yield number, [*cells[:width], " ".join(beyond)] if beyond else cells


def _rows(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers as in a spreadsheet, from 1. Escapes that an export added are removed."""
    csv.field_size_limit(MAX_CELL_LENGTH)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(map(unescape_formula, cells))
    except csv.Error as error:
        raise _broken_row(number + 1, reader.line_num, is_long="limit" in str(error)) from None


def _broken_row(row: int, line: int, *, is_long: bool) -> FileIsRefused:
    if is_long:
        message = f"A cell of row {row} has more than {MAX_CELL_LENGTH:,} characters. A closing quotation mark may be missing."
    else:
        message = f"The quotation marks of row {row} do not match."
    expected = "Quotation marks before and after a text, and doubled inside it."
    return FileIsRefused("broken-row", message, expected, f"line {line}")


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines, with any of the three line ends; raise `FileIsRefused` for content that is not text."""
    stream.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_UnclosedStream(stream)), encoding=encoding, newline="")
    number = 0
    while line := _next_line(text, stream, encoding):
        number += 1
        if _NUL in line:
            raise _has_nul(number, line.index(_NUL) + 1)
        if len(line) == MAX_LINE_LENGTH and not line.endswith(_ENDS):
            raise _is_long(number)
        yield line


def _next_line(text: io.TextIOWrapper, stream: BinaryIO, encoding: str) -> str:
    try:
        return text.readline(MAX_LINE_LENGTH)
    except UnicodeDecodeError:
        # The error gives only a position within the buffer.
        raise _bad_encoding(stream, encoding) from None


class _UnclosedStream(io.RawIOBase):
    """A wrapper that leaves the stream open, for the caller to close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Allow reading."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer."""
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _has_nul(line: int, column: int) -> FileIsRefused:
    message = "The file contains a NUL character. It may be UTF-16 without a byte order mark, or not a table."
    return FileIsRefused("nul", message, _AS_UTF8, f"line {line}, character {column}")


def _is_long(line: int) -> FileIsRefused:
    message = f"A line has more than {MAX_LINE_LENGTH:,} characters."
    return FileIsRefused("long-line", message, "One line for each record.", f"line {line}")


def _bad_encoding(stream: BinaryIO, encoding: str) -> FileIsRefused:
    """Locate the first byte that cannot be decoded."""
    name, decoder = ("UTF-16", "utf-16") if encoding == "utf-16" else ("UTF-8", "utf-8")
    decode = codecs.getincrementaldecoder(decoder)().decode
    stream.seek(0)
    at, line = 0, 1
    while chunk := stream.read(_CHUNK_SIZE):
        try:
            decode(chunk)
        except UnicodeDecodeError as error:
            start = error.start - (len(error.object) - len(chunk))
            at, line = at + start, line + chunk.count(b"\n", 0, max(start, 0))
            break
        at, line = at + len(chunk), line + chunk.count(b"\n")
    return FileIsRefused(
        "encoding", f"The file is not {name}.", _AS_UTF8, f"line {line}, byte {at + 1} of the file"
    )
