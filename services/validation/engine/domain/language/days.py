"""All days that a record may name, by their ISO text. A look-up is faster than parsing."""

from datetime import date

FIRST_YEAR = 1990
LAST_YEAR = 2099
"""A day outside these years is a typing error. Each year of a transaction is a separate figure, so years are bounded."""

DAYS = {
    date.fromordinal(number).isoformat(): number
    for number in range(date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal() + 1)
}
"""About 40,000 days with their ordinal numbers, from which differences in days are computed."""
