"""The values in a record as cells of a table, by field path: `title`, `training.topic`, `themes.0.code`."""

import json
from collections.abc import Container, Iterator, Mapping
from typing import Any

from services.entry.files.domain.cell_values import LIST_SEPARATOR

Leaf = str | int | float | bool

MAX_DEPTH = 4
"""The maximum depth of a field. Deeper values are written as JSON."""

_BREAKS = (LIST_SEPARATOR, "\n", "\r")


def leaves_of(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Leaf | list[Any]]]:
    """Yield the values in a record by path, a list of single values as one. Blank values are left out."""
    if isinstance(value, Mapping | list) and (not value or depth == MAX_DEPTH):
        if value:
            yield path, json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves_of(inner, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        for at, inner in enumerate(value):
            yield from leaves_of(inner, f"{path}.{at}", depth + 1)
    elif value is not None:
        yield path, value


def cells_of(record: Mapping[str, Any], columns: Container[str]) -> dict[str, Leaf | None]:
    """Return the cells of a record. A list shares a cell if there is such a column; else, each entry has its own."""
    cells: dict[str, Leaf | None] = {}
    for path, value in leaves_of(record):
        if not isinstance(value, list):
            cells[path] = value
        elif path in columns:
            cells[path] = f"{LIST_SEPARATOR} ".join(map(str, value))
        else:
            cells |= {f"{path}.{at}": each for at, each in enumerate(value)}
    return cells


def is_separable(entry: Any) -> bool:
    """Return whether an entry of a list survives in a shared cell."""
    return (
        isinstance(entry, str) and entry.strip() == entry != "" and not any(each in entry for each in _BREAKS)
    )
