"""Records from the rows of a table, by the field path of each column."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice, zip_longest
from typing import Any

from services.entry.files.domain.exact_values import read_exact, restore
from services.entry.files.formats.cells import ReadColumn, Values, column_of
from services.entry.files.formats.column_contents import ColumnCount
from shared.documents.cells import fitting
from shared.documents.formulas import escape_formula
from shared.reference import Field

ROWS_AT_ONCE = 1_000
"""The number of rows whose columns are read together."""

Row = Sequence[Any]
Numbered = tuple[int, Row]
_Build = Callable[[Row], Any]

_IDENTIFIERS = ("ref", "parent", "carried_over_from", "iati_identifier")
"""The fields whose numbers are names."""

_ROUNDED_FROM = 1e15
"""The smallest number with more digits than a spreadsheet keeps."""

_MAX_DIGITS = 3
"""Digits of an entry's number. A list has at most 1,000 entries."""


class RowReader:
    """The reader of a table's rows. Columns count from 1; `numbers` collects the row of each record.

    `others` are columns whose filled cells are counted, and summed where they are numbers. `exact` is the column of exact
    values, or 0.
    """

    def __init__(
        self,
        columns: Mapping[str, int],
        fields: Mapping[str, Field],
        *,
        others: Sequence[int] = (),
        exact: int = 0,
    ) -> None:
        self.numbers: list[int] = []
        self.others = {at: ColumnCount() for at in others}
        self.identifiers = IdentifierCheck(
            [at for path, at in columns.items() if path.rpartition(".")[2] in _IDENTIFIERS]
        )
        self._exact = exact - 1
        self._positions = {path: at - 1 for path, at in columns.items()}
        self._cells = list(self._positions.values())
        self._readers: list[ReadColumn] = []
        self._tree = _Block()
        for at, path in enumerate(columns):
            self._readers.append(self._tree.add(path.split("."), at, fields))

    def records(self, rows: Iterable[Numbered]) -> Iterator[dict[str, Any]]:
        """Yield the records. Blank rows are skipped."""
        rows = iter(rows)
        build = self._tree.whole_builder()
        while some := list(islice(rows, ROWS_AT_ONCE)):
            columns = list(zip_longest(*(cells for _, cells in some), fillvalue=""))
            for at, count in self.others.items():
                if at <= len(columns):
                    count.add(columns[at - 1])
            self.identifiers.add(columns, some)
            blank = ("",) * len(some)
            read = [
                reader(columns[at] if at < len(columns) else blank)
                for at, reader in zip(self._cells, self._readers, strict=True)
            ]
            records = build(read, len(some))
            if self._exact >= 0:
                self._restore(records, some)
            self.numbers += [number for (number, _), record in zip(some, records, strict=True) if record]
            yield from filter(None, records)

    def is_exported(self, cells: Row) -> bool:
        """Return whether a row has exact values, and so is a record that we exported."""
        return 0 <= self._exact < len(cells) and bool(read_exact(cells[self._exact]))

    def _restore(self, records: Sequence[dict[str, Any]], rows: Sequence[Numbered]) -> None:
        for record, (_, cells) in zip(records, rows, strict=True):
            if self._exact < len(cells) and (values := read_exact(cells[self._exact])):
                restore(record, values, cells, self._positions, forms=(escape_formula, fitting))


class IdentifierCheck:
    """The cells in which a spreadsheet has changed a ref: rounded its digits, or made a date of it."""

    def __init__(self, columns: Sequence[int]) -> None:
        self._columns = columns
        self.rounded: list[tuple[int, int]] = []
        self.dates: list[tuple[int, int]] = []

    def add(self, columns: Sequence[Sequence[Any]], rows: Sequence[Numbered]) -> None:
        """Check some rows."""
        for at in self._columns:
            if at > len(columns) or set(map(type, columns[at - 1])) == {str}:
                continue
            for (row, _), cell in zip(rows, columns[at - 1], strict=True):
                if isinstance(cell, float) and abs(cell) >= _ROUNDED_FROM:
                    self.rounded.append((row, at))
                elif isinstance(cell, date):
                    self.dates.append((row, at))


class _Block:
    """The structure of a record or a block: cells, blocks, and lists with numbered entries."""

    def __init__(self) -> None:
        self._cells: dict[str, int] = {}
        self._blocks: dict[str, _Block] = {}
        self._lists: dict[str, dict[int, int | _Block]] = {}

    def add(self, path: Sequence[str], at: int, fields: Mapping[str, Field]) -> ReadColumn:
        """Add a value's position, and return its reader. Unknown names are kept, for the rules to report."""
        name, rest = path[0], path[1:]
        known = fields.get(name)
        if not rest:
            self._cells[name] = at
            return column_of(known)
        if known is not None and known.type == "block":
            return self._blocks.setdefault(name, _Block()).add(rest, at, known.fields)
        if known is not None and known.items is not None and _is_number(rest[0]):
            return self._add_entry(name, rest, at, known.items)
        self._cells[".".join(path)] = at
        return column_of(None)

    def _add_entry(self, name: str, path: Sequence[str], at: int, item: Field) -> ReadColumn:
        entries = self._lists.setdefault(name, {})
        number, rest = int(path[0]), path[1:]
        if not rest:
            entries[number] = at
            return column_of(item)
        block = entries.setdefault(number, _Block())
        return block.add(rest, at, item.fields) if isinstance(block, _Block) else column_of(None)

    def whole_builder(self) -> Callable[[Sequence[Values], int], list[Any]]:
        """Return a function from columns of values, and the number of rows, to records."""
        names = tuple(self._cells)
        is_flat = list(self._cells.values()) == list(range(len(names))) and not (self._blocks or self._lists)
        build = self.builder()

        def build_all(columns: Sequence[Values], count: int) -> list[Any]:
            # Without columns, if all are hidden, zip finds no rows.
            rows = zip(*columns, strict=True) if columns else ((),) * count
            if is_flat and not any(None in column for column in columns):
                return [dict(zip(names, row, strict=True)) for row in rows]
            return [build(row) for row in rows]

        return build_all

    def builder(self) -> _Build:
        """Return a function from the values of a row to a record or block."""
        cells = tuple(self._cells.items())
        inner = [(name, block.builder()) for name, block in self._blocks.items()]
        inner += [(name, _list_builder(entries)) for name, entries in self._lists.items()]

        def build(row: Row) -> dict[str, Any]:
            block = {name: value for name, at in cells if (value := row[at]) is not None}
            for name, build_inner in inner:
                value = build_inner(row)
                if value:
                    block[name] = value
            return block

        return build


def _list_builder(entries: Mapping[int, int | _Block]) -> _Build:
    """Return a function from a row to a list. Blank entries before the last filled one stay, so entries keep their numbers."""
    builders: list[_Build] = [_nothing] * (max(entries) + 1)
    for number, entry in entries.items():
        builders[number] = entry.builder() if isinstance(entry, _Block) else _value_at(entry)

    def build(row: Row) -> list[Any]:
        values = [build_entry(row) for build_entry in builders]
        while values and not values[-1] and values[-1] != 0:
            values.pop()
        return [{} if value is None else value for value in values]

    return build


def _nothing(_row: Row) -> None:
    return None


def _value_at(at: int) -> _Build:
    return lambda row: row[at]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
