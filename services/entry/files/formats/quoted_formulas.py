"""Texts that a CSV file writes as formulas, ="007", so that Excel keeps them as they are."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from services.entry.files.domain.cell_refs import cell_ref
from services.entry.files.domain.read_result import Unread

_SIGN = '="'
_FORMULA = re.compile(r'\s*="((?:[^"]|"")*)"\s*')


class QuotedFormulas:
    """Reads such cells as their texts, and counts them. Few lines have any, so most are passed on unread."""

    def __init__(self) -> None:
        self._is_likely = False
        self._count = 0
        self._first: tuple[int, str, str] = (0, "", "")

    def watch(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines, and note whether the coming row may have such a cell."""
        for line in lines:
            self._is_likely = self._is_likely or _SIGN in line
            yield line

    def read(self, rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows with the texts of such cells. The rows must be read from the watched lines."""
        for number, cells in rows:
            if self._is_likely:
                self._is_likely = False
                for at, cell in enumerate(cells):
                    if found := _FORMULA.fullmatch(cell):
                        cells[at] = found[1].replace('""', '"')
                        self._count += 1
                        if self._count == 1:
                            self._first = number, cell_ref(number, at + 1), cell.strip()
            yield number, cells

    def reported(
        self, records: Iterator[dict[str, Any]], unread: list[Unread], *, sheet: str
    ) -> Iterator[dict[str, Any]]:
        """Yield the records, and report the cells after the last one."""
        yield from records
        if self._count:
            row, cell, written = self._first
            values = {"cell": cell, "written": written, "count": self._count}
            unread.append(Unread("quoted-formulas", values, sheet=sheet, row=row, cell=cell))
