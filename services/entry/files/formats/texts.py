"""All texts of a file as a person reads them: titles, notes, comments, headers and names included.

Classification markings are searched for in these texts. A file whose texts cannot be decoded is refused.
"""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from services.entry.files.domain.archives import Archive, is_xml
from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from services.entry.files.formats.formula_texts import joined_in_csv, joined_in_markup
from services.entry.files.formats.markup_texts import read_text
from services.entry.files.formats.scattered_texts import ShortTexts, list_cell_texts
from shared.i18n import Text

LINES_PER_TEXT = 5_000
MAX_MARKING_LENGTH = 4_000
"""The length of a chunk's end that is searched again with the next chunk: a marking in formatted runs may span both."""

MAX_EMBEDDED_SIZE = 50 * 1024 * 1024
"""The maximum size of a document inside a workbook."""

Texts = Iterator[tuple[str, str]]

_LEGACY = (
    *("cp1250", "cp1251", "cp1252", "iso8859_2", "iso8859_5", "cp852", "cp855", "cp866"),
    *("koi8_r", "mac_cyrillic", "mac_latin2", "mac_croatian"),
)
"""Encodings of the region before UTF-8. Lines that are not UTF-8 are searched in each."""

_UNICODE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_LONG_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CAPITALS = r"A-Z\u00c0-\u00de\u0100-\u024f\u0386-\u03ab\u0400-\u042f"
_ADJACENT = re.compile(
    rf"[{_CAPITALS}][{_CAPITALS} .\-/]{{0,40}}(?:[\"']?[;,\t|][\"']?[{_CAPITALS}][{_CAPITALS} .\-/]{{0,40}})+"
)
"""Adjacent cells in capitals. In prose, a blank follows a separator."""
_SEPARATORS = re.compile(r"[\"']?[;,\t|][\"']?")

_JSON_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)", re.DOTALL)

_SHEET = re.compile(r"xl/worksheets/")
_CELL_TEXTS = (b"str", b"Str", b"<f", b":f", b"heetData>")
"""Signs that a chunk of a sheet has texts, or more than cells. Most cells refer to the shared strings part."""
_CLUES = (b"&#", b"_x", b"<!", b"</r>", b":r>", b"rPr", b"rPh", b"</t><t", b"Header", b"Footer")
"""Signs that a text may be split into runs, or escaped."""
_BULK = re.compile(r"xl/(?:worksheets/|sharedstrings|pivotcache/)")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".ico", ".webp")
_DOCUMENTS = (".docx", ".docm", ".xlsx", ".xlsm", ".xlsb", ".pptx", ".pptm", ".odt", ".ods", ".odp", ".zip")
_PLAIN_NAME = re.compile(r"[\w./\[\]-]{1,100}", re.ASCII)


def list_csv_texts(stream: BinaryIO) -> Texts:
    """Yield blocks of lines with their numbers, in every encoding that they may have."""
    for place, text in _list_blocks(stream):
        yield place, _with_joined_cells(text)


def _list_blocks(stream: BinaryIO) -> Texts:
    start = stream.read(1024)
    stream.seek(0)
    if start[:2] in _MARKS or b"\0" in start:
        content = stream.read()
        is_marked = start[:2] in _MARKS and not start.startswith(_LONG_MARKS)
        for encoding in (_MARKS[start[:2]],) if is_marked else _UNICODE:
            yield "the file", content.decode(encoding, errors="ignore")
        return
    number = 1
    while lines := list(islice(stream, LINES_PER_TEXT)):
        place = f"lines {number} to {number + len(lines) - 1}"
        for text in _decoded(b"".join(lines)):
            yield place, text
        number += len(lines)


def _decoded(content: bytes) -> Iterator[str]:
    """Yield a text in UTF-8, else in each encoding that it may have."""
    try:
        yield content.decode()
    except UnicodeDecodeError:
        for encoding in _LEGACY:
            yield content.decode(encoding, errors="replace")


def _with_joined_cells(text: str) -> str:
    """Add adjacent cells in capitals as one text: the words of a marking may be in several."""
    joined = "\n".join(_SEPARATORS.sub(" ", cells) for cells in _ADJACENT.findall(text)) + joined_in_csv(text)
    return f"{text}\n{joined}" if joined else text


def list_json_texts(stream: BinaryIO) -> Texts:
    """Yield blocks of lines with their numbers. Facts beside the records, and names of fields, are among them."""
    for place, text in _list_blocks(stream):
        yield place, _without_escapes(text) if "\\" in text else text


