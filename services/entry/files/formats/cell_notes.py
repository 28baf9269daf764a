"""The notes (comments) on the cells of a sheet. They are no values, so no record holds them."""

import html
import re

from services.entry.files.domain.read_result import Unread
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.domain.xml_edits import PartIsBroken
from services.entry.files.formats.sheets import OURS

_TAG = re.compile(r"<[^<>]*>")
_ROW = re.compile(r"[A-Z]{1,3}([1-9][0-9]{0,6})")


def report_notes(package: XlsxPackage, part: str, *, sheet: str, after: int) -> list[Unread]:
    """Report the notes below a row, but for our own on templates and annotated workbooks. `part` is that of the sheet."""
    try:
        notes = list(_notes_in(package, part))
    except PartIsBroken:
        # Nothing that a spreadsheet program shows.
        return []
    found = [
        (int(matched[1]), cell, text)
        for cell, text in notes
        if (matched := _ROW.fullmatch(cell)) is not None and int(matched[1]) > after
    ]
    if not found:
        return []
    row, cell, text = min(found)
    values = {"cell": cell, "text": text, "count": len(found)}
    return [Unread("cell-notes", values, sheet=sheet, row=row, cell=cell)]


def _notes_in(package: XlsxPackage, part: str) -> list[tuple[str, str]]:
    name = package.related(part, "comments")
    if name is None or not package.has(name):
        return []
    markup = package.xml(name)
    authors = [
        _text_of(markup.inside(each))
        for authors in markup.find_all("authors")
        for each in markup.children_of(authors)
    ]
    ours = {str(at) for at, author in enumerate(authors) if author.startswith(OURS)}
    notes = [
        (each.attributes, _text_of(markup.inside(each)))
        for comments in markup.find_all("commentList")
        for each in markup.children_of(comments)
    ]
    return [
        (attributes.get("ref", ""), text)
        for attributes, text in notes
        if text and attributes.get("authorId") not in ours and not text.startswith(OURS)
    ]


def _text_of(markup: bytes) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup.decode(errors="replace"))).split())
