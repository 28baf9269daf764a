"""Causes for which a cell holds no date: two readings, no such day, a month or quarter, a number of a spreadsheet."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from services.validation.engine.domain.language.days import FIRST_YEAR, LAST_YEAR
from services.validation.engine.domain.shapes.causes.cells import ERROR, Cause, is_placeholder, plain_text
from services.validation.engine.domain.shapes.vocabulary import MONTHS
from shared.reference.spelling import normalise

_SERIAL_START = date(1899, 12, 30)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(
    r"[T ,]+[0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]m| ?h)?(?:Z|[+-][0-9:]{4,5})?",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")
_QUARTERS = (
    r"(?:q|kvartal\w*|quarter|tromjesec\w*|tromesec\w*|tremujor\w*|квартал\w*|тромесеч\w*|тримесеч\w*)"
)
_QUARTER = re.compile(
    rf"(?P<before>[0-9]{{4}}[ /.-]*)?(?:q ?(?P<q>[1-4])|(?P<number>[1-4]|i{{1,3}}|iv|prvi|drugi|treci|cetvrti)\.? ?{_QUARTERS})"
    r"[ /.,-]*(?P<after>[0-9]{4})?"
)
_ORDINALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "prvi": 1, "drugi": 2, "treci": 3, "cetvrti": 4}
_MONTHS_IN_YEAR = 12
_CENTURY = 2000
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_SERIALS = range(32_874, 73_051)
"""The numbers by which spreadsheets store the days of 1990 to 2099."""


def days_of(text: str) -> Iterator[date]:
    """Yield the days that a text may mean, however it is written: day first, then month first."""
    compact = _COMPACT.fullmatch(text)
    tokens = list(compact.groups()) if compact else _TOKENS.findall(_TIME.sub("", text, count=1))
    if len(tokens) != 3:  # noqa: PLR2004 - day, month, year
        return
    found: dict[date, None] = {}
    for day, month, year in _orders(tokens, dotted=_is_dotted(text)):
        try:
            found[date(year, month, day)] = None
        except ValueError:
            continue
    yield from (each for each in found if FIRST_YEAR <= each.year <= LAST_YEAR)


def _is_dotted(text: str) -> bool:
    """Whether a date is written with dots, as in the region: the day is first."""
    return "." in text and not any(each in text for each in "/-")


def _orders(tokens: list[str], *, dotted: bool) -> Iterator[tuple[int, int, int]]:
    """Yield day, month and year in each order that the tokens allow. A short year is in this century."""
    first, second, third = tokens
    named = [MONTHS.get(normalise(each)) for each in tokens]
    if any(named):
        at = next(index for index, month in enumerate(named) if month)
        others = [each for index, each in enumerate(tokens) if index != at]
        if all(each.isdigit() for each in others):
            day, year = sorted(others, key=len) if len(others[0]) != len(others[1]) else others
            yield int(day), named[at] or 0, _year(year)
        return
    if not all(each.isdigit() for each in tokens):
        return
    if len(first) == 4:  # noqa: PLR2004 - a year
        yield int(third), int(second), int(first)
    elif len(third) in (2, 4):
        yield int(first), int(second), _year(third)
        if not dotted:
            yield int(second), int(first), _year(third)


def _year(text: str) -> int:
    return int(text) + (_CENTURY if len(text) <= 2 else 0)  # noqa: PLR2004 - a short year


def explain_day(value: Any) -> Cause | None:
    """Return the cause for which a value is no date, if it is known."""
    if isinstance(value, bool):
        return Cause("truth")
    if isinstance(value, int | float):
        return _serial(value)
    text = plain_text(value) if isinstance(value, str) else ""
    if not text:
        return None
    for examine in _DAY_EXAMINERS:
        if (cause := examine(text)) is not None:
            return cause
    return None


def _serial(value: float) -> Cause | None:
    return Cause("serial", (_SERIAL_START + timedelta(days=int(value)),)) if int(value) in _SERIALS else None


def _serial_text(text: str) -> Cause | None:
    return (
        _serial(float(text.replace(",", ".")))
        if re.fullmatch(r"[0-9]{5}(?:[.,][0-9]{1,12})?", text.replace(",", "."))
        else None
    )


def _one_day(text: str) -> Cause | None:
    days = tuple(days_of(text))
    if not days:
        return None
    if len(days) > 1:
        return Cause("two_days", days)
    if _TIME.search(text):
        return Cause("with_time", days)
    tokens = _TOKENS.findall(text)
    is_short = any(each.isdigit() for each in tokens) and not any(
        len(each) >= 4 and each.isdigit()  # noqa: PLR2004 - a year
        for each in tokens
    )
    return Cause("short_year" if is_short else "day", days)


def _no_such_day(text: str) -> Cause | None:
    """Find a date whose month has no such day, or whose year has no such month."""
    tokens = _TOKENS.findall(_TIME.sub("", text, count=1))
    if len(tokens) != 3:  # noqa: PLR2004 - day, month, year
        return None
    if any(each.isdigit() and len(each) > 4 for each in tokens):  # noqa: PLR2004 - a year
        return Cause("year_out_of_range")
    orders = list(_orders(tokens, dotted=_is_dotted(text)))
    for day, month, year in orders:
        if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= _MONTHS_IN_YEAR and 1 <= day <= 99:  # noqa: PLR2004 - two digits
            return Cause("no_such_day", (date(year, month, 1),), number=days_in(year, month))
    if orders and all(FIRST_YEAR <= year <= LAST_YEAR for _, _, year in orders):
        return Cause("no_such_month", number=orders[0][1])
    if orders and all(1 <= month <= _MONTHS_IN_YEAR for _, month, _ in orders[:1]):
        return Cause("year_out_of_range")
    return None


def _no_year(text: str) -> Cause | None:
    tokens = _TOKENS.findall(text)
    is_short = len(tokens) == 2 and all(each.isdigit() and len(each) <= 2 for each in tokens)  # noqa: PLR2004 - day, month
    return Cause("no_year") if is_short else None


def days_in(year: int, month: int) -> int:
    """Return the number of days of a month."""
    following = date(year + month // _MONTHS_IN_YEAR, month % _MONTHS_IN_YEAR + 1, 1)
    return (following - timedelta(days=1)).day


def _quarter(text: str) -> Cause | None:
    found = _QUARTER.fullmatch(text.casefold().replace("č", "c").replace("ć", "c").strip(" ."))
    if found is None or (found["before"] is None) == (found["after"] is None):
        return None
    named = found["q"] or found["number"]
    number = _ORDINALS.get(named) or int(named)
    year = int((found["before"] or found["after"])[:4])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    last = 3 * number
    return Cause("quarter", (date(year, last - 2, 1), date(year, last, days_in(year, last))))


def _month_only(text: str) -> Cause | None:
    tokens = _TOKENS.findall(text)
    years = [int(each) for each in tokens if _YEAR.fullmatch(each)]
    if len(years) != 1 or not FIRST_YEAR <= years[0] <= LAST_YEAR:
        return None
    rest = [each for each in tokens if not _YEAR.fullmatch(each)]
    months = [month for each in rest if (month := MONTHS.get(normalise(each)))]
    if not months and len(rest) == 1 and rest[0].isdigit():
        months = [int(rest[0])]
    if (
        len(months) == 1
        and 1 <= months[0] <= _MONTHS_IN_YEAR
        and not any(each.isdigit() for each in rest if len(rest) > 1)
    ):
        year, month = years[0], months[0]
        return Cause("month", (date(year, month, 1), date(year, month, days_in(year, month))))
    if any(each.isdigit() for each in rest):
        return None
    return Cause("year", (date(years[0], 1, 1), date(years[0], 12, 31)))


_WRITTEN_DAY = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?[0-9]{4}(?![0-9])|[0-9]{1,2}\.? [^\W\d_]+\.? [0-9]{4}"
)


def _among_words(text: str) -> Cause | None:
    """Find a day among words, or two days."""
    found = [days for each in _WRITTEN_DAY.findall(text) if (days := tuple(days_of(each)))]
    if len(found) > 1:
        return Cause("several_days", tuple(days[0] for days in found))
    if not found:
        return None
    return Cause("day_with_words", found[0]) if len(found[0]) == 1 else Cause("two_days", found[0])


def _day_mark(text: str) -> Cause | None:
    return Cause("placeholder") if is_placeholder(text) else None


def _day_error(text: str) -> Cause | None:
    if normalise(text) in ("true", "false"):
        return Cause("truth")
    if ERROR.fullmatch(text):
        return Cause("error", found=text)
    return Cause("formula") if text.startswith("=") and len(text) > 1 else None


_DAY_EXAMINERS: tuple[Callable[[str], Cause | None], ...] = (
    _day_error,
    _one_day,
    _serial_text,
    _quarter,
    _month_only,
    _no_such_day,
    _no_year,
    _among_words,
    _day_mark,
)
