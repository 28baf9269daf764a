"""Records as rows of a table whose columns are field paths: `title`, `training.topic`, `themes.0.code`.

The columns of the kind's fields come first, with enough entries of each list for every record; then any other fields.
A list of codes or texts shares a cell, unless an entry contains the separator.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from services.entry.files.domain.exact_values import HEADING, write_exact
from services.entry.files.domain.leaves import Leaf, cells_of, is_separable, leaves_of
from services.entry.workbooks.domain import TableIsTooLarge
from shared.documents.formulas import escape_formula
from shared.reference import columns_of, fields_of

Record = Mapping[str, Any]

MAX_CELLS = 30_000_000
MAX_COLUMNS = 16_384
"""The maximum number of columns of a sheet."""
MAX_ENTRIES = 1_000
"""The maximum number of entries of a list with columns."""
MAX_UNKNOWN = 90
"""The maximum number of columns of other than the kind's fields. The reader accepts a few more."""

Row = list[Leaf | None]
ReadBack = Callable[[Iterable[Row]], Iterator[tuple[int, dict[str, Any]]]]
"""Reads a table, whose first row has the headings. Yields the position of each record's row, from 0, and the record."""


@dataclass(frozen=True)
class Table:
    """Columns, and lazily built rows with None for a blank cell."""

    columns: tuple[str, ...]
    rows: Iterator[list[Leaf | None]]


def build_table(
    kind: str,
    read: Callable[[], Iterable[Record]],
    *,
    read_back: ReadBack,
    as_cell: Callable[[Leaf | None], Any],
) -> Table:
    """Build a table; raise `TableIsTooLarge`.

    The records are read for their columns, to find what cells cannot hold, and for the rows. `as_cell` returns a value
    as a reader finds it.
    """
    collected = _Columns()
    for record in read():
        collected.add(record)
    columns = collected.columns(kind)
    if len(columns) > MAX_COLUMNS or collected.records * len(columns) > MAX_CELLS:
        raise TableIsTooLarge(collected.records, len(columns))
    columns = _readable(columns, kind, read_back)
    rows = ([as_cell(cell) for cell in _row(record, columns)] for record in read())
    back = read_back(chain([list(columns)], rows))
    exact = dict(_exact_values(read(), back))
    if not exact:
        return Table(columns, (_row(record, columns) for record in read()))
    return Table(
        (*columns, HEADING),
        ([*_row(record, columns), exact.get(at)] for at, record in enumerate(read())),
    )


def _row(record: Record, columns: tuple[str, ...]) -> Row:
    cells = cells_of(record, columns)
    return [cells.get(path) for path in columns]


def _readable(columns: tuple[str, ...], kind: str, read_back: ReadBack) -> tuple[str, ...]:
    """Return the columns whose heading is read as their path. Values of the others are exact values."""
    fields = columns_of(fields_of(kind))
    known = {column.path for column in fields} | {
        f"{each.path}.0" for each in fields if each.field.type == "list"
    }
    wholes = set().union(*map(_wholes_of, columns))
    kept: list[str] = []
    unknown = 0
    for path in columns:
        is_known = path in known or _is_entry(path, known)
        unknown += not is_known
        is_clear = path not in wholes and known.isdisjoint(_wholes_of(path)) and escape_formula(path) == path
        if is_known or (unknown <= MAX_UNKNOWN and is_clear and _survives(path, read_back)):
            kept.append(path)
    return tuple(kept)


def _wholes_of(path: str) -> set[str]:
    """Return the groups to which a path belongs: `a` and `a.b` for `a.b.c`. A table has no column for these."""
    return {path[:at] for at, sign in enumerate(path) if sign == "."}


def _survives(path: str, read_back: ReadBack) -> bool:
    return [record for _, record in read_back([["ref", "title", path], ["A-1", "A", "x"]])] == [
        {"ref": "A-1", "title": "A", path: "x"}
    ]


def _is_entry(path: str, known: set[str]) -> bool:
    return ".".join("0" if step.isdigit() else step for step in path.split(".")) in known


def _exact_values(
    records: Iterable[Record], back: Iterator[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[int, str]]:
    """Yield the position of each record that is not read back, and the values that differ, as JSON."""
    following = next(back, None)
    for at, record in enumerate(records):
        found: Mapping[str, Any] = {}
        is_read = following is not None and following[0] == at
        if following is not None and is_read:
            found, following = following[1], next(back, None)
        names = (
            record
            if not is_read
            else [name for name, value in record.items() if not _is_same(value, found.get(name))]
        )
        if names:
            yield at, write_exact({name: record[name] for name in names})


def _is_same(value: Any, found: Any) -> bool:
    """Compare values as JSON does: 1 equals 1.0, but not true. Null, an empty list and no value are equal."""
    if value in (None, [], {}) and found is None:
        return True
    if isinstance(value, Mapping) and isinstance(found, Mapping):
        return all(_is_same(value.get(name), found.get(name)) for name in {*value, *found})
    if isinstance(value, list) and isinstance(found, list):
        return len(value) == len(found) and all(map(_is_same, value, found))
    return isinstance(value, bool) == isinstance(found, bool) and bool(value == found)


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
        for path, value in leaves_of(record):
            if isinstance(value, list):
                self.longest[path] = max(self.longest.get(path, 0), len(value))
                if not all(map(is_separable, value)):
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

    def _columns_for(self, path: str) -> list[str]:
        if path in self.separate:
            return [f"{path}.{at}" for at in range(self.longest[path])]
        return [path]
