"""Texts of a file, including titles, footers and comments, where classification markings occur.

The texts are only searched, so they are extracted roughly: between tags, or line by line.
"""

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from services.entry.files.domain.archives import Archive, is_xml
from services.entry.files.domain.refusals import FileIsRefused

LINES_PER_TEXT = 5_000
MAX_MARKING_LENGTH = 200
"""The length of a chunk's end that is repeated with the next chunk, as a marking may span both."""

_TAGS = re.compile(rb"<[^<>]*>")
_TEXTS = (b"<t>", b"<t ", b":t>", b":t ", b't="str"', b"Header", b"Footer")
"""Signs that a chunk of a sheet contains texts. Most cells refer to the shared strings part."""
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")

Texts = Iterator[tuple[str, str]]


def list_csv_texts(stream: BinaryIO) -> Texts:
    """Yield blocks of lines with their numbers."""
    start = stream.read(2)
    stream.seek(0)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        yield "the table", stream.read().decode("utf-16", errors="replace")
        return
    number = 1
    while lines := list(islice(stream, LINES_PER_TEXT)):
        text = b"".join(lines).decode("utf-8", errors="replace")
        yield f"lines {number} to {number + len(lines) - 1}", text
        number += len(lines)


def list_xml_texts(stream: BinaryIO) -> Texts:
    """Yield all text of an activity file."""
    yield "the activities", _between_tags(stream.read())


def list_xlsx_texts(stream: BinaryIO) -> Texts:
    """Yield the texts of each XML part with its name; none for a workbook that cannot be unpacked."""
    try:
        archive = Archive.open(stream)
        part, end = "", ""
        for name, chunk in archive.all_chunks():
            if not is_xml(name) or (_SHEET.fullmatch(name) and not any(each in chunk for each in _TEXTS)):
                continue
            text = (end if name == part else "") + _between_tags(chunk)
            part, end = name, text[-MAX_MARKING_LENGTH:]
            yield archive.entries[name].filename, text
    except FileIsRefused:
        # The reader of the records refuses the file with a reason.
        return


def _between_tags(content: bytes) -> str:
    return html.unescape(_TAGS.sub(b"\n", content).decode("utf-8", errors="replace"))
