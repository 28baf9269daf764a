"""Texts about the columns of a template, in its language."""

from collections.abc import Sequence

from services.entry.files.domain.cell_values import LIST_SEPARATOR
from services.entry.workbooks.formats.templates.mapping import TemplateColumn
from shared.i18n import Text, translate
from shared.reference import Field

MAX_LISTED = 12
"""The maximum number of choices in a comment. The drop-down list has all."""

_FIVE_DIGITS = 10_000


def comment_of(column: TemplateColumn) -> str:
    """Return the comment on a heading."""
    language = column.language
    required = translate(Text("Required."), language) + "\n" if column.spec.is_required else ""
    accepted = translate(Text("Accepted values: {values}", values=accepted_values(column)), language)
    name = translate(Text("Field: {path}", path=column.spec.path), language)
    return f"{column.label}\n{column.help}\n\n{required}{accepted}\n\n{name}"


def accepted_values(column: TemplateColumn) -> str:
    """Describe the accepted values of a column."""
    field, choices = column.spec.field, list(column.choices.values())
    if not choices:
        separated = Text("One or more values, separated by '{separator}'.", separator=LIST_SEPARATOR)
        text = separated if field.type == "list" else _of_type(field)
    elif field.type == "list":
        text = Text(
            "One or more values, separated by '{separator}': {choices}",
            separator=LIST_SEPARATOR,
            choices=_list_choices(choices),
        )
    else:
        text = Text("A value from the list: {choices}", choices=_list_choices(choices))
    return translate(text, column.language)


def _of_type(field: Field) -> Text:
    if field.type == "date":
        return Text("A date, such as 2026-05-31 or 31.5.2026.")
    if field.type == "integer":
        return _whole_number(field)
    if field.type == "number":
        return _number(field)
    if field.at_most is None:
        return Text("Text.")
    return Text("Text of at most {most} characters.", most=_figure(field.at_most))


def _whole_number(field: Field) -> Text:
    if field.at_least is None:
        return Text("A whole number.")
    least = _figure(field.at_least)
    if field.at_most is None:
        return Text("A whole number from {least} upwards.", least=least)
    return Text("A whole number from {least} to {most}.", least=least, most=_figure(field.at_most))


def _number(field: Field) -> Text:
    if field.at_least is None:
        return Text("A number.")
    least = _figure(field.at_least)
    if field.at_most is None:
        return Text("A number from {least} upwards.", least=least)
    return Text("A number from {least} to {most}.", least=least, most=_figure(field.at_most))


def _figure(number: float) -> str:
    """Return the number with thousands separators, except in years."""
    return f"{number:,.0f}" if number >= _FIVE_DIGITS else f"{number:.0f}"


def _list_choices(choices: Sequence[str]) -> Text:
    more = len(choices) - MAX_LISTED
    listed = f"{LIST_SEPARATOR} ".join(choices[:MAX_LISTED])
    if more > 0:
        return Text.counted(
            "{listed}; and {count} more.", "{listed}; and {count} more.", count=more, listed=listed
        )
    return Text("{listed}.", listed=listed)
