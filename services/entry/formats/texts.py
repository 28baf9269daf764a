"""All texts of a file, also those that are no part of a record: a marking stands in a title, a footer, a comment.

Nothing is made of them, so they are read roughly: what stands between tags, or on lines.
"""

import html
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from services.entry.formats.media import CSV, XLSX, XML

LINES_AT_ONCE = 5_000
MOST_PARTS = 5_000
MOST_BYTES = 250 * 1024 * 1024
"""Of a workbook's parts, inflated. One that has more is no workbook, and reading it says so."""

_TAGS = re.compile(rb"<[^<>]*>")
_INLINE = re.compile(rb"<is>(.*?)</is>|<headerFooter[^>]*>(.*?)</headerFooter>", re.DOTALL)
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")

Texts = Iterator[tuple[str, str]]


def texts_in(stream: BinaryIO, *, media_type: str) -> Texts:
    """Texts with the places where they stand, as a person would look for them. Of JSON none: all of it is records."""
    find = _FINDERS.get(media_type)
    return find(stream) if find else iter(())


def _of_table(stream: BinaryIO) -> Texts:
    start = stream.read(2)
    stream.seek(0)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        yield "the table", stream.read().decode("utf-16", errors="replace")
        return
    number = 1
    while lines := list(islice(stream, LINES_AT_ONCE)):
        text = b"".join(lines).decode("utf-8", errors="replace")
        yield f"lines {number} to {number + len(lines) - 1}", text
        number += len(lines)


def _of_xml(stream: BinaryIO) -> Texts:
    yield "the activities", _between_tags(stream.read())


def _of_workbook(stream: BinaryIO) -> Texts:
    try:
        with ZipFile(stream) as package:
            left = MOST_BYTES
            for part in package.infolist()[:MOST_PARTS]:
                if part.filename.endswith((".xml", ".vml")):
                    with package.open(part) as opened:
                        content = opened.read(left)
                    left -= len(content)
                    yield part.filename, _of_part(part.filename, content)
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError):
        # What cannot be unpacked is refused by who reads it for records, and says why.
        return


def _of_part(name: str, content: bytes) -> str:
    """Of a sheet only what is no number: the texts of most cells lie in a part of their own."""
    if _SHEET.fullmatch(name):
        return "\n".join(_between_tags(b"".join(found)) for found in _INLINE.findall(content))
    return _between_tags(content)


def _between_tags(content: bytes) -> str:
    return html.unescape(_TAGS.sub(b"\n", content).decode("utf-8", errors="replace"))


_FINDERS: dict[str, Callable[[BinaryIO], Texts]] = {CSV: _of_table, XML: _of_xml, XLSX: _of_workbook}
