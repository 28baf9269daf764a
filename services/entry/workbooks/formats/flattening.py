"""Records as rows of a table whose columns are the paths of fields: `title`, `training.topic`, `themes.0.code`.

The columns are those of the mapping, in its order, with as many entries of each list as any record has; then whatever
else the records hold. A list of codes or texts shares a cell, unless one of them would fall apart there.
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
"""Of a sheet."""
MAX_ENTRIES = 1_000
"""Of a list have columns beside those of the mapping; a longer one is no list that it knows."""
MAX_DEPTH = 4
"""Fields lie so deep at most; what lies deeper is none, and is written as JSON."""

_BREAKS = (LIST_SEPARATOR, "\n", "\r")


@dataclass(frozen=True)
class Table:
    """The columns, and the rows as they are asked for: None where a cell is blank."""

    columns: tuple[str, ...]
    rows: Iterator[list[Leaf | None]]


def build_table(kind: str, read: Callable[[], Iterable[Record]]) -> Table:
    """The table of records, which are read twice: for its columns, then for its rows; raises TableIsTooLarge."""
    width = _Columns()
    for record in read():
        width.note(record)
    columns = width.columns(kind)
    if len(columns) > MAX_COLUMNS or width.records * len(columns) > MAX_CELLS:
        raise TableIsTooLarge(width.records, len(columns))
    return Table(columns, (width.row(record, columns) for record in read()))


@dataclass
class _Columns:
    """What the columns have to hold."""

    records: int = 0
    paths: dict[str, None] = field(default_factory=dict)
    """Of single values, in the order in which they are met."""
    longest: dict[str, int] = field(default_factory=dict)
    """Of the lists whose entries share a cell or have one each: how many they are at most."""
    apart: set[str] = field(default_factory=set)
    """Those of them that have one each."""
    entries: dict[str, int] = field(default_factory=dict)
    """How many each list of blocks has at most."""

    def note(self, record: Record) -> None:
        """Make room for a record."""
        self.records += 1
        for name, value in record.items():
            if isinstance(value, list):
                self.entries[name] = min(max(self.entries.get(name, 1), len(value)), MAX_ENTRIES)
        for path, value in _leaves(record, "", 0):
            if isinstance(value, list):
                self.longest[path] = max(self.longest.get(path, 0), len(value))
                if not all(map(_stays_whole, value)):
                    self.apart.add(path)
            else:
                self.paths[path] = None
        if len(self.paths) > MAX_COLUMNS:
            raise TableIsTooLarge(self.records, len(self.paths))

    def columns(self, kind: str) -> tuple[str, ...]:
        """The mapping's, then the others."""
        known = [column.path for column in columns_of(fields_of(kind), entries=self.entries)]
        found = [name for path in [*known, *self.longest] for name in self._columns_for(path)]
        return tuple(dict.fromkeys([*found, *self.paths]))

    def row(self, record: Record, columns: Iterable[str]) -> list[Leaf | None]:
        """A record's cells."""
        cells: dict[str, Leaf | None] = {}
        for path, value in _leaves(record, "", 0):
            if not isinstance(value, list):
                cells[path] = value
            elif path in self.apart:
                cells |= {f"{path}.{at}": each for at, each in enumerate(value)}
            else:
                cells[path] = f"{LIST_SEPARATOR} ".join(value)
        return [cells.get(path) for path in columns]

    def _columns_for(self, path: str) -> list[str]:
        if path in self.apart:
            return [f"{path}.{at}" for at in range(self.longest[path])]
        return [path]


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Leaf | list[Any]]]:
    """The values in a record by their paths; of a list of single values the list. What is blank is left out."""
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


def _stays_whole(entry: Any) -> bool:
    """Whether an entry is found again in a cell that it shares."""
    return isinstance(entry, str) and entry.strip() != "" and not any(each in entry for each in _BREAKS)
