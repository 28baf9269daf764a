"""Records as the cells of a template: with days as days, and codes as they are chosen."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.formats.templates.mapping import Record, TemplateColumn

FIRST_YEAR = 1900
"""Of a spreadsheet, which takes it for a leap year."""

Cell = str | int | float | date


def cell_for(offer: TemplateColumn, record: Record) -> Cell | None:
    """What stands in a record's cell; None where it has nothing there."""
    value = _value_at(offer.column.path.split("."), record)
    if value is None or value == []:
        return None
    if isinstance(value, list):
        # An entry that holds what stands between them would come back as two.
        entries = (_shown(each, offer.choices).replace(LIST_SEPARATOR, ",") for each in value)
        return f"{LIST_SEPARATOR} ".join(entries)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = _shown(value, offer.choices)
    return _day(text) or text if offer.column.field.type == "date" else text


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
    """The day; a spreadsheet knows none before 1900."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year > FIRST_YEAR else None
