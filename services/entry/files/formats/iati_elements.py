"""Values of IATI elements and attributes: texts, days, numbers and percentages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from shared.untrusted_xml import string_of

NONE = "\u2013"
"""The sign, the same in every language, for an attribute that is missing or empty."""

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_AMOUNT = Decimal(10) ** 15

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]{1,30})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
_PERCENTAGE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20}|,(?:[0-9]{1,2}|[0-9]{4,20}))?\s*%?")
"""A comma before three digits may separate thousands, and is not read."""
_LINE_BREAK = re.compile(r"\s*[\t\n\r]\s*")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_of(element: Any) -> str:
    """Return the text of an element in one line, without control characters."""
    if element is None:
        return ""
    return " ".join(_UNPRINTABLE.sub(" ", string_of(element)).split())


def identifier_of(written: str) -> str:
    """Return an identifier in one line, without invisible characters. Blanks inside it are kept as they are written."""
    line = _LINE_BREAK.sub(" ", written)
    return "".join(
        " " if each.isspace() else each for each in line if each.isspace() or each.isprintable()
    ).strip()


def attribute(element: Any, name: str) -> str:
    """Return an attribute without outer blanks; empty without the element or the attribute."""
    return "" if element is None else (element.get(name) or "").strip()


def day_of(written: str) -> date | None:
    """Return the day of an xsd:date or xsd:dateTime, in its own time zone."""
    found = _DAY.fullmatch(written)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        return None


def is_no_day(written: str) -> bool:
    """Check whether a date has its form, but there is no such day."""
    return _DAY.fullmatch(written) is not None and day_of(written) is None


def reason_of_date(written: str) -> str:
    """Return the reason for which a date is not read."""
    if not written:
        return "iati-empty-date"
    return "iati-no-day" if is_no_day(written) else "iati-date"


def number_of(written: str) -> Decimal | None:
    """Return a number without separators, such as an xsd:decimal."""
    if not _NUMBER.fullmatch(written):
        return None
    number = Decimal(written)
    return number if abs(number) <= MAX_AMOUNT else None


def percentage_of(written: str) -> Decimal | None:
    """Return a number from 0 to 100, also with a per cent sign or a decimal comma."""
    if _PERCENTAGE.fullmatch(written):
        written = written.removesuffix("%").rstrip().replace(",", ".")
    number = number_of(written)
    return number if number is not None and 0 <= number <= 100 else None  # noqa: PLR2004 - per cent


def json_number(number: Decimal) -> float:
    """Return a number as JSON holds it: an integer where it is integral."""
    return int(number) if number == number.to_integral_value() else float(number)
