"""Data validation while a cell is filled in. The rules check every value again."""

from datetime import date
from typing import Any

from services.entry.workbooks.formats.templates.lists import Lists
from services.entry.workbooks.formats.templates.mapping import TemplateColumn
from services.entry.workbooks.formats.templates.wording import accepted_values
from shared.i18n import Text, translate
from shared.reference import Field

MAX_MESSAGE_LENGTH = 250
"""Excel allows a few more characters."""

MAX_TITLE_LENGTH = 32

_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
_LOWEST = -1e15


def validation_of(column: TemplateColumn, lists: Lists) -> dict[str, Any] | None:
    """Return a column's validation for XlsxWriter; None for free values. It warns but allows any value."""
    field = column.spec.field
    if field.type == "list":
        return None
    check = (
        {"validate": "list", "source": lists.source(column.choices.values())}
        if column.choices
        else _of_type(field)
    )
    if not check:
        return None
    message = accepted_values(column)
    title = translate(Text("Check this value"), column.language)
    shown = message if len(message) <= MAX_MESSAGE_LENGTH else f"{message[:MAX_MESSAGE_LENGTH]}…"
    return {**check, "error_type": "warning", "error_title": title[:MAX_TITLE_LENGTH], "error_message": shown}


def _of_type(field: Field) -> dict[str, Any]:
    if field.type == "date":
        return {"validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY}
    if field.type in ("number", "integer"):
        return {"validate": "integer" if field.type == "integer" else "decimal", **_bounds(field)}
    if field.at_most is not None:
        return {"validate": "length", "criteria": "<=", "value": int(field.at_most)}
    return {}


def _bounds(field: Field) -> dict[str, Any]:
    lowest = _LOWEST if field.at_least is None else field.at_least
    if field.at_most is None:
        return {"criteria": ">=", "value": lowest}
    return {"criteria": "between", "minimum": lowest, "maximum": field.at_most}
