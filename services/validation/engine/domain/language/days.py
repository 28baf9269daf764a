"""Every day that a record may name, by its ISO text: to look one up is quicker than to read it."""

from datetime import date

FIRST_YEAR = 1990
LAST_YEAR = 2099
"""A day outside these years is a slip, and each year of a transaction is a figure of its own."""

DAYS = {
    date.fromordinal(number).isoformat(): number
    for number in range(date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal() + 1)
}
"""Some 40,000 days and their numbers, so that the days between two can be counted."""
