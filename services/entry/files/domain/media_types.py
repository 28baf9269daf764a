"""Media types of submissions and downloads."""

import re
from collections.abc import Mapping

from shared.i18n import Text

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"

FORMATS = (JSON, NDJSON, CSV, XLSX, XML)
"""The media types of the formats that are read. XML is IATI's."""

_OF_BROWSERS: Mapping[str, str] = {
    **dict.fromkeys(
        ("application/csv", "application/x-csv", "text/x-csv", "text/comma-separated-values"), CSV
    ),
    **dict.fromkeys(("text/tab-separated-values", "text/plain", "application/vnd.ms-excel"), CSV),
    **dict.fromkeys(("application/octet-stream",), CSV),
    **dict.fromkeys(("text/xml",), XML),
    **dict.fromkeys(("text/json",), JSON),
    **dict.fromkeys(("application/ndjson", "application/jsonl", "application/x-jsonlines"), NDJSON),
}
"""Other names under which browsers and libraries send these formats. The content decides about those of CSV."""

ACCEPTED = (*FORMATS, *_OF_BROWSERS)
"""Media types accepted for an uploaded file."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOM = b"\xef\xbb\xbf"
_IATI = re.compile(rb"<(?:\?xml\b|iati-)", re.IGNORECASE)
_LINE = re.compile(rb"\{.*\}[ \t]*\r?\n[ \t\r\n]*\{")


def recognise(declared: str, *, charset: str | None, start: bytes) -> str:
    """Return the media type of a file by its first bytes, else the declared one, with the charset of a table.

    A workbook is recognised whatever it is declared as. A file declared as a table, or as of no particular type, may also
    be XML or JSON.
    """
    media_type = _OF_BROWSERS.get(declared, declared)
    if start.startswith((_ZIP, _OLE)):
        # The reader of workbooks names old and encrypted ones.
        return XLSX
    if media_type != CSV:
        return media_type
    text = start.removeprefix(_BOM).lstrip()
    if _IATI.match(text) and name_other(text) is None:
        return XML
    if text.startswith((b"[{", b"[ ", b"[\n", b"[\r", b"{")):
        return NDJSON if _LINE.match(text) else JSON
    return f"{CSV}; charset={charset[:40]}" if charset and charset.isascii() else CSV


def split(media_type: str) -> tuple[str, str | None]:
    """Return a media type without its charset, and the charset."""
    essence, _, charset = media_type.partition("; charset=")
    return essence, charset or None


_OTHERS = (
    (re.compile(rb"%PDF-"), Text("The file is a PDF document, not a table.")),
    (re.compile(rb"\{\\rtf"), Text("The file is an RTF document, not a table.")),
    (
        re.compile(rb"\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ"),
        Text("The file is a compressed archive, not a table."),
    ),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*"), Text("The file is a picture, not a table.")),
    (
        re.compile(
            rb"(?s)<\?xml.{0,200}<\?mso-application|<\?xml.{0,400}urn:schemas-microsoft-com:office:spreadsheet"
        ),
        Text("The file is an XML spreadsheet in the format of 2003."),
    ),
    (
        re.compile(rb"(?i)<!doctype html|<(?:html|head|meta|body|table|script|style)\b"),
        Text("The file is an HTML page, not a table."),
    ),
)


def name_other(start: bytes) -> Text | None:
    """Say what a file is that is none of the accepted formats; None if it is not recognised."""
    text = start.removeprefix(_BOM).lstrip()
    return next((name for pattern, name in _OTHERS if pattern.match(text)), None)
