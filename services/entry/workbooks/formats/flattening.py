"""Records as rows of a table whose columns are field paths: `title`, `training.topic`, `themes.0.code`.

The columns of the kind's fields come first, with enough entries of each list for every record; then any other fields.
A list of codes or texts shares a cell, unless an entry contains the separator.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.domain import TableIsTooLarge
from shared.reference import columns_of, fields_of

Record = Mapping[str, Any]
Leaf = str | int | float | bool

MAX_CELLS = 30_000_000
MAX_COLUMNS = 16_384
"""The maximum number of columns of a sheet."""
MAX_ENTRIES = 1_000
"""The maximum number of entries of a list with columns."""
MAX_DEPTH = 4
"""The maximum depth of a field. Deeper values are written as JSON."""

_BREAKS = (LIST_SEPARATOR, "\n", "\r")


@dataclass(frozen=True)
class Table:
    """Columns, and lazily built rows with None for a blank cell."""

    columns: tuple[str, ...]
    rows: Iterator[list[Leaf | None]]


def build_table(kind: str, read: Callable[[], Iterable[Record]]) -> Table:
    """Build a table, reading the records twice: for its columns and for its rows; raise `TableIsTooLarge`."""
    collected = _Columns()
    for record in read():
        collected.add(record)
    columns = collected.columns(kind)
    if len(columns) > MAX_COLUMNS or collected.records * len(columns) > MAX_CELLS:
        raise TableIsTooLarge(collected.records, len(columns))
    return Table(columns, (collected.row(record, columns) for record in read()))


@dataclass
class _Columns:
    """The columns that the records require."""

    records: int = 0
    paths: dict[str, None] = field(default_factory=dict)
    """Paths of single values, in order of appearance."""
    longest: dict[str, int] = field(default_factory=dict)
    """The maximum number of entries of each list of single values."""
    separate: set[str] = field(default_factory=set)
    """The lists whose entries have a cell each."""
    entries: dict[str, int] = field(default_factory=dict)
    """The maximum number of entries of each list of blocks."""

    def add(self, record: Record) -> None:
        """Extend the columns for a record."""
        self.records += 1
        for name, value in record.items():
            if isinstance(value, list):
                self.entries[name] = min(max(self.entries.get(name, 1), len(value)), MAX_ENTRIES)
        for path, value in _leaves(record, "", 0):
            if isinstance(value, list):
                self.longest[path] = max(self.longest.get(path, 0), len(value))
                if not all(map(_is_separable, value)):
                    self.separate.add(path)
            else:
                self.paths[path] = None
        if len(self.paths) > MAX_COLUMNS:
            raise TableIsTooLarge(self.records, len(self.paths))

    def columns(self, kind: str) -> tuple[str, ...]:
        """Return the columns of the kind's fields, then the others."""
        known = [column.path for column in columns_of(fields_of(kind), entries=self.entries)]
        found = [name for path in [*known, *self.longest] for name in self._columns_for(path)]
        return tuple(dict.fromkeys([*found, *self.paths]))

    def row(self, record: Record, columns: Iterable[str]) -> list[Leaf | None]:
        """Return the cells of a record."""
        cells: dict[str, Leaf | None] = {}
        for path, value in _leaves(record, "", 0):
            if not isinstance(value, list):
                cells[path] = value
            elif path in self.separate:
                cells |= {f"{path}.{at}": each for at, each in enumerate(value)}
            else:
                cells[path] = f"{LIST_SEPARATOR} ".join(value)
        return [cells.get(path) for path in columns]

    def _columns_for(self, path: str) -> list[str]:
        if path in self.separate:
            return [f"{path}.{at}" for at in range(self.longest[path])]
        return [path]


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Leaf | list[Any]]]:
    """Yield the values in a record by path, a list of single values as one. Blank values are left out."""
    if isinstance(value, Mapping | list) and (not value or depth == MAX_DEPTH):
        if value:
            yield path, json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        for at, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{at}", depth + 1)
    elif value is not None:
        yield path, value


def _is_separable(entry: Any) -> bool:
    """Return whether an entry survives in a shared cell."""
    return isinstance(entry, str) and entry.strip() != "" and not any(each in entry for each in _BREAKS)
