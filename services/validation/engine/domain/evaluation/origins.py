"""Positions of records in their source file, so that a finding leads to its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.findings import record_at

_LETTERS = 26


@dataclass(frozen=True)
class Origins:
    """The row of each record and the column of each field in a table, both counted from 1.

    A column may hold a field of a block or of a list's entry: `training.topic`, `themes.0.code`. A file that is not a
    table has no columns. In a file without sheets, `sheet` is empty and the rows are lines.
    """

    sheet: str
    rows: Sequence[int]
    columns: Mapping[str, int]

    def cell(self, pointer: str) -> dict[str, Any] | None:
        """Return sheet, row and, if the pointer leads into a column, cell; None if it leads to no record."""
        index = record_at(pointer)
        if index is None or index >= len(self.rows):
            return None
        row = self.rows[index]
        place = {"sheet": self.sheet, "row": row} if self.sheet else {"row": row}
        column = self._column(pointer.split("/")[3:])
        return place if column is None else {**place, "cell": f"{letters(column)}{row}"}

    def _column(self, parts: Sequence[str]) -> int | None:
        """Return the column of the field, else of the nearest part that contains it, else of its own first part."""
        paths = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        of_whole = (self.columns[path] for path in paths if path in self.columns)
        of_parts = (at for name, at in self.columns.items() if name.startswith(f"{'.'.join(parts)}."))
        return next(of_whole, None) or min(of_parts, default=None)


def letters(column: int) -> str:
    """Return a column's name in a spreadsheet: 1 is A, 27 is AA."""
    name = ""
    while column > 0:
        column, letter = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name
