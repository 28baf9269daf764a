"""Files into records, whatever their format."""

from typing import BinaryIO

from services.entry.formats import media
from services.entry.formats.reading_csv import read_csv
from services.entry.formats.reading_iati import read_iati
from services.entry.formats.reading_json import read_json, read_ndjson
from services.entry.formats.reading_xlsx import read_xlsx
from services.entry.formats.readings import Reading
from services.entry.formats.refusing import FileIsRefused

__all__ = ["FileIsRefused", "Reading", "read_file"]


def read_file(stream: BinaryIO, *, media_type: str, kind: str, name: str) -> Reading:
    """Read a file of one of the formats; raises `FileIsRefused`, also while its records are walked.

    `name` is the file's, for findings to show. What a cell holds that makes no sense there stays in its record, as the
    text that it is.
    """
    match media_type:
        case media.CSV:
            return read_csv(stream, kind=kind, name=name)
        case media.XLSX:
            return read_xlsx(stream, kind=kind)
        case media.NDJSON:
            return read_ndjson(stream, name=name)
        case media.JSON:
            return read_json(stream)
        case media.XML:
            return read_iati(stream, kind=kind)
    raise FileIsRefused(
        "format", f"Files of the type {media_type} are not read.", f"One of: {', '.join(media.TAKEN)}."
    )
