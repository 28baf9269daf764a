"""Functions that rulesets of the IATI Standard need: sums, prefixes and pattern searches.

The language's table lists them. IATI values are texts, so numbers and dates are texts too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from services.validation.engine.domain.language.perl_patterns import is_found

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?")

_HALF_OF_THE_LAST = Decimal("0.00005")
"""Sums are compared to four decimals, as the Standard's validator does: three thirds of 100 make 100."""


def amount(text: str) -> float:
    """Return the number in a text: 0 for an empty text, NaN for a text that is not a number."""
    found = _decimal(text)
    return float("nan") if found is None else float(found)


def adds_up(texts: Sequence[str] | None, total: float | str) -> bool:
    """Check that the texts are numbers with this sum. The sum of no texts is 0."""
    expected = _decimal(str(total))
    found = [_decimal(text) for text in texts or ()]
    if expected is None or any(each is None for each in found):
        return False
    return abs(sum((each for each in found if each is not None), Decimal(0)) - expected) < _HALF_OF_THE_LAST


def _decimal(text: str) -> Decimal | None:
    stripped = text.strip()
    if not stripped:
        return Decimal(0)
    if not _NUMBER.fullmatch(stripped):
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:
        return None


def distinct(texts: Sequence[str] | None) -> bool:
    """Check that no text occurs twice."""
    return len(set(texts or ())) == len(texts or ())


def begins_with_one(text: str, starts: Sequence[str], separator: str) -> bool:
    """Check that the text begins with one of `starts`, followed by the separator."""
    return any(text.startswith(start + separator) for start in starts)


def agency(identifier: str) -> str:
    """Return the registration agency of an identifier: the text before its second hyphen."""
    return "-".join(identifier.split("-")[:2])


def trimmed(text: str) -> str:
    """Return the text without blanks and line breaks at its ends."""
    return text.strip().strip("\ufeff").strip()


@lru_cache(maxsize=8_192)
def year_after(moment: str) -> str:
    """Return the moment one year later. 29 February becomes 28 February."""
    day = date.fromisoformat(moment[:10])
    if day.year == date.max.year:
        return "9999-12-31T23:59:59.999999Z"
    is_leap_day = (day.month, day.day) == (2, 29)
    later = day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
    return f"{later.isoformat()}{moment[10:]}"


_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))?"
)


def moment_of(text: str) -> str | None:
    """Parse an xsd:date or xsd:dateTime into a UTC text; None for any other text. A date stands for its midnight.

    The texts sort as the moments do.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    *numbers, fraction, sign, hours, minutes = found.groups()
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-ahead if sign == "-" else ahead)
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        year, month, day, hour, minute, second = (int(each or 0) for each in numbers)
        return utc_text(datetime(year, month, day, hour, minute, second, micro, zone))
    except (ValueError, OverflowError):
        return None


def utc_text(moment: datetime) -> str:
    """Format a moment as columns carry it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


IATI_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, int, bool]] = {
    "amount": (amount, 1, 1, False),
    "adds_up": (adds_up, 2, 2, True),
    "distinct": (distinct, 1, 1, True),
    "finds": (is_found, 2, 2, False),
    "begins_with_one": (begins_with_one, 3, 3, False),
    "agency": (agency, 1, 1, False),
    "trimmed": (trimmed, 1, 1, False),
    "year_after": (year_after, 1, 1, False),
}
"""Each function with its minimum and maximum number of arguments, and whether they may be missing."""
