"""Texts about the columns of a template."""

from collections.abc import Sequence

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.formats.templates.mapping import TemplateColumn
from shared.reference import Field

MAX_LISTED = 12
"""The maximum number of choices in a comment. The drop-down list has all."""

_FIVE_DIGITS = 10_000


def heading_of(column: TemplateColumn, language: str) -> str:
    """Return the heading of a column, with an asterisk if the column is required."""
    return f"{column.spec.label(language)}{' *' * column.spec.is_required}"


def comment_of(column: TemplateColumn, language: str) -> str:
    """Return the comment on a heading."""
    spec = column.spec
    required = "Required.\n" if spec.is_required else ""
    return f"{spec.label(language)}\n{spec.help}\n\n{required}Accepted values: {accepted_values(column)}\n\nField: {spec.path}"


def accepted_values(column: TemplateColumn) -> str:
    """Describe the accepted values of a column."""
    field, choices = column.spec.field, list(column.choices.values())
    if field.type == "list":
        which = f": {_list_choices(choices)}" if choices else "."
        return f"One or more values, separated by {LIST_SEPARATOR!r}{which}"
    return f"A value from the list: {_list_choices(choices)}" if choices else _of_type(field)


def _of_type(field: Field) -> str:
    if field.type == "date":
        return "A date, such as 2026-05-31 or 31.5.2026."
    if field.type in ("number", "integer"):
        number = "A whole number" if field.type == "integer" else "A number"
        return f"{number}{_bounds(field)}."
    return "Text." if field.at_most is None else f"Text of at most {_figure(field.at_most)} characters."


def _bounds(field: Field) -> str:
    lowest = "" if field.at_least is None else f" from {_figure(field.at_least)}"
    if field.at_most is None:
        return f"{lowest} upwards" if lowest else ""
    return f"{lowest} to {_figure(field.at_most)}"


def _figure(number: float) -> str:
    """Return the number with thousands separators, except in years."""
    return f"{number:,.0f}" if number >= _FIVE_DIGITS else f"{number:.0f}"


def _list_choices(choices: Sequence[str]) -> str:
    more = len(choices) - MAX_LISTED
    return f"{LIST_SEPARATOR} ".join(choices[:MAX_LISTED]) + (
        f"{LIST_SEPARATOR} and {more} more." if more > 0 else "."
    )
