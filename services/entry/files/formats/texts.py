"""All texts of a file, also those that are no part of a record: a marking stands in a title, a footer, a comment.

Nothing is made of them, so they are read roughly: what stands between tags, or on lines.
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
"""So much of a piece is looked at again with the next one, in which a marking may go on."""

_TAGS = re.compile(rb"<[^<>]*>")
_TEXTS = (b"<t>", b"<t ", b":t>", b":t ", b't="str"', b"Header", b"Footer")
"""What shows that a piece of a sheet has texts of its own: those of most cells lie in a part of their own."""
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")

Texts = Iterator[tuple[str, str]]


def list_csv_texts(stream: BinaryIO) -> Texts:
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
    yield "the activities", _between_tags(stream.read())


def list_xlsx_texts(stream: BinaryIO) -> Texts:
    try:
        archive = Archive.open(stream)
        part, end = "", ""
        for name, piece in archive.all_chunks():
            if not is_xml(name) or (_SHEET.fullmatch(name) and not any(each in piece for each in _TEXTS)):
                continue
            text = (end if name == part else "") + _between_tags(piece)
            part, end = name, text[-MAX_MARKING_LENGTH:]
            yield archive.entries[name].filename, text
    except FileIsRefused:
        # What cannot be unpacked is refused by who reads it for records, and says why.
        return


def _between_tags(content: bytes) -> str:
    return html.unescape(_TAGS.sub(b"\n", content).decode("utf-8", errors="replace"))
