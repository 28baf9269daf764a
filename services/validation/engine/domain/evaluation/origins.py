"""Positions of records in their source file, so that a finding leads to its cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from services.validation.engine.domain.findings import record_at
from services.validation.engine.domain.words import DEVELOPER, TableWords, Words, plain_heading

_LETTERS = 26
MAX_COVERED = 100_000
"""The maximum number of cells for which merged cells are looked up."""

_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Origins:
    """The row of each record and the column of each field in a table, both counted from 1.

    A column may hold a field of a block or of a list's entry: `training.topic`, `themes.0.code`. A file that is not a
    table has no columns. In a file without sheets, `sheet` is empty and the rows are lines. `headings` are the headings
    as they are written, by path; `heading_row` is their row. `merged` are merged cells, such as F4:F6.
    """

    sheet: str
    rows: Sequence[int]
    columns: Mapping[str, int]
    headings: Mapping[str, str] = field(default_factory=dict)
    heading_row: int | None = None
    merged: Sequence[str] = ()

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Origins:
        """Read the positions that entry stored. Other facts of the file are ignored."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in written.items() if name in known})

    @property
    def is_table(self) -> bool:
        """Whether the records are rows of a table."""
        return bool(self.columns)

    def words(self, kind: str) -> Words:
        """Return the terms in which the sender of the file knows its fields."""
        return TableWords(kind, self.headings) if self.is_table else DEVELOPER

    def has_row(self, index: int) -> bool:
        """Whether a record is a row of the table. Records of an earlier version are not."""
        return self.is_table and index < len(self.rows)

    def cell(self, pointer: str) -> dict[str, Any] | None:
        """Return sheet, row and, if the pointer leads into a column, cell and heading; None if it leads to no record."""
        index = record_at(pointer)
        if index is None or index >= len(self.rows):
            return None
        row = self.rows[index]
        place: dict[str, Any] = {"sheet": self.sheet, "row": row} if self.sheet else {"row": row}
        path = self._path(pointer.split("/")[3:])
        if path is None:
            return place
        heading = {"heading": plain_heading(self.headings[path])} if path in self.headings else {}
        return {**place, "cell": f"{letters(self.columns[path])}{row}", **heading}

    def lacks(self, at: str) -> bool:
        """Whether the table has no column for a field, nor for a part of it; `at` is a pointer from a record."""
        path = at.removeprefix("/").replace("/", ".")
        return self.is_table and path not in self.columns and not self._parts(path)

    def heading_place(self) -> dict[str, Any]:
        """Return the place of the headings."""
        sheet = {"sheet": self.sheet} if self.sheet else {}
        return sheet if self.heading_row is None else {**sheet, "row": self.heading_row}

    def merged_with(self, cell: str) -> str | None:
        """Return the merged cell that covers a cell without showing its value; None if none does."""
        return self._covered.get(cell)

    @cached_property
    def _covered(self) -> Mapping[str, str]:
        """The cells of the table's columns that merged cells cover, except for the first cell of each."""
        columns, rows = sorted(set(self.columns.values())), set(self.rows)
        last = max(rows, default=0)
        found: dict[str, str] = {}
        for merged in self.merged:
            area = _RANGE.fullmatch(merged)
            if area is None:
                continue
            left, right = number_of(area[1]), number_of(area[3])
            top, bottom = int(area[2]), int(area[4])
            inside = [column for column in columns if left <= column <= right]
            for row in range(top, min(bottom, last) + 1) if inside and len(found) < MAX_COVERED else ():
                if row in rows:
                    found.update({f"{letters(column)}{row}": merged for column in inside})
            found.pop(f"{area[1]}{top}", None)
        return found

    def _path(self, parts: Sequence[str]) -> str | None:
        """Return the path of the field's column, else of the nearest part that contains it, else of its own first part."""
        paths = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        of_whole = next((path for path in paths if path in self.columns), None)
        of_parts = self._parts(".".join(parts))
        return of_whole or min(of_parts, key=self.columns.__getitem__, default=None)

    def _parts(self, path: str) -> list[str]:
        return [name for name in self.columns if name.startswith(f"{path}.")]


def letters(column: int) -> str:
    """Return a column's name in a spreadsheet: 1 is A, 27 is AA."""
    name = ""
    while column > 0:
        column, letter = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name


def number_of(name: str) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in name:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
