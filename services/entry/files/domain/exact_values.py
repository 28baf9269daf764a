"""The column of our own tables with the values that cells cannot hold exactly.

A cell loses the blanks at the ends of a text, and the type of a value that the field's column does not have; in CSV, a
text that begins like a formula gets an apostrophe. The last column of an exported table has these values as JSON, by
field. Reading prefers them while the cells still show them. So a table without this column has no such values, and its
cells are read as they are.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.entry.files.domain.leaves import Leaf, cells_of

HEADING = "exact values (IISG-D)"

MAX_LENGTH = 32_000
"""The maximum length of the JSON, so that it fits into a cell."""

Form = Callable[[str], str]
"""Returns a text as one of our tables shows it."""


def write_exact(values: Mapping[str, Any]) -> str:
    """Return the JSON of the values that fit, without any sign at which a spreadsheet would begin a cell."""
    text = _json(values)
    if len(text) <= MAX_LENGTH:
        return text
    fitting: dict[str, Any] = {}
    for name, value in values.items():
        if len(_json({**fitting, name: value})) <= MAX_LENGTH:
            fitting[name] = value
    return _json(fitting)


def _json(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    # The underscore begins an escape in a workbook.
    return text.replace(";", "\\u003b").replace("\x7f", "\\u007f").replace("_x", "\\u005fx")


def read_exact(cell: Any) -> dict[str, Any]:
    """Return the values of a cell; none for a cell that we did not write."""
    if not isinstance(cell, str) or not cell.startswith("{"):
        return {}
    try:
        values = json.loads(cell, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _refuse(name: str) -> Any:
    raise ValueError(name)


def restore(
    record: dict[str, Any],
    values: Mapping[str, Any],
    row: Sequence[Any],
    columns: Mapping[str, int],
    *,
    forms: Sequence[Form],
) -> None:
    """Put values into a record, unless a cell of their field was changed. `columns` are positions in the row, from 0."""
    for name, value in values.items():
        shown = cells_of({name: value}, columns)
        own = [path for path in columns if path == name or path.startswith(f"{name}.")]
        if all(_shows(_cell(row, columns[path]), shown.get(path), forms) for path in own):
            for path in own:
                # A column that names no field of the kind was read as a field of its own.
                record.pop(path, None)
            record[name] = value


def _cell(row: Sequence[Any], at: int) -> Any:
    return row[at] if at < len(row) else ""


def _shows(cell: Any, value: Leaf | None, forms: Sequence[Form]) -> bool:
    if value is None:
        return bool(cell == "")
    if isinstance(value, bool):
        return cell is value or str(cell).lower() == str(value).lower()
    if isinstance(value, str):
        texts = (value, *(form(value) for form in forms))
        return isinstance(cell, str) and _plain(cell) in map(_plain, texts)
    if isinstance(cell, str):
        return cell in (str(value), repr(value))
    return isinstance(cell, float | int) and math.isclose(cell, value, rel_tol=1e-14)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
