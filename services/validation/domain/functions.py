"""The functions that a rule may call, in one table. All are bounded by the size of what they are given."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shared.reference import (
    CODELISTS,
    bounds,
    codes_valid_in_period,
    is_period,
    is_valid,
    is_valid_in_period,
    label,
    needs_period_containing,
    years_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

Known = tuple[str, str, str, str]
"""A record in force elsewhere: (kind, reporter, period, ref)."""

LONGEST_MATCHED = 500
"""A text longer than this matches no pattern: it bounds what a pattern can cost."""

ROUNDING = 0.02
"""What rounding may add to or take from a sum: three thirds of a hundred, written with two decimals, lack 0.01."""


@dataclass(frozen=True)
class Context:
    """What a rule may look up beside the record itself: nothing else is within its reach."""

    records: Sequence[Mapping[str, Any]] = ()
    known: Collection[Known] = frozenset()
    _counters: dict[str, Counter[Any]] = field(default_factory=dict)

    def times(self, name: str, value: Any) -> int:
        """How many records of the submission have `value` in the field `name`; counted once for all."""
        if name not in self._counters:
            self._counters[name] = Counter(record.get(name) for record in self.records)
        return self._counters[name][value]


class NotANumber(TypeError):
    """An expression reckons with something that is no number."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"{type(value).__name__} is not a number")


def number(value: Any) -> float:
    """The value itself, if it is a number: texts and lists can be neither added nor multiplied."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotANumber(value)
    return value


def _given(value: Any) -> bool:
    return value is not None


def _absent(value: Any) -> bool:
    return value is None


def _default(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _how_many(values: Sequence[Any]) -> int:
    return sum(value is not None for value in values)


def _at_least_one(*values: Any) -> bool:
    return _how_many(values) >= 1


def _only_one(*values: Any) -> bool:
    return _how_many(values) == 1


def _one_or_all(*values: Any) -> bool:
    """All are given, or none is: what belongs together comes together."""
    return _how_many(values) in (0, len(values))


def _one_of(value: Any, *allowed: Any) -> bool:
    return value in allowed


def _between(value: Any, lowest: Any, highest: Any) -> bool:
    return bool(lowest <= value <= highest)


def _length(value: Any) -> int:
    return len(value)


def _lower(text: str) -> str:
    return text.strip().lower()


def _starts_with(text: str, start: str) -> bool:
    return text.startswith(start)


def _matches(text: str, pattern: str) -> bool:
    return len(text) <= LONGEST_MATCHED and _pattern(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _values(items: Sequence[Any], name: str) -> list[Any]:
    return [item[name] for item in items if item.get(name) is not None]


def _total(items: Sequence[Any], name: str) -> float:
    """Exact whatever the order, so that the same records in another order give the same total."""
    exact = math.fsum(number(value) for value in _values(items, name))
    return int(exact) if exact.is_integer() else round(exact, 2)


def _sums_to(items: Sequence[Any], name: str, expected: float) -> bool:
    return abs(math.fsum(number(value) for value in _values(items, name)) - expected) <= ROUNDING


def _unique(items: Sequence[Any], name: str) -> bool:
    values = _values(items, name)
    return len(values) == len(set(values))


def _times(context: Context, items: Any, name: str, value: Any) -> int:  # noqa: ARG001 - the language says "times(records, ...)"
    return context.times(name, value)


@lru_cache(maxsize=8_192)
def _date(day: str) -> int:
    """The day's number, so that days can be counted; dates compare as they are, being ISO texts."""
    return date.fromisoformat(day).toordinal()


def _days(first: str, last: str) -> int:
    return _date(last) - _date(first)


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
    """Whether `code` is valid on a date, or on at least one day of a year or period."""
    if not isinstance(code, str):
        return False
    text = str(when)
    if len(text) == len("2026-01-01"):
        return is_valid(list_name, code, date.fromisoformat(text))
    return is_valid_in_period(list_name, code, text)


def _label(list_name: str, code: str) -> str:
    return label(list_name, code)


@lru_cache(maxsize=256)
def _codes(list_name: str, period: str) -> list[str]:
    return list(codes_valid_in_period(list_name, period))


def _known(context: Context, kind: str, reporter: str, period: str, ref: str) -> bool:
    return (kind, reporter, period, ref) in context.known


@dataclass(frozen=True)
class Function:
    """A function of the language: how many arguments it takes, and whether they may be missing."""

    call: Callable[..., Any]
    fewest: int
    most: int
    takes_missing: bool = False
    takes_context: bool = False
    literal: int | None = None
    """The argument, counted from 0, that must be a literal text, so that it can be checked when loaded."""


MANY = 20

FUNCTIONS: Mapping[str, Function] = {
    # what is there
    "given": Function(_given, 1, 1, takes_missing=True),
    "absent": Function(_absent, 1, 1, takes_missing=True),
    "default": Function(_default, 2, MANY, takes_missing=True),
    "at_least_one": Function(_at_least_one, 1, MANY, takes_missing=True),
    "only_one": Function(_only_one, 1, MANY, takes_missing=True),
    "one_or_all": Function(_one_or_all, 2, MANY, takes_missing=True),
    # values
    "one_of": Function(_one_of, 2, MANY + 1),
    "between": Function(_between, 3, 3),
    "length": Function(_length, 1, 1),
    "lower": Function(_lower, 1, 1),
    "starts_with": Function(_starts_with, 2, 2),
    "matches": Function(_matches, 2, 2, literal=1),
    # lists
    "values": Function(_values, 2, 2, literal=1),
    "total": Function(_total, 2, 2, literal=1),
    "sums_to": Function(_sums_to, 3, 3, literal=1),
    "unique": Function(_unique, 2, 2, literal=1),
    "times": Function(_times, 3, 3, takes_context=True, literal=1),
    # time
    "date": Function(_date, 1, 1),
    "days": Function(_days, 2, 2),
    "year": Function(_year, 1, 1),
    "first_day": Function(_first_day, 1, 1),
    "last_day": Function(_last_day, 1, 1),
    "needs_period": Function(needs_period_containing, 1, 1),
    "is_period": Function(is_period, 2, 2),
    "previous_period": Function(_previous_period, 1, 1),
    # the published language, and what others reported
    "valid": Function(_valid, 3, 3, literal=0),
    "label": Function(_label, 2, 2, literal=0),
    "codes": Function(_codes, 2, 2, literal=0),
    "known": Function(_known, 4, 4, takes_context=True),
}

OF_CODE_LISTS = ("valid", "label", "codes")
OF_LISTS = ("values", "total", "sums_to", "unique", "times")


def is_code_list(name: str) -> bool:
    """Whether there is a code list of that name."""
    return name in CODELISTS
