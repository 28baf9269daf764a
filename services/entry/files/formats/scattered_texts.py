"""Markings that are spread over adjacent cells of a workbook: RESTREINT in one cell, UE in the next."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from shared.reference.markings import can_spell_marking

MAX_PIECES = 1_000
"""The maximum number of short texts. With more, the cells are searched in any case."""

_SHORT = re.compile(r"^[^\Wa-z\d_][^a-z\d\n]{0,29}$", re.MULTILINE)
_SHORT_CELL = re.compile(rb">([A-Z][A-Z .\-/]{0,29})</(?:\w+:)?[tv]>")


class ShortTexts:
    """The short texts in capitals of a workbook, of which a marking might be put together."""

    def __init__(self) -> None:
        self._found: set[str] = set()

    def add_markup(self, markup: bytes) -> None:
        """Add the texts of cells in XML without other than ASCII characters."""
        if len(self._found) < MAX_PIECES:
            self._found.update(found[1].decode() for found in _SHORT_CELL.finditer(markup))

    def add(self, text: str) -> None:
        """Add the short lines of a text."""
        if len(self._found) < MAX_PIECES:
            self._found.update(found[0] for found in _SHORT.finditer(text))

    def may_carry(self) -> bool:
        """Check whether some of the texts, side by side, spell a marking."""
        return len(self._found) >= MAX_PIECES or can_spell_marking(self._found)


def list_cell_texts(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """Yield the cells of each row, and of each column, as one text."""
    stream.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(stream)
        for number, name in enumerate(workbook.sheet_names, start=1):
            sheet = workbook.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            rows = [[cell if isinstance(cell, str) else "" for cell in row] for row in sheet.iter_rows()]
            for row, cells in enumerate(rows, start=1):
                yield f"sheet {number}, row {row}", " ".join(filter(None, cells))
            for column in zip_longest(*rows, fillvalue=""):
                yield f"sheet {number}", "\n".join(column)
    except CalamineError:
        # The reader of the records refuses the file with a reason.
        return
