"""Where records stand in the file they came from, so that a finding leads to its cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LETTERS = 26


@dataclass(frozen=True)
class Origins:
    """A table's rows and columns: the row of each record and the column of each field, both counted from 1.

    A column may be for a field of a block or of a list's entry: `training.topic`, `themes.0.code`.
    """

    sheet: str
    rows: Sequence[int]
    columns: Mapping[str, int]

    def cell(self, pointer: str) -> dict[str, Any] | None:
        """Sheet, row and, where the pointer leads into a column, cell; None where it leads to no record."""
        _, _, after = pointer.partition("/records/")
        index, _, path = after.partition("/")
        if not index.isdigit() or int(index) >= len(self.rows):
            return None
        row = self.rows[int(index)]
        place = {"sheet": self.sheet, "row": row}
        column = self._column(path.split("/"))
        return place if column is None else {**place, "cell": f"{letters(column)}{row}"}

    def _column(self, parts: Sequence[str]) -> int | None:
        """The column of the field, else of the nearest thing that it is a part of."""
        paths = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.columns[path] for path in paths if path in self.columns), None)


def letters(column: int) -> str:
    """A column's name in a spreadsheet: 1 is A, 27 is AA."""
    name = ""
    while column > 0:
        column, letter = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name
