"""A template put together: how to fill it in, the sheet to be filled in, and hidden the lists to choose from."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.entry.formats.templates.instructions import write_instructions
from services.entry.formats.templates.lists import Lists
from services.entry.formats.templates.mapping import Mapping, Offer, Record
from services.entry.formats.templates.styles import GREY, NAVY, Styles, height_of, width_of
from services.entry.formats.templates.validations import validation_of
from services.entry.formats.templates.values import Cell, cell_for
from services.entry.formats.templates.wording import comment_of, heading_of
from shared.documents.cells import WORKBOOK_OPTIONS, cell_text
from shared.reference import FOOTNOTE

TITLE, HEADINGS, NAMES, FIRST = range(4)
"""Rows: a title, headings for people, the fields' names, then a row for each record."""

ROWS = 5_000
"""So many rows have lists to choose from."""

_LETTERS_IN_A_LINE = 48
"""Of a comment."""

_FOOTNOTE_AT = 3
"""The column in which the footnote begins."""

_FROZEN_COLUMNS = 2
"""The reference and the title stay in sight."""


def template(mapping: Mapping, records: Sequence[Record] = ()) -> bytes:
    """The workbook, with these records filled in; the same bytes for the same of both."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS) as book:
        # Otherwise it would bear the time of day.
        book.set_properties(
            {"title": mapping.title, "created": datetime.combine(mapping.made_on, datetime.min.time())}
        )
        styles = Styles(book)
        offers = mapping.offers(records)
        how_to = book.add_worksheet("Instructions")
        sheet = _Sheet(book.add_worksheet(mapping.sheet), styles)
        lists = Lists(book.add_worksheet("Lists"), styles)
        sheet.head(mapping, offers)
        sheet.fill(offers, records)
        sheet.check(offers, lists)
        sheet.for_paper(mapping.tlp)
        lists.finish()
        write_instructions(how_to, styles, mapping, offers, filled=len(records))
    return file.getvalue()


class _Sheet:
    """The sheet to be filled in."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self._sheet = sheet
        self._styles = styles

    def head(self, mapping: Mapping, offers: Sequence[Offer]) -> None:
        """Write the title, the footnote, and above each column its heading and its name."""
        of = self._styles.of
        self._sheet.set_row(TITLE, 26)
        self._sheet.write_string(
            TITLE, 0, mapping.title, of(bold=True, font_size=14, font_color=NAVY, valign="vcenter")
        )
        self._sheet.write_string(
            TITLE, _FOOTNOTE_AT, FOOTNOTE, of(font_size=8, font_color=GREY, valign="vcenter")
        )
        self._sheet.set_row(HEADINGS, 48)
        for at, offer in enumerate(offers):
            column = offer.column
            self._sheet.set_column(at, at, width_of(column), self._styles.cells(column))
            heading = heading_of(offer, mapping.language)
            self._sheet.write_string(HEADINGS, at, heading, self._styles.heading(column))
            self._sheet.write_string(NAMES, at, column.path, self._styles.name())
            text = comment_of(offer, mapping.language)
            self._sheet.write_comment(HEADINGS, at, text, _size_of(text))
        self._sheet.freeze_panes(FIRST, _FROZEN_COLUMNS)

    def fill(self, offers: Sequence[Offer], records: Sequence[Record]) -> None:
        """Write the records."""
        for row, record in enumerate(records, start=FIRST):
            cells = [cell_for(offer, record) for offer in offers]
            texts = [
                (cell, width_of(offer.column))
                for cell, offer in zip(cells, offers, strict=True)
                if isinstance(cell, str)
            ]
            self._sheet.set_row(row, height_of(texts))
            for at, (cell, offer) in enumerate(zip(cells, offers, strict=True)):
                self._write(row, at, cell, self._styles.cells(offer.column))

    def check(self, offers: Sequence[Offer], lists: Lists) -> None:
        """Let the spreadsheet check what is filled in."""
        for at, offer in enumerate(offers):
            if checks := validation_of(offer, lists):
                self._sheet.data_validation(FIRST, at, FIRST + ROWS - 1, at, checks)

    def for_paper(self, tlp: str | None) -> None:
        """Landscape, with the headings and the marking on every page."""
        self._sheet.set_landscape()
        self._sheet.set_paper(8)
        self._sheet.repeat_rows(HEADINGS, NAMES)
        self._sheet.set_header(f"&L&A&R&B{tlp or ''}")
        self._sheet.set_footer(f"&L&P / &N&R&B{tlp or ''}")

    def _write(self, row: int, column: int, value: Cell | None, style: Any) -> None:
        if isinstance(value, str):
            self._sheet.write_string(row, column, cell_text(value), style)
        elif isinstance(value, date):
            self._sheet.write_datetime(row, column, datetime.combine(value, datetime.min.time()), style)
        elif value is not None:
            self._sheet.write_number(row, column, value, style)


def _size_of(text: str) -> dict[str, Any]:
    """How large a comment is, in pixels."""
    lines = sum(1 + len(line) // _LETTERS_IN_A_LINE for line in text.split("\n"))
    return {"x_scale": 2.6, "height": 16 * (lines + 1), "font_size": 9, "author": "IISG-D"}
