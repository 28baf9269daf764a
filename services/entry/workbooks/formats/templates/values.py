"""Cell values of records, with dates as dates and codes as their choices."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.formats.templates.mapping import Record, TemplateColumn

FIRST_YEAR = 1900
"""The first year of a spreadsheet, which treats 1900 as a leap year."""

Cell = str | int | float | date


def cell_for(column: TemplateColumn, record: Record) -> Cell | None:
    """Return the value of a record's cell, or None."""
    value = _value_at(column.spec.path.split("."), record)
    if value is None or value == []:
        return None
    if isinstance(value, list):
        # A separator inside an entry would split it when the template is read.
        entries = (_shown(each, column.choices).replace(LIST_SEPARATOR, ",") for each in value)
        return f"{LIST_SEPARATOR} ".join(entries)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = _shown(value, column.choices)
    return _day(text) or text if column.spec.field.type == "date" else text


def _value_at(path: Sequence[str], within: Any) -> Any:
    for step in path:
        if isinstance(within, Mapping):
            within = within.get(step)
        elif isinstance(within, list) and step.isdigit() and int(step) < len(within):
            within = within[int(step)]
        else:
            return None
    return within


def _shown(value: Any, choices: Mapping[str, str]) -> str:
    return choices.get(value, value) if isinstance(value, str) else str(value)


def _day(text: str) -> date | None:
    """Return the date; None before 1900, which spreadsheets do not support."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year > FIRST_YEAR else None
