"""The account of the columns of a table that are not read, and of values that their format hides."""

from collections.abc import Mapping
from typing import Any

from services.entry.files.domain.cell_refs import cell_ref, column_letters
from services.entry.files.domain.read_result import Unread
from services.entry.files.formats.column_contents import AMOUNTS, ColumnCount, content_of_field
from services.entry.files.formats.headings import nearest_heading, path_of
from services.entry.files.formats.table import Table
from services.entry.files.formats.unread_rows import sum_of
from shared.reference import fields_of


class UnreadColumns:
    """Reports the columns of one table. `read` and `hidden` are the columns of each path."""

    def __init__(
        self, table: Table, unread: list[Unread], *, read: Mapping[str, int], hidden: Mapping[str, int]
    ) -> None:
        self._table = table
        self._unread = unread
        self._read = read
        self._hidden = hidden
        self._headings = table.headings
        self._fields = fields_of(table.kind)

    def report(self, found: Mapping[int, ColumnCount]) -> None:
        """Report the columns with values; `found` counts them by column."""
        paths = {at: path for path, at in self._read.items()}
        for first, last in self._headings.beside:
            counts = [found[at] for at in range(first, last + 1)]
            if any(each.count for each in counts):
                columns = f"{column_letters(first)}-{column_letters(last)}"
                values = {"columns": columns, "count": sum(each.count for each in counts)}
                repeats = any(
                    path_of(self._headings.written[at], kind=self._table.kind)
                    for at in range(first, last + 1)
                )
                contents = [
                    content for at in range(first, last + 1) if (content := self._content_of(at, found[at]))
                ]
                reason = "records-beside" if repeats else _reason("table-beside", min(contents, default=""))
                self._report_column(reason, first, values, *counts)
        beside = {at for first, last in self._headings.beside for at in range(first, last + 1)}
        for at, each in found.items():
            if at in beside or not each.count:
                continue
            heading = self._headings.written.get(at, "")
            values = {"column": column_letters(at), "heading": heading, "count": each.count}
            if at in self._hidden.values():
                self._report_column(self._hidden_reason(at, each), at, values, each)
            elif at == self._table.overflow:
                self._report_column("shifted-cells", at, values)
            elif at in paths:
                near = nearest_heading(heading, kind=self._table.kind)
                facts = {**values, "kind": self._table.kind} | ({"near": near} if near else {})
                content = self._content_of(at, each, near=near or "")
                reason = _reason("misspelt-column" if near else "unknown-column", content)
                self._report_column(reason, at, facts, *([each] if content == AMOUNTS else []))
            else:
                reason = _reason("column-without-heading", self._content_of(at, each))
                self._report_column(reason, at, values, each)

    def _content_of(self, column: int, found: ColumnCount, *, near: str = "") -> str:
        """Return what a column bears that no field holds, from the field that it resembles or from its cells."""
        path = path_of(near, kind=self._table.kind) if near else None
        if path and (content := content_of_field(path, self._fields)):
            return content
        has_currency = any(at == column for _, at in self._table.currencies)
        return found.content(self._headings.written.get(column, ""), has_currency=has_currency)

    def _hidden_reason(self, column: int, found: ColumnCount) -> str:
        path = next(path for path, at in self._hidden.items() if at == column)
        content = content_of_field(path, self._fields)
        if not content and path_of(path, kind=self._table.kind) is None:
            content = self._content_of(column, found)
        return f"hidden-{content or 'column'}"

    def report_hidden_values(self) -> None:
        """Report the values that their format hides, by column, and zeros apart from other values."""
        found: dict[tuple[int, bool], list[tuple[int, Any]]] = {}
        for (row, column), value in self._table.hidden.items():
            if row not in self._table.layout.hidden_rows:
                found.setdefault((column, value == 0), []).append((row, value))
        paths = {at: path for path, at in self._headings.columns.items()}
        for (column, are_zeros), cells in sorted(found.items()):
            content = content_of_field(paths.get(column, ""), self._fields) or "texts"
            first = cell_ref(cells[0][0], column)
            values = {
                "column": column_letters(column),
                "heading": self._headings.written.get(column, ""),
                "cell": first,
                "count": len(cells),
            }
            numbers = [value for _, value in cells if isinstance(value, float)]
            self._unread.append(
                Unread(
                    f"unseen-{'zeros' if are_zeros else content}",
                    values,
                    sheet=self._table.name,
                    row=cells[0][0],
                    cell=first,
                    amount=sum_of(numbers) if content == AMOUNTS else None,
                )
            )

    def _report_column(
        self, reason: str, column: int, values: Mapping[str, Any], *counts: ColumnCount
    ) -> None:
        row, numbers = self._headings.row, [each.numbers for each in counts if each.numbers]
        amount = sum_of([number for some in numbers for number in some])
        cell = cell_ref(row, column)
        self._unread.append(Unread(reason, values, sheet=self._table.name, row=row, cell=cell, amount=amount))


def _reason(reason: str, content: str) -> str:
    """Return the reason of a column with a content."""
    return f"{reason}-{content}" if content else reason
