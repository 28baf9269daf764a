"""The hidden sheet with the drop-down lists. Columns with equal choices share a list."""

from collections.abc import Iterable
from typing import Any

from xlsxwriter.utility import quote_sheetname

from services.entry.files.domain.cell_refs import column_letters
from services.entry.workbooks.formats.templates.styles import Styles
from shared.i18n import Text, translate
from shared.reference import FOOTNOTE, needs_footnote

NAME = Text("Lists")
"""The name of the sheet."""


class Lists:
    """The lists, each in its own column."""

    def __init__(self, sheet: Any, styles: Styles, *, name: str, language: str) -> None:
        self._sheet = sheet
        self._name = name
        self._language = language
        self._styles = styles
        self._columns: dict[tuple[str, ...], int] = {}

    def source(self, choices: Iterable[str]) -> str:
        """Return the formula that refers to the cells of a list."""
        choices = tuple(choices)
        column = self._columns.setdefault(choices, len(self._columns))
        letter = column_letters(column + 1)
        return f"={quote_sheetname(self._name)}!${letter}$2:${letter}${len(choices) + 1}"

    def finish(self) -> None:
        """Write the lists and hide the sheet."""
        self._sheet.hide()
        head, plain = self._styles.of(bold=True), self._styles.of(num_format="@")
        for choices, column in self._columns.items():
            self._sheet.set_column(column, column, max(map(len, choices)) + 2)
            title = translate(Text("List {number}", number=column + 1), self._language)
            self._sheet.write_string(0, column, title, head)
            for row, choice in enumerate(choices, start=1):
                self._sheet.write_string(row, column, choice, plain)
        if any(needs_footnote(choice) for choices in self._columns for choice in choices):
            self._sheet.write_string(max(map(len, self._columns)) + 2, 0, FOOTNOTE)
