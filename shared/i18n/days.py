"""Days as texts, so that each language writes them in its own way."""

from datetime import date

from shared.i18n.texts import Text

_MONTHS = (
    Text("January"),
    Text("February"),
    Text("March"),
    Text("April"),
    Text("May"),
    Text("June"),
    Text("July"),
    Text("August"),
    Text("September"),
    Text("October"),
    Text("November"),
    Text("December"),
)


def day_text(day: date) -> Text:
    """Return a day as people write it: 1 May 2026."""
    return Text("{day} {month} {year}", day=day.day, month=_MONTHS[day.month - 1], year=day.year)


def day_of_year_text(day: date) -> Text:
    """Return a day without its year: 1 May."""
    return Text("{day} {month}", day=day.day, month=_MONTHS[day.month - 1])
