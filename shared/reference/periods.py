"""Reference periods: two years for needs, one for responses and support.

A reference period is the time that the data describe. It is neither the window in which they are collected nor the day
on which the Board adopts them.
"""

import re
from datetime import date
from functools import lru_cache

from shared.i18n import Text

KINDS = ("need", "response", "support")

_YEAR = re.compile(r"20[0-9]{2}")
_YEARS = re.compile(r"(20[0-9]{2})-(20[0-9]{2})")


class PeriodIsUnknown(ValueError):
    """The text is neither a year nor a biennium that starts in an odd year."""

    def __init__(self, period: str) -> None:
        super().__init__(
            Text("'{period}' is neither a year (2026) nor a biennium (2025-2026).", period=period)
        )
        self.period = period


def is_period(kind: str, text: str) -> bool:
    """Return whether `text` is a period in the form that `kind` uses."""
    if kind == "need":
        return _is_biennium(text)
    return kind in KINDS and _YEAR.fullmatch(text) is not None


@lru_cache(maxsize=256)
def needs_period_containing(period: str) -> str:
    """Return the biennium of the needs that a response or support of `period` answers: "2025" -> "2025-2026"."""
    first = years_of(period).start
    start = first if first % 2 else first - 1
    return f"{start}-{start + 1}"


def years_of(period: str) -> range:
    """Return the one or two years of a period; raise `PeriodIsUnknown`."""
    if _YEAR.fullmatch(period):
        return range(int(period), int(period) + 1)
    if _is_biennium(period):
        start = int(period[:4])
        return range(start, start + 2)
    raise PeriodIsUnknown(period)


def bounds(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period, both inclusive; raise `PeriodIsUnknown`."""
    years = years_of(period)
    return date(years[0], 1, 1), date(years[-1], 12, 31)


def _is_biennium(text: str) -> bool:
    match = _YEARS.fullmatch(text)
    if match is None:
        return False
    start, end = int(match[1]), int(match[2])
    return start % 2 == 1 and end == start + 1
