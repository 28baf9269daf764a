"""Read uploaded files: records and texts, by media type."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.headings import read_headings
from services.entry.files.formats.read_csv import read_csv
from services.entry.files.formats.read_iati import read_iati
from services.entry.files.formats.read_json import read_json, read_ndjson
from services.entry.files.formats.read_xlsx import read_xlsx
from services.entry.files.formats.table import Table
from services.entry.files.formats.tables import read_table
from services.entry.files.formats.texts import (
    Texts,
    list_csv_texts,
    list_json_texts,
    list_xlsx_texts,
    list_xml_texts,
)
from shared.i18n import Text

_TEXTS: dict[str, Callable[[BinaryIO], Texts]] = {
    media_types.CSV: list_csv_texts,
    media_types.XLSX: list_xlsx_texts,
    media_types.XML: list_xml_texts,
    media_types.JSON: list_json_texts,
    media_types.NDJSON: list_json_texts,
}


_START_SIZE = 4 * 1024
"""The size of a file's start, which tells its format."""


def read_file(stream: BinaryIO, *, media_type: str, kind: str, name: str) -> ReadResult:
    """Read the records of a file; raise `FileIsRefused`, also while the records are iterated.

    `name` is the file name, which findings show. An invalid cell value stays in its record as a text.
    """
    essence, charset = media_types.split(media_type)
    _refuse_other(stream)
    match essence:
        case media_types.CSV:
            return read_csv(stream, kind=kind, name=name, charset=charset)
        case media_types.XLSX:
            return read_xlsx(stream, kind=kind)
        case media_types.NDJSON:
            return read_ndjson(stream, name=name)
        case media_types.JSON:
            return read_json(stream)
        case media_types.XML:
            return read_iati(stream, kind=kind)
    raise FileIsRefused(
        "format",
        Text("Files of the type {media_type} are not accepted.", media_type=media_type),
        Text("One of: {media_types}.", media_types=", ".join(media_types.FORMATS)),
    )


def _refuse_other(stream: BinaryIO) -> None:
    """Name a file that is none of the formats."""
    start = stream.read(_START_SIZE)
    stream.seek(0)
    message = media_types.name_other(start)
    if message is not None:
        expected = Text('A spreadsheet: Save as, "Excel workbook (.xlsx)" or "CSV UTF-8".')
        raise FileIsRefused("not-a-table", message, expected)


def read_rows(rows: Iterable[Sequence[Any]], *, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the rows of a table in memory, whose first row has the headings.

    Yield the position of each record's row below them, from 0, and the record. A table that cannot be read has none.
    """
    rows = iter(rows)
    try:
        headings = read_headings(next(rows), row=1, kind=kind, sheet="")
    except FileIsRefused:
        return
    reading = read_table(Table("", kind, headings, above=(), below=enumerate(rows, start=2)), summary={})
    numbers = reading.origins["rows"] if reading.origins else []
    for at, record in enumerate(reading.records):
        yield numbers[at] - 2, record


def list_texts(stream: BinaryIO, *, media_type: str) -> Texts:
    """Yield every text of a file with its location, including titles, footers, comments and names.

    Raise `FileIsRefused` for a file whose texts cannot be decoded.
    """
    find = _TEXTS.get(media_types.split(media_type)[0])
    return find(stream) if find else iter(())
