"""What a template says of its columns."""

from collections.abc import Sequence

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.formats.templates.mapping import TemplateColumn
from shared.reference import Field

MAX_LISTED = 12
"""So many choices are told in a comment; all of them stand in the list."""

_FIVE_DIGITS = 10_000


def heading_of(offer: TemplateColumn, language: str) -> str:
    """What stands above a column; that it is required says an asterisk."""
    return f"{offer.column.label(language)}{' *' * offer.column.is_required}"


def comment_of(offer: TemplateColumn, language: str) -> str:
    """What is said at a heading."""
    column = offer.column
    required = "Required.\n" if column.is_required else ""
    return f"{column.label(language)}\n{column.help}\n\n{required}What passes: {accepted_values(offer)}\n\nField: {column.path}"


def accepted_values(offer: TemplateColumn) -> str:
    """What may stand in a cell."""
    field, choices = offer.column.field, list(offer.choices.values())
    if field.type == "list":
        which = f": {_list_choices(choices)}" if choices else "."
        return f"One or more, with {LIST_SEPARATOR!r} between them{which}"
    return f"One of the list: {_list_choices(choices)}" if choices else _of_type(field)


def _of_type(field: Field) -> str:
    if field.type == "date":
        return "A day, such as 2026-05-31 or 31.5.2026."
    if field.type in ("number", "integer"):
        what = "A whole number" if field.type == "integer" else "A number"
        return f"{what}{_bounds(field)}."
    return "A text." if field.at_most is None else f"A text of at most {_figure(field.at_most)} characters."


def _bounds(field: Field) -> str:
    lowest = "" if field.at_least is None else f" from {_figure(field.at_least)}"
    if field.at_most is None:
        return f"{lowest} up" if lowest else ""
    return f"{lowest} to {_figure(field.at_most)}"


def _figure(number: float) -> str:
    """A year has no comma."""
    return f"{number:,.0f}" if number >= _FIVE_DIGITS else f"{number:.0f}"


def _list_choices(choices: Sequence[str]) -> str:
    more = len(choices) - MAX_LISTED
    return f"{LIST_SEPARATOR} ".join(choices[:MAX_LISTED]) + (
        f"{LIST_SEPARATOR} and {more} more." if more > 0 else "."
    )