def _without_escapes(text: str) -> str:
    """Decode the escapes of JSON. Two of them may be the halves of one character."""
    decoded = _JSON_ESCAPE.sub(_unescaped, text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return {"\\\\": "\\", '\\"': '"', "\\/": "/"}.get(escape[0], "\n")
    return chr(int(escape[1], 16))


_XML_ENCODING = re.compile(rb"""^[^>]{0,100}?encoding\s*=\s*["']([\w.:\-]{1,40})["']""")
_XML_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
_XML_STARTS = (
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def list_xml_texts(stream: BinaryIO) -> Texts:
    """Yield all text of an activity file, decoded as its declaration says; raise `FileIsRefused`."""
    content = stream.read()
    declared = _XML_ENCODING.match(content)
    by_start = next((name for mark, name in (*_XML_MARKS, *_XML_STARTS) if content.startswith(mark)), None)
    encoding = by_start or (declared[1].decode() if declared else "utf-8")
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError):
        for found in _decoded(content):
            yield "the activities", read_text(found)
        raise FileIsRefused(
            "not-xml",
            Text(
                "The XML cannot be decoded as {encoding}, the encoding that it declares.", encoding=encoding
            ),
            Text("An XML file in UTF-8."),
        ) from None
    yield "the activities", read_text(text)


def list_xlsx_texts(stream: BinaryIO) -> Texts:
    """Yield the texts of each part with its name; raise `FileIsRefused` for a workbook that cannot be unpacked."""
    short = ShortTexts()
    yield from _archive_texts(stream, short, is_embedded=False)
    if short.may_carry():
        yield from list_cell_texts(stream)


def _archive_texts(stream: BinaryIO, short: ShortTexts, *, is_embedded: bool) -> Texts:
    archive = Archive.open(stream)
    yield "the names of the parts", "\n".join(entry.filename for entry in archive.entries.values())
    part, end = "", b""
    document = bytearray()
    for name, chunk in archive.all_chunks():
        if name != part:
            yield from _embedded_texts(part, bytes(document), short, is_embedded=is_embedded)
            document.clear()
            part, end = name, b""
        if name.endswith(_DOCUMENTS):
            document += chunk
            if len(document) > MAX_EMBEDDED_SIZE:
                raise _cannot_be_searched(name)
        elif not name.endswith(_PICTURES):
            window = end + chunk
            joined = joined_in_markup(window) if is_xml(name) else ""
            if text := "\n".join(filter(None, (_text_of(name, window, short), joined))):
                yield _shown(archive.entries[name].filename), text
            end = _end_of(window)
    yield from _embedded_texts(part, bytes(document), short, is_embedded=is_embedded)


def _end_of(window: bytes) -> bytes:
    """Return the end of a chunk, from the start of a character."""
    start = max(len(window) - MAX_MARKING_LENGTH, 0)
    while 0 < start < len(window) and window[start] & 0xC0 == 0x80:  # noqa: PLR2004 - the bits of a later byte in UTF-8
        start += 1
    return window[start:]


def _embedded_texts(name: str, document: bytes, short: ShortTexts, *, is_embedded: bool) -> Texts:
    """Yield the texts of a document inside a workbook; raise `FileIsRefused` for one inside such a document."""
    if not document:
        return
    if is_embedded:
        raise _cannot_be_searched(name)
    for _, text in _archive_texts(io.BytesIO(document), short, is_embedded=True):
        yield _shown(name), text


def _text_of(name: str, content: bytes, short: ShortTexts) -> str:
    """Return the text of a part's content; none where it cannot be a part of a marking."""
    if not (is_xml(name) or name.endswith((".svg", ".htm", ".html", ".xhtml"))):
        # Old documents and settings: their texts are stored in single bytes, or in UTF-16.
        return f"{content.decode('latin-1')}\n{content.replace(bytes(1), b'').decode('latin-1')}"
    if content.isascii() and _BULK.match(name) and not any(clue in content for clue in _CLUES):
        if _SHEET.match(name) and b"<c " in content and not any(clue in content for clue in _CELL_TEXTS):
            return ""
        # No text is split or escaped: a marking stands in the markup as it is read.
        short.add_markup(content)
        return content.replace(b"<", b"\n").decode()
    try:
        text = read_text(content.decode())
    except UnicodeDecodeError:
        raise FileIsRefused(
            "broken-archive", Text("A part is not XML in UTF-8."), RESAVE, f"part {_shown(name)}"
        ) from None
    short.add(text)
    return text


def _shown(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else "a part of the workbook"


def _cannot_be_searched(name: str) -> FileIsRefused:
    return FileIsRefused(
        "embedded",
        Text("A document inside the workbook cannot be searched for classification markings."),
        Text("The workbook without embedded documents."),
        f"part {_shown(name)}",
    )
