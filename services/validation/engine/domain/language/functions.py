"""The table of functions that a rule may call. The cost of each is bounded by the size of its arguments."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

from services.validation.engine.domain.language.iati_functions import IATI_FUNCTIONS
from services.validation.engine.domain.references.keys import as_key
from shared.reference import (
    CODELISTS,
    bounds,
    is_period,
    is_valid,
    is_valid_in_period,
    label,
    needs_period_containing,
    years_of,
)
from shared.reference.look_alikes import list_differences
from shared.reference.refs import ref_key

MAX_MATCHED_LENGTH = 500
"""A longer text matches no pattern, which bounds the cost of matching."""

ENTRY_TOLERANCE = Decimal("0.01")
"""The rounding error of each entry that is allowed in a sum: a third of 100 may be written 33.33 or 33.34."""

MIN_TOLERANCE = Decimal("0.02")
"""The error that is always allowed in a sum."""

_CENT = Decimal("0.01")


class NotANumber(TypeError):
    """An expression computes with a value that is not a number."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"{type(value).__name__} is not a number")


def number(value: Any) -> float:
    """Return the value if it is a number. Raise NotANumber. Texts and lists cannot be added or multiplied."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotANumber(value)
    return value


def _count_given(values: Sequence[Any]) -> int:
    return sum(value is not None for value in values)


def _only_one(*values: Any) -> bool:
    return _count_given(values) == 1


def _dependent(*values: Any) -> bool:
    """Check that all values are given, or none."""
    return _count_given(values) in (0, len(values))


def _one_or_all(one: Any, *others: Any) -> bool:
    """Check that the first value is given, or all others are."""
    return one is not None or _count_given(others) == len(others)


def _abs(value: Any) -> float:
    return abs(number(value))


def _lower(text: str) -> str:
    return text.strip().lower()


def _contains(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


def _starts_with(text: str, start: str) -> bool:
    return text.startswith(start)


def _matches(text: str, pattern: str) -> bool:
    return len(text) <= MAX_MATCHED_LENGTH and _pattern(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _values(items: Sequence[Any], name: str) -> list[Any]:
    return [item[name] for item in items if item.get(name) is not None]


def _total(items: Sequence[Any], name: str) -> float:
    exact = _decimal_sum(_values(items, name))
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact.quantize(_CENT, ROUND_HALF_EVEN))


def _sums_to(items: Sequence[Any], name: str, expected: float) -> bool:
    """Check a sum. The allowed rounding error grows with the number of entries."""
    values = _values(items, name)
    allowed = max(ENTRY_TOLERANCE * len(values), MIN_TOLERANCE)
    return abs(_decimal_sum(values) - Decimal(repr(number(expected)))) <= allowed


def _decimal_sum(values: Sequence[Any]) -> Decimal:
    """Add numbers up as they are written in decimals, so that neither their order nor binary fractions change the sum."""
    return sum((Decimal(repr(number(value))) for value in values), Decimal(0))


def _each_in(items: Sequence[Any], name: str, others: Sequence[Any], other_name: str) -> bool:
    return set(_values(others, other_name)).issuperset(_values(items, name))


def _unique(items: Sequence[Any], name: str) -> bool:
    values = _values(items, name)
    return len(values) == len(set(map(as_key, values)))


def _differences(one: str, others: Sequence[str]) -> list[str]:
    """Say in what a text differs from texts that look like it, each difference once."""
    return list(dict.fromkeys(each for other in others for each in list_differences(one, other)))


def _year(day: str) -> int:
    return int(day[:4])


@lru_cache(maxsize=256)
def _first_day(period: str) -> str:
    return bounds(period)[0].isoformat()


@lru_cache(maxsize=256)
def _last_day(period: str) -> str:
    return bounds(period)[1].isoformat()


@lru_cache(maxsize=256)
def _previous_period(period: str) -> str:
    years = years_of(period)
    first = years.start - len(years)
    return str(first) if len(years) == 1 else f"{first}-{first + 1}"


@lru_cache(maxsize=65_536)
def _valid(list_name: str, code: Any, when: Any) -> bool:
    """Check that `code` is valid on a date, or on at least one day of a year or period."""
    if not isinstance(code, str):
        return False
    text, code = str(when), ref_key(code)
    if len(text) == len("2026-01-01"):
        return is_valid(list_name, code, date.fromisoformat(text))
    return is_valid_in_period(list_name, code, text)


def _label(list_name: str, code: str) -> str:
    return label(list_name, code)


@lru_cache(maxsize=256)
def _codes(list_name: str, *times: Any) -> list[str]:
    """Return the codes that are valid on a day, or in a year or period; of several times, in any of them.

    If none is valid then, return all codes of the list: it did not exist yet, and no other codes can be asked for.
    """
    codes = CODELISTS[list_name].codes
    return [code for code in codes if any(_valid(list_name, code, when) for when in times)] or list(codes)


@lru_cache(maxsize=65_536)
def _offered(list_name: str, code: Any, *times: Any) -> bool:
    return code in _codes(list_name, *times)


def _themes(pillar: str, *times: Any) -> list[str]:
    return _codes(f"theme:{pillar}", *times)


@lru_cache(maxsize=256)
def _has_themes(pillar: str, when: Any) -> bool:
    """Check that the pillar had a list of themes then."""
    name = f"theme:{pillar}"
    return any(_valid(name, code, when) for code in CODELISTS[name].codes)


def _default_inline(*of: str) -> str:
    return "".join(f"{each} if {each} is not None else " for each in of[:-1]) + of[-1]


def _at_least_one_inline(*of: str) -> str:
    return " or ".join(f"{each} is not None" for each in of)


def _one_of_inline(of: str, *allowed: str) -> str:
    return f"{of} in ({', '.join(allowed)},)"


@dataclass(frozen=True)
class Function:
    """A function of the language: its implementation, its number of arguments, and whether they may be missing."""

    call: Callable[..., Any] | None
    min_arguments: int
    max_arguments: int
    takes_missing: bool = False
    literal: int | None = None
    """The index of the argument that must be a literal text, so that it is checked when the rules are loaded."""
    inline: Callable[..., str] | None = None
    """Builds inline Python from the arguments' sources. The most frequent functions need no call."""


