"""Dates and numbers in the notations of the region and of English.

The region writes `30.3.2016.` and `1.234,56`; English files have `03/30/2016` and `1,234.56`. The notation of a file is
never guessed: `03/04/2016` and `1.234` have two meanings, and are not read.
"""

# ruff: noqa: RUF001 - Cyrillic, whose letters look like Latin ones
import math
import re
from collections.abc import Iterator
from datetime import date

from services.entry.files.domain.cell_values import MAX_EXACT_INTEGER

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0{1,9})?)?\Z")
"""The time that databases append to a date."""
_DOTTED = re.compile(
    r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})\.?(?: ?(?:g|god|godine|godina|г|год|године|година|viti)\.?)?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_EITHER = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")

BLANKS = "\u00a0\u2007\u2009\u202f "
"""Thousands separators: no-break, figure, thin and narrow no-break spaces, and the ordinary space."""

_SEPARATORS = re.compile(rf"[.,'\u2019{BLANKS}]")
_WHOLE = re.compile(r"[0-9]{1,30}")
_DECIMAL = re.compile(r"([0-9]{1,30})[.,]([0-9]{1,30})")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]{1,30})?[eE][+-][0-9]{2,3}")
"""The form in which programs write very large and very small numbers. People write 1e9."""
_SIGNS = {"-": -1, "\u2212": -1, "+": 1}

MAX_DIGITS = 15
"""The number of significant digits that a binary fraction keeps exactly."""


def parse_day(text: str) -> str | None:
    """Return the day of a text as 2016-03-30; None for an invalid or ambiguous date. Spaces of any kind are equal."""
    text = _SPACES.sub(" ", text).strip()
    found = _ISO.fullmatch(_MIDNIGHT.sub("", text) if ":" in text else text)
    if found:
        year, month, day = (each for each in found.groups() if each)
        return _day(year, month, day)
    found = _DOTTED.fullmatch(text)
    if found:
        day, month, year = found.groups()
        return _day(year, month, day)
    found = _EITHER.fullmatch(text)
    if found is None:
        return None
    first, _, second, year = found.groups()
    days = {_day(year, second, first), _day(year, first, second)} - {None}
    return days.pop() if len(days) == 1 else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def parse_numbers(text: str) -> Iterator[int | float]:
    """Yield the possible values of a text: none, one, or two, as for `1.234`."""
    sign = _SIGNS.get(text[:1])
    figures = text[1:].lstrip(BLANKS) if sign else text
    for number in _unsigned(figures):
        yield number * (sign or 1)


def _unsigned(text: str) -> Iterator[int | float]:
    if _WHOLE.fullmatch(text):
        yield int(text)
        return
    if _SCIENTIFIC.fullmatch(text):
        number = float(text)
        yield from () if math.isinf(number) else (_narrow(number),)
        return
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        yield from _fraction(*decimal.groups())
    yield from _grouped(text)


def _fraction(whole: str, part: str) -> Iterator[int | float]:
    number = float(f"{whole}.{part}")
    # A program that computes writes all digits of its binary fraction: 14.000000000000002.
    if len((whole + part).lstrip("0")) <= MAX_DIGITS or repr(number) == f"{whole}.{part}":
        yield _narrow(number)


def _grouped(text: str) -> Iterator[int | float]:
    """Yield a number with one kind of thousands separator, and another before its decimals."""
    separators = _SEPARATORS.findall(text)
    if not separators:
        return
    groups = text
    part = ""
    if separators[-1] in ".," and separators[-1] not in separators[:-1] and len(separators) > 1:
        groups, _, part = text.rpartition(separators[-1])
        separators = separators[:-1]
    first, *others = groups.split(separators[0])
    if not (
        re.fullmatch("[1-9][0-9]{0,2}", first) and all(re.fullmatch("[0-9]{3}", each) for each in others)
    ):
        return
    whole = first + "".join(others)
    if not part:
        yield from () if len(whole) > 30 else (int(whole),)  # noqa: PLR2004 - the limit of _WHOLE
    elif _WHOLE.fullmatch(part):
        yield from _fraction(whole, part)


def _narrow(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < MAX_EXACT_INTEGER else number
