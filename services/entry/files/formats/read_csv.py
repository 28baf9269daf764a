"""The CSV reader. It accepts the region's encodings, four separators, and titles above the headings."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from services.entry.files.domain.read_result import ReadResult, Unread
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.csv_encodings import Encoding, bad_encoding, encoding_of
from services.entry.files.formats.damaged_letters import DamagedLetters
from services.entry.files.formats.heading_refusals import MAX_HEADING_ROW, no_headings, wrong_kind
from services.entry.files.formats.headings import Headings, find_headings, other_kind_of
from services.entry.files.formats.quoted_formulas import QuotedFormulas
from services.entry.files.formats.rows import Numbered
from services.entry.files.formats.table import Table
from services.entry.files.formats.tables import read_table
from services.entry.files.formats.titles import mapping_in
from shared.i18n import Text
from shared.reference import KINDS

SEPARATORS = ",;\t|"
"""Candidate separators; the one with most known headings is used. Most European spreadsheets write semicolons."""

OVERFLOW = "(no heading)"
"""The field of cells beyond the last heading. An unquoted separator in a text shifts cells there."""

MAX_LINE_LENGTH = 4_000_000
MAX_CELL_LENGTH = 131_072

_SAMPLE = 256 * 1024
_NUL = "\0"
_ENDS = ("\n", "\r")
_SEPARATOR_LINE = "sep="
"""The start of a line in which Excel names the separator."""

_AS_UTF8 = Text('In a spreadsheet program: Save as, "CSV UTF-8".')


def read_csv(stream: BinaryIO, *, kind: str, name: str, charset: str | None = None) -> ReadResult:
    """Read the records of a table, with the origin of each; raise `FileIsRefused`. `charset` is what the sender declares."""
    encoding = encoding_of(stream, declared=charset)
    stream.seek(0)
    sample = stream.read(_SAMPLE).decode(encoding.codec, errors="replace")
    separator, first, headings = _detect_format(sample, kind, name)
    quoted = QuotedFormulas()
    damaged = DamagedLetters()
    lines = quoted.watch(damaged.watch(_lines(stream, encoding)))
    rows = islice(quoted.read(_rows(lines, separator)), headings.row, None)
    above = first[: headings.rows.start - 1]
    # A spreadsheet program gives each row as many cells; a row with more is broken.
    width = max(headings.width, len(first[headings.row - 1]))
    table = Table(
        name,
        kind,
        headings,
        above=[[] if _is_separator_line(cells) else cells for cells in above],
        below=_merge_overflow(rows, width),
        last_column=width,
        overflow=width + 1,
        overflow_name=OVERFLOW,
    )
    reason = (encoding.is_inferred and "encoding") or (encoding.is_doubtful and "declared-encoding")
    doubts = [Unread(reason, {"encoding": encoding.name})] if reason else []
    summary = {"encoding": encoding.name, "separator": separator}
    result = read_table(table, summary=summary, unread=doubts)
    result.records = quoted.reported(result.records, result.unread, sheet=name)
    if not encoding.is_doubtful:
        result.records = damaged.reported(result.records, result.unread, sheet=name)
    result.facts = mapping_in(above)
    return result


def _is_separator_line(cells: list[str]) -> bool:
    return bool(cells) and cells[0].lower().startswith(_SEPARATOR_LINE)


def _detect_format(sample: str, kind: str, name: str) -> tuple[str, list[list[str]], Headings]:
    """Return the separator with most known headings, the first rows, and the headings; raise `FileIsRefused`."""
    best: tuple[str, list[list[str]], Headings] | None = None
    other: str | None = None
    for separator in SEPARATORS:
        rows = list(islice(_rows_in_sample(sample, separator), MAX_HEADING_ROW))
        found = find_headings(rows, kind=kind, sheet=name)
        if found is None:
            other = other or _kind_of(rows, kind, name)
        elif best is None or found.known > best[2].known:
            best = separator, rows, found
            other = other_kind_of(rows[found.row - 1], kind)
    if other is not None:
        raise wrong_kind(other, kind, name)
    if best is None:
        raise no_headings(kind, name)
    return best


def _kind_of(rows: list[list[str]], kind: str, name: str) -> str | None:
    """Return the other kind of record for which the rows have headings, if any."""
    for each in KINDS:
        found = find_headings(rows, kind=each, sheet=name)
        if found is not None and other_kind_of(rows[found.row - 1], kind) == each:
            return each
    return None


def _rows_in_sample(sample: str, separator: str) -> Iterator[list[str]]:
    """Yield the readable rows of a sample, which may end inside quotation marks."""
    try:
        quoted = QuotedFormulas()
        lines = quoted.watch(io.StringIO(sample, newline=""))
        for _, cells in quoted.read(_rows(lines, separator)):
            yield cells
    except FileIsRefused:
        return


def _merge_overflow(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Numbered]:
    """Yield the rows of a width, with all cells beyond it merged into one more cell."""
    for number, cells in rows:
        beyond = [cell for cell in cells[width:] if cell]
        yield number, [*cells[:width], " ".join(beyond)] if beyond else cells


def _rows(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers as in a spreadsheet, from 1."""
    csv.field_size_limit(MAX_CELL_LENGTH)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        raise _broken_row(number + 1, reader.line_num, is_long="limit" in str(error)) from None


def _broken_row(row: int, line: int, *, is_long: bool) -> FileIsRefused:
    if is_long:
        message = Text(
            "A cell of row {row} has more than {most} characters. A closing quotation mark may be missing.",
            row=row,
            most=f"{MAX_CELL_LENGTH:,}",
        )
    else:
        message = Text("The quotation marks of row {row} do not match.", row=row)
    expected = Text("Quotation marks before and after a text, and doubled inside it.")
    return FileIsRefused("broken-row", message, expected, Text("line {line}", line=line))


def _lines(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Yield the lines, with any of the three line ends; raise `FileIsRefused` for content that is not text."""
    stream.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_UnclosedStream(stream)), encoding=encoding.codec, newline="")
    number = 0
    while line := _next_line(text, stream, encoding):
        number += 1
        if _NUL in line:
            raise _has_nul(number, line.index(_NUL) + 1)
        if len(line) == MAX_LINE_LENGTH and not line.endswith(_ENDS):
            raise _is_long(number)
        yield line


def _next_line(text: io.TextIOWrapper, stream: BinaryIO, encoding: Encoding) -> str:
    try:
        return text.readline(MAX_LINE_LENGTH)
    except UnicodeDecodeError:
        # The error gives only a position within the buffer.
        raise bad_encoding(stream, encoding) from None


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
    message = Text("The file contains a NUL character. It is not a table, or was cut and joined.")
    place = Text("line {line}, character {column}", line=line, column=column)
    return FileIsRefused("nul", message, _AS_UTF8, place)


def _is_long(line: int) -> FileIsRefused:
    message = Text("A line has more than {most} characters.", most=f"{MAX_LINE_LENGTH:,}")
    return FileIsRefused(
        "long-line", message, Text("One line for each record."), Text("line {line}", line=line)
    )
