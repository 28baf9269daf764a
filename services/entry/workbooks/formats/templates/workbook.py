"""The template workbook: instructions, the sheet to fill in, and a hidden sheet with the drop-down lists."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.entry.workbooks.formats.templates.instructions import NAME as INSTRUCTIONS
from services.entry.workbooks.formats.templates.instructions import write_instructions
from services.entry.workbooks.formats.templates.lists import NAME as LISTS
from services.entry.workbooks.formats.templates.lists import Lists
from services.entry.workbooks.formats.templates.mapping import Mapping, Record, TemplateColumn
from services.entry.workbooks.formats.templates.styles import GREY, NAVY, Styles, height_of, width_of
from services.entry.workbooks.formats.templates.validations import validation_of
from services.entry.workbooks.formats.templates.values import Cell, cell_for
from services.entry.workbooks.formats.templates.wording import comment_of
from shared.documents.cells import WORKBOOK_OPTIONS, cell_text
from shared.i18n import translate
from shared.reference import FOOTNOTE

TITLE, HEADINGS, NAMES, FIRST = range(4)
"""Rows: the title, headings, names of fields, and the first record."""

ROWS = 5_000
"""The number of rows with drop-down lists."""

_LETTERS_IN_A_LINE = 48
"""The average line length of a comment."""

_FOOTNOTE_AT = 3
"""The column of the footnote."""

_FROZEN_COLUMNS = 2
"""The columns that stay visible, and that each printed page repeats: reference and title."""

_PAPER = 8
"""A3, in the numbers of spreadsheets."""
_LETTERS_IN_A_PAGE = 350
"""The width of a printed page in characters, at a size that can still be read."""
_MARGINS = {"left": 0.4, "right": 0.4, "top": 0.7, "bottom": 0.7}
"""In inches."""


def build_template(mapping: Mapping, records: Sequence[Record] = ()) -> bytes:
    """Return the workbook with the records filled in. Equal arguments give equal bytes."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS) as book:
        # A fixed time keeps the bytes reproducible.
        book.set_properties(
            {"title": mapping.title, "created": datetime.combine(mapping.made_on, datetime.min.time())}
        )
        for name, value in mapping.origin.properties.items():
            book.set_custom_property(name, value, "text")
        styles = Styles(book)
        columns = mapping.columns(records)
        how_to = book.add_worksheet(translate(INSTRUCTIONS, mapping.language))
        sheet = _Sheet(book.add_worksheet(mapping.sheet), styles)
        lists_name = translate(LISTS, mapping.language)
        lists = Lists(book.add_worksheet(lists_name), styles, name=lists_name, language=mapping.language)
        sheet.head(mapping, columns)
        sheet.fill(columns, records)
        sheet.add_validation(columns, lists)
        sheet.set_print_layout(columns, mapping.tlp)
        lists.finish()
        write_instructions(how_to, styles, mapping, columns, filled=len(records))
    return file.getvalue()


class _Sheet:
    """The sheet to fill in."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self._sheet = sheet
        self._styles = styles

    def head(self, mapping: Mapping, columns: Sequence[TemplateColumn]) -> None:
        """Write the title, the footnote, and each column's heading and name."""
        of = self._styles.of
        self._sheet.set_row(TITLE, 26)
        # In this size, most titles fit into the columns that each printed page repeats.
        self._sheet.write_string(TITLE, 0, mapping.title, of(bold=True, font_color=NAVY, valign="vcenter"))
        self._sheet.write_string(
            TITLE, _FOOTNOTE_AT, FOOTNOTE, of(font_size=8, font_color=GREY, valign="vcenter")
        )
        headings = [(column.heading, width_of(column)) for column in columns]
        self._sheet.set_row(HEADINGS, max(48, height_of(headings)))
        for at, (column, (heading, width)) in enumerate(zip(columns, headings, strict=True)):
            spec = column.spec
            self._sheet.set_column(at, at, width, self._styles.cells(column))
            self._sheet.write_string(HEADINGS, at, heading, self._styles.heading(spec))
            self._sheet.write_string(NAMES, at, spec.path, self._styles.name())
            text = comment_of(column)
            self._sheet.write_comment(HEADINGS, at, text, _size_of(text))
        self._sheet.freeze_panes(FIRST, _FROZEN_COLUMNS)

    def fill(self, columns: Sequence[TemplateColumn], records: Sequence[Record]) -> None:
        """Write the records."""
        widths = list(map(width_of, columns))
        styles = list(map(self._styles.cells, columns))
        for row, record in enumerate(records, start=FIRST):
            cells = [cell_for(column, record) for column in columns]
            texts = [
                (cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)
            ]
            self._sheet.set_row(row, height_of(texts))
            for at, (cell, style) in enumerate(zip(cells, styles, strict=True)):
                self._write(row, at, cell, style)

    def add_validation(self, columns: Sequence[TemplateColumn], lists: Lists) -> None:
        """Add data validation."""
        for at, column in enumerate(columns):
            if checks := validation_of(column, lists):
                self._sheet.data_validation(FIRST, at, FIRST + ROWS - 1, at, checks)

    def set_print_layout(self, columns: Sequence[TemplateColumn], tlp: str | None) -> None:
        """Set landscape pages with the headings, the reference, the title and the TLP marking on each."""
        self._sheet.set_landscape()
        self._sheet.set_paper(_PAPER)
        self._sheet.set_margins(**_MARGINS)
        self._sheet.repeat_rows(HEADINGS, NAMES)
        self._sheet.repeat_columns(0, _FROZEN_COLUMNS - 1)
        widths = list(map(width_of, columns))
        repeated = sum(widths[:_FROZEN_COLUMNS])
        pages = -(-(sum(widths) - repeated) // (_LETTERS_IN_A_PAGE - repeated))
        self._sheet.fit_to_pages(pages, 0)
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
    """Return the size of a comment's box, in pixels."""
    lines = sum(1 + len(line) // _LETTERS_IN_A_LINE for line in text.split("\n"))
    return {"x_scale": 2.6, "height": 16 * (lines + 1), "font_size": 9, "author": "IISG-D"}
