"""The records of a table, and an account of everything in it that is no record."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from services.entry.files.domain.accounts import MAX_UNREAD
from services.entry.files.domain.cell_refs import cell_ref, column_letters
from services.entry.files.domain.read_result import ReadResult, Unread
from services.entry.files.formats.cells import text_of
from services.entry.files.formats.headings import (
    count_known,
    is_row_of_headings,
    path_of,
)
from services.entry.files.formats.other_rows import (
    MAX_NOTE_CELLS,
    RowKinds,
    is_money,
    is_number_field,
    is_title,
)
from services.entry.files.formats.row_currencies import RowCurrencies
from services.entry.files.formats.rows import Numbered, Row, RowReader
from services.entry.files.formats.sheet_layout import Merge
from services.entry.files.formats.table import Table
from services.entry.files.formats.uncomputed import uncomputed
from services.entry.files.formats.unread_columns import UnreadColumns
from services.entry.files.formats.unread_rows import UnreadRows
from shared.reference import KINDS, fields_of

MAX_COVERED = 50
"""The maximum number of covered cells of a merged range that are listed one by one."""


def read_table(table: Table, *, summary: Mapping[str, Any], unread: Iterable[Unread] = ()) -> ReadResult:
    """Read the records of a table lazily. `unread` lists what the format has already left out."""
    return _TableReader(table).result(summary, unread)


class _TableReader:
    """The reader of one table. It fills the account while the records are read."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._headings = table.headings
        self._unread: list[Unread] = []
        self._fields = fields_of(table.kind)
        self._kinds = RowKinds(table.headings, self._fields, first_column=table.first_column)
        hidden = table.layout.hidden_columns
        self._columns = {path: at for path, at in table.headings.columns.items() if at not in hidden}
        self._hidden = {path: at for path, at in table.headings.columns.items() if at in hidden}
        self._beside = {at for first, last in table.headings.beside for at in range(first, last + 1)}
        beyond = range(table.headings.width + 1, table.last_column + 1)
        self._unnamed = [at for at in (*table.headings.unnamed, *beyond) if at not in self._beside]
        self._read = {**self._columns, **({table.overflow_name: table.overflow} if table.overflow else {})}
        self._reader = RowReader(
            {path: at - table.first_column + 1 for path, at in self._read.items()},
            self._fields,
            others=[at - table.first_column + 1 for at in self._others],
            exact=table.headings.exact and table.headings.exact - table.first_column + 1,
        )
        self._row_currencies = RowCurrencies(
            self._columns, self._fields, table.currencies, first_column=table.first_column
        )
        self._amounts = {path for path in table.headings.columns if is_money(path, self._fields)}
        self._left_out: set[int] = set()
        self._unread_rows = UnreadRows(
            self._unread, self._kinds, sheet=table.name, heading_row=table.headings.row
        )

    @property
    def _others(self) -> list[int]:
        unknown = [at for path, at in self._read.items() if path_of(path, kind=self._table.kind) is None]
        return sorted({*self._hidden.values(), *self._unnamed, *self._beside, *unknown})

    def result(self, summary: Mapping[str, Any], unread: Iterable[Unread]) -> ReadResult:
        self._unread.extend(unread)
        titles = self._read_above()
        whole = {
            "sheet": self._table.name,
            **summary,
            "heading_row": self._headings.row,
            **({"titles": titles} if titles else {}),
            "columns": [
                {"column": column_letters(at), "heading": self._headings.written[at], "field": path}
                for path, at in sorted(self._columns.items(), key=lambda each: each[1])
            ],
        }
        return ReadResult(
            records=self._records(whole),
            origins={
                "sheet": self._table.name,
                "rows": self._reader.numbers,
                "columns": dict(self._read),
            },
            summary=whole,
            unread=self._unread,
        )

    def _records(self, summary: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from self._reader.records(self._rows())
        summary["rows"] = len(self._reader.numbers)
        self._check_computed()
        columns = UnreadColumns(self._table, self._unread, read=self._read, hidden=self._hidden)
        columns.report({at + self._table.first_column - 1: each for at, each in self._reader.others.items()})
        columns.report_hidden_values()
        self._report_cells()

    # --- Rows ---------------------------------------------------------------------------------------------------------

    def _read_above(self) -> list[str]:
        """Return the titles above the headings, and report the other rows there."""
        titles: list[str] = []
        is_table = False
        for number, cells in enumerate(self._table.above[: self._headings.rows.start - 1], start=1):
            filled = [text for cell in cells if (text := text_of(cell))]
            is_table = is_table or is_row_of_headings(cells, self._table.kind)
            if is_title(cells) and not (is_table and len(filled) > 1):
                text = " ".join(filled)
                titles += [text] if text else []
                continue
            is_note = len(filled) <= MAX_NOTE_CELLS and not is_table
            self._unread_rows.add("figures-above" if is_note else "rows-above", number, cells)
        self._unread_rows.end()
        return titles

    def _rows(self) -> Iterator[Numbered]:
        """Yield the rows that may be records, and report the others."""
        hidden, last_heading = self._table.layout.hidden_rows, self._headings.rows.stop - 1
        is_likely_record = self._kinds.is_likely_record
        is_other_table, is_first = False, True
        for number, cells in self._table.below:
            if number <= last_heading:
                continue
            if hidden and number in hidden:
                self._unread_rows.add("hidden-rows", number, cells)
                continue
            if is_first and any(map(text_of, cells)):
                is_first = False
                if self._kinds.belongs_to_headings(cells) and not self._reader.is_exported(cells):
                    self._unread_rows.add("note", number, cells)
                    self._left_out.add(number)
                    continue
            if is_other_table or not is_likely_record(cells):
                found = self._reason_of(cells, is_other_table=is_other_table)
                if found is not None:
                    is_other_table = found == "second-table"
                    self._unread_rows.add(found, number, cells)
                    self._left_out.add(number)
                    continue
            if self._table.currencies:
                self._row_currencies.check(number, cells)
            if self._unread_rows.is_open:
                self._unread_rows.end()
            yield number, cells
        self._unread_rows.end()

    def _reason_of(self, cells: Row, *, is_other_table: bool) -> str | None:
        """Return the reason for which a row is not read; None for a record or a blank row."""
        if self._reader.is_exported(cells):
            return None
        if self._kinds.may_be_headings(cells) and (found := self._as_headings(cells)) is not None:
            return found
        return "second-table" if is_other_table else self._kinds.kind_of(cells)

    def _as_headings(self, cells: Row) -> str | None:
        """Tell the table's own headings, repeated, from those of another table, and both from a record."""
        kind = self._table.kind
        known = {
            path: at
            for at, cell in enumerate(cells, start=self._table.first_column)
            if isinstance(cell, str) and (path := path_of(cell, kind=kind))
        }
        own = sum(1 for path, at in known.items() if self._headings.columns.get(path) == at)
        filled = [at for at, cell in enumerate(cells, start=self._table.first_column) if text_of(cell)]
        same = sum(
            1
            for at in filled
            if text_of(cells[at - self._table.first_column]) == self._headings.written.get(at)
        )
        if is_row_of_headings(cells, kind) and own == len(known):
            return "repeated-headings"
        if same == len(filled) and same >= min(2, self._headings.known):
            return "repeated-headings"
        most = max(count_known(cells, each) for each in KINDS)
        is_other = any(is_row_of_headings(cells, each) for each in KINDS) and most * 2 >= len(filled)
        return "second-table" if is_other else None

    # --- Formulas -----------------------------------------------------------------------------------------------------

    def _check_computed(self) -> None:
        """Report formulas without results outside the records; raise `FileIsRefused` for those of records."""
        columns = set(self._read.values())
        missing: dict[int, list[int]] = {}
        for row, column in self._table.uncomputed:
            is_read = row >= self._headings.rows.stop and column in columns
            if is_read and row not in self._table.layout.hidden_rows:
                missing.setdefault(row, []).append(column)
        records = set(self._reader.numbers)
        of_records = [
            (row, column)
            for row, found in missing.items()
            for column in found
            if row in records or not (row in self._left_out or self._is_sum(found))
        ]
        if of_records:
            raise uncomputed(of_records, sheet=self._table.name)
        for row, found in missing.items():
            reason = "uncomputed-total" if row in self._left_out else "uncomputed-row"
            for column in found:
                self._report_cell(reason, row, column, {})

    def _is_sum(self, columns: Iterable[int]) -> bool:
        """Return whether all columns are of amounts: a row with nothing but their formulas is no record."""
        return all(path in self._amounts for path, at in self._read.items() if at in set(columns))

    def _report_cells(self) -> None:
        rows, columns = set(self._reader.numbers), set(self._columns.values())
        for (row, column), error in sorted(self._table.errors.items()):
            if row in rows and column in columns:
                self._report_cell("cell-error", row, column, {"error": error})
        numbers = {at for path, at in self._columns.items() if is_number_field(path, self._fields)}
        for (row, column), text in self._table.scaled.items():
            if row in rows and column in numbers:
                self._report_cell("cell-scale", row, column, {"text": text})
        in_order = sorted(columns)
        for merge in sorted(self._table.layout.merged):
            if len(self._unread) > MAX_UNREAD:
                break
            self._report_merged(merge, in_order)
        identifiers, first = self._reader.identifiers, self._table.first_column - 1
        for row, at in identifiers.rounded:
            self._report_cell("long-number", row, at + first, {})
        for row, at in identifiers.dates:
            self._report_cell("date-as-ref", row, at + first, {})
        for each in self._row_currencies.found:
            values = {"shown": each.shown, "currency": each.stated}
            self._report_cell("cell-currency", each.row, each.column, values)

    def _report_merged(self, merge: Merge, columns: Sequence[int]) -> None:
        """Report the covered cells of a merged range. They are blank, whatever they seem to show."""
        first_row, first_column, last_row, last_column = merge
        within = columns[bisect_left(columns, first_column) : bisect_right(columns, last_column)]
        if not within:
            return
        numbers = self._reader.numbers
        first, last = bisect_left(numbers, first_row), bisect_right(numbers, last_row)
        rows = numbers[first : min(last, first + MAX_COVERED + 1)]
        merged = f"{cell_ref(first_row, first_column)}:{cell_ref(last_row, last_column)}"
        covered = ((row, at) for row in rows for at in within if (row, at) != (first_row, first_column))
        for row, column in islice(covered, MAX_COVERED):
            self._report_cell("merged", row, column, {"merged": merged})

    def _report_cell(self, reason: str, row: int, column: int, values: Mapping[str, Any]) -> None:
        if len(self._unread) > MAX_UNREAD:
            # The file is refused.
            return
        cell = cell_ref(row, column)
        values = {"cell": cell, **values}
        self._unread.append(Unread(reason, values, sheet=self._table.name, row=row, cell=cell))