MAX_ARGUMENTS = 20

FUNCTIONS: Mapping[str, Function] = {
    # presence
    "given": Function(None, 1, 1, takes_missing=True, inline="{} is not None".format),
    "absent": Function(None, 1, 1, takes_missing=True, inline="{} is None".format),
    "default": Function(None, 2, MAX_ARGUMENTS, takes_missing=True, inline=_default_inline),
    "at_least_one": Function(None, 1, MAX_ARGUMENTS, takes_missing=True, inline=_at_least_one_inline),
    "only_one": Function(_only_one, 1, MAX_ARGUMENTS, takes_missing=True),
    "one_or_all": Function(_one_or_all, 2, MAX_ARGUMENTS, takes_missing=True),
    "dependent": Function(_dependent, 2, MAX_ARGUMENTS, takes_missing=True),
    # values
    "one_of": Function(None, 2, MAX_ARGUMENTS + 1, inline=_one_of_inline),
    "between": Function(None, 3, 3, inline="{1} <= {0} <= {2}".format),
    "length": Function(None, 1, 1, inline="len({})".format),
    "lower": Function(_lower, 1, 1),
    "starts_with": Function(_starts_with, 2, 2),
    "contains": Function(_contains, 2, 2),
    "abs": Function(_abs, 1, 1),
    "differences": Function(_differences, 2, 2),
    "matches": Function(_matches, 2, 2, literal=1),
    # lists
    "values": Function(_values, 2, 2, literal=1),
    "total": Function(_total, 2, 2, literal=1),
    "sums_to": Function(_sums_to, 3, 3, literal=1),
    "unique": Function(_unique, 2, 2, literal=1),
    "each_in": Function(_each_in, 4, 4, literal=1),
    # time
    "date": Function(None, 1, 1, inline="DAYS[{}]".format),
    "days": Function(None, 2, 2, inline="DAYS[{1}] - DAYS[{0}]".format),
    "year": Function(_year, 1, 1),
    "first_day": Function(_first_day, 1, 1),
    "last_day": Function(_last_day, 1, 1),
    "needs_period": Function(needs_period_containing, 1, 1),
    "is_period": Function(is_period, 2, 2),
    "previous_period": Function(_previous_period, 1, 1),
    # the published language
    "valid": Function(_valid, 3, 3, literal=0),
    "label": Function(_label, 2, 2, literal=0),
    "codes": Function(_codes, 2, 3, literal=0),
    "offered": Function(_offered, 3, 4, literal=0),
    "themes": Function(_themes, 2, 3),
    "has_themes": Function(_has_themes, 2, 2),
    # functions of the IATI Standard's rulesets
    **{name: Function(*each) for name, each in IATI_FUNCTIONS.items()},
}

CODE_LIST_FUNCTIONS = ("valid", "label", "codes", "offered")
LIST_FUNCTIONS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("values", "total", "sums_to", "unique"), (0,)),
    "each_in": (0, 2),
}
"""The functions of lists, with the positions of their lists. The name of a field of its entries follows each list."""


def is_code_list(name: str) -> bool:
    """Check that a code list has this name."""
    return name in CODELISTS
