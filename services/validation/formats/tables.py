"""Records in a flat table, CSV, whose headings are the names of fields: `title`, `training.topic`, `themes.0.code`."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.origins import Origins, letters
from services.validation.formats.records import Given, RecordsAreUnreadable, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.reference.fields import Field

SEPARATORS = ",;\t"
"""Between cells; the one that the headings have most of. Spreadsheets in most of Europe write semicolons."""

WITHIN = ";"
"""Between the codes of one cell, where a field holds a list of them."""

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
"""What else stands in a number's cell stays a text: a finding says that no number was found there."""

LONGEST_CELL = 10 * 1024 * 1024


def read_table(content: bytes, fields: Mapping[str, Field], *, name: str) -> Given:
    """Read the records and where their cells are; raises RecordsAreUnreadable. Numbers are read as the fields say.

    `name` is the file's, for findings to show.
    """
    text = text_of(content)
    rows = _rows(text)
    _, headings = next(rows, (1, []))
    columns = _columns(headings)
    records, numbers = [], []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            records.append(_record(cells, columns, fields))
            numbers.append(number)
    return Given(records, origins=Origins(name, numbers, columns))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows as a spreadsheet numbers them: from 1, whatever lines a cell takes."""
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    csv.field_size_limit(LONGEST_CELL)
    try:
        yield from enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), start=1
        )
    except csv.Error as error:
        raise RecordsAreUnreadable(f"The file is no table: {error}.") from None


def _columns(headings: Sequence[str]) -> dict[str, int]:
    """Each heading's column, counted from 1; a column without one is for notes, and not read."""
    columns = {name: at for at, heading in enumerate(headings, start=1) if (name := heading.strip())}
    if not columns:
        raise RecordsAreUnreadable("The first row holds no headings: the names of fields.")
    for name, times in Counter(heading.strip() for heading in headings).items():
        if name and times > 1:
            raise RecordsAreUnreadable(f"The heading '{name}' stands in {times} columns.")
    for name, at in columns.items():
        if any(other.startswith(f"{name}.") for other in columns):
            raise RecordsAreUnreadable(
                f"Column {letters(at)}, '{name}', is a block that other columns are parts of."
            )
    return columns


def _record(cells: Sequence[str], columns: Mapping[str, int], fields: Mapping[str, Field]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, at in columns.items():
        cell = cells[at - 1].strip() if at <= len(cells) else ""
        if cell:
            _put(record, name.split("."), cell, fields)
    return record


def _put(into: dict[str, Any], path: Sequence[str], cell: str, fields: Mapping[str, Field]) -> None:
    """Put a cell where its heading says; a name that no field has stays as it is, for the rules to find."""
    name, rest = path[0], path[1:]
    field = fields.get(name)
    if field is None or (rest and field.type not in ("block", "list")):
        into[".".join(path)] = cell
    elif not rest:
        into[name] = _value(cell, field)
    elif field.type == "block":
        _put(into.setdefault(name, {}), rest, cell, field.fields)
    else:
        _put_entry(into, path, cell, field)


def _put_entry(into: dict[str, Any], path: Sequence[str], cell: str, field: Field) -> None:
    """Put a cell into an entry of a list; the entries before it are there, if only empty."""
    name, number, *rest = path
    if not (number.isdigit() and len(number) <= 3 and field.items):  # noqa: PLR2004 - no list has more than 1,000 entries
        into[".".join(path)] = cell
        return
    entries = into.setdefault(name, [])
    entries.extend({} for _ in range(len(entries), int(number) + 1))
    if rest:
        _put(entries[int(number)], rest, cell, field.items.fields)
    else:
        entries[int(number)] = _value(cell, field.items)


def _value(cell: str, field: Field) -> Any:
    if field.type == "list" and field.items and field.items.type != "block":
        return [_value(each.strip(), field.items) for each in cell.split(WITHIN) if each.strip()]
    if field.type in ("number", "integer") and _NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return cell
