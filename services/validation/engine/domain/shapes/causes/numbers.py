"""Causes for which a cell holds no number: two readings, a currency, words, a range, a letter for a digit."""

import re
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from services.validation.engine.domain.shapes.causes.cells import (
    ERROR,
    SPACES,
    Cause,
    is_placeholder,
    plain_text,
)
from services.validation.engine.domain.shapes.causes.days import days_of
from shared.reference.currencies import CURRENCY_SIGNS, CURRENCY_WORDS
from shared.reference.fields import MAX_NUMBER, Field
from shared.reference.multipliers import MULTIPLIERS
from shared.reference.spelling import normalise

WHOLE_PERCENTAGE = 100
_QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_SEPARATORS = rf".,'\u2019{SPACES}"
_MINUS = "-\u2212\u2013"
_UNSIGNED = rf"[0-9]+(?:[{_SEPARATORS}][0-9]+)*"
_NUMBER = re.compile(rf"(?<![0-9])[{_MINUS}+]?{_UNSIGNED}(?![0-9])")
_RANGE = re.compile(
    rf"(?:\w+ )?({_UNSIGNED}) ?%?(?:[{_MINUS}\u2014]|\.\.+|\u2026| (?:do|to|deri|до) )[{SPACES}]?({_UNSIGNED})\W*.{{0,12}}"
)
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]{1,2}")
_CALCULATION = re.compile(r"=?[0-9.,() ]*[0-9)] ?[-+*/x\u00d7] ?[0-9(][-0-9.,()+*/x\u00d7 ]*")
_IN_BRACKETS = re.compile(rf"\(({_UNSIGNED})\)")
_LETTERS = "Oo\u041e\u043elI\u0406"
"""Latin and Cyrillic letters that look like the digits 0 and 1."""
_LOOKALIKES = str.maketrans(_LETTERS, "0000111")
_MISTYPED = re.compile(rf"[0-9][.,]?[{_LETTERS}]|[{_LETTERS}][.,]?[0-9]")


def explain_number(value: Any, spec: Field) -> Cause | None:
    """Return the cause for which a value is no number that the field accepts, if it is known."""
    if isinstance(value, bool):
        return Cause("truth")
    if isinstance(value, float) and spec.type == "integer" and isfinite(value):
        return Cause("fraction", (int(value), int(value) + 1))
    if not isinstance(value, str):
        return None
    text = plain_text(value)
    if not text:
        return None
    for examine in _NUMBER_EXAMINERS:
        if (cause := examine(text, spec)) is not None:
            return cause
    return None


def _fitting(numbers: Iterable[float], spec: Field) -> tuple[float, ...]:
    """Return the numbers that the field accepts, without repetition."""
    lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
    highest = MAX_NUMBER if spec.at_most is None else spec.at_most
    whole = spec.type == "integer"
    fits = (each for each in numbers if lowest <= each <= highest and (not whole or float(each).is_integer()))
    return tuple(dict.fromkeys(fits))


def numbers_of(text: str) -> list[float]:
    """Return the numbers that a text may mean: the last separator starts decimals, or all separate thousands."""
    sign = -1 if text and text[0] in _MINUS else 1
    figures = text.lstrip(f"{_MINUS}+").strip(SPACES)
    separators = re.findall(rf"[{_SEPARATORS}]", figures)
    if not figures or not re.fullmatch(_UNSIGNED, figures):
        return []
    if not separators:
        return [sign * int(figures)] if len(figures) <= 18 else []  # noqa: PLR2004 - beyond any amount
    found: list[float] = []
    whole = re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:[{_SEPARATORS}][0-9]{{3}})+", figures)
    if whole and len(set(separators)) == 1:
        found.append(sign * int(re.sub(r"[^0-9]", "", figures)))
    if separators[-1] in ".,":
        head, _, tail = figures.rpartition(separators[-1])
        others = set(separators[:-1])
        grouped = re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:[{_SEPARATORS}][0-9]{{3}})+", head) if others else True
        if separators[-1] not in others and len(others) <= 1 and grouped:
            found.append(sign * _narrow(float(f"{re.sub(r'[^0-9]', '', head)}.{tail}")))
    return found


def _narrow(number: float) -> float:
    return int(number) if float(number).is_integer() else number


def _placeholder(text: str, _spec: Field) -> Cause | None:
    return Cause("placeholder") if is_placeholder(text) else None


def _error(text: str, _spec: Field) -> Cause | None:
    return Cause("error", found=text) if ERROR.fullmatch(text) else None


def _formula(text: str, _spec: Field) -> Cause | None:
    return Cause("formula") if text.startswith("=") and len(text) > 1 else None


def _truth(text: str, _spec: Field) -> Cause | None:
    return Cause("truth") if normalise(text) in ("true", "false") else None


def _plain_number(text: str, spec: Field) -> Cause | None:
    numbers = numbers_of(text)
    fitting = _fitting(numbers, spec)
    if len(fitting) > 1:
        return Cause("two_numbers", fitting)
    if len(fitting) == 1:
        return Cause("number_as_text", fitting)
    if not numbers:
        return None
    if spec.type == "integer" and not any(float(each).is_integer() for each in numbers):
        return Cause("fraction", (int(numbers[0]), int(numbers[0]) + 1))
    return Cause("number_out_of_range", tuple(numbers[:1]))


def _quoted(text: str, spec: Field) -> Cause | None:
    inner = text.strip(_QUOTES + SPACES)
    fitting = _fitting(numbers_of(inner), spec) if inner != text else ()
    return Cause("quoted", fitting) if fitting else None


def _negative(text: str, spec: Field) -> Cause | None:
    found = _IN_BRACKETS.fullmatch(text)
    fitting = _fitting([-each for each in numbers_of(found[1])], spec) if found else ()
    return Cause("in_brackets", fitting) if fitting else None


def _scientific(text: str, spec: Field) -> Cause | None:
    if not _SCIENTIFIC.fullmatch(text):
        return None
    return Cause("scientific", _fitting([_narrow(float(text.replace(",", ".")))], spec))


def _day_as_number(text: str, _spec: Field) -> Cause | None:
    days = list(days_of(text))
    return Cause("date", tuple(days[:1])) if days else None


def _percent(text: str, spec: Field) -> Cause | None:
    if "%" not in text or spec.at_most == WHOLE_PERCENTAGE:
        return None
    return Cause("percent", _fitting(numbers_of(text.replace("%", "").strip(SPACES)), spec))


def _between(text: str, spec: Field) -> Cause | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = numbers_of(found[1]), numbers_of(found[2])
    return Cause("range", _fitting([*first[:1], *last[:1]], spec)) if first and last else None


def _calculation(text: str, _spec: Field) -> Cause | None:
    return Cause("calculation") if _CALCULATION.fullmatch(text) else None


def _with_words(text: str, spec: Field) -> Cause | None:
    """Find one number among words, a currency or a unit."""
    figures = [each for each in _NUMBER.findall(text) if numbers_of(each)]
    if not figures:
        return None
    if len(figures) > 1:
        return Cause("several_numbers", _fitting([n for each in figures for n in numbers_of(each)[:1]], spec))
    rest = text.replace(figures[0], " ", 1)
    words = normalise(rest).split()
    numbers = numbers_of(figures[0])
    times = next((MULTIPLIERS[word] for word in words if word in MULTIPLIERS), 1)
    currency = next((CURRENCY_SIGNS[each] for each in rest if each in CURRENCY_SIGNS), None)
    currency = currency or next((CURRENCY_WORDS[word] for word in words if word in CURRENCY_WORDS), None)
    fitting = _fitting([_narrow(round(each * times, 6)) for each in numbers], spec)
    if times > 1:
        return Cause(
            "multiplied", _fitting([_narrow(round(numbers[0] * times, 6))], spec), found=currency or ""
        )
    if currency is not None:
        return Cause("currency", fitting, found=currency)
    return Cause("words", fitting, found=rest.strip(SPACES + ":;,")) if rest.strip(SPACES) else None


def _mistyped_digits(text: str, spec: Field) -> Cause | None:
    """Find letters that were typed in place of digits: the letter O for a zero."""
    typed = next((each for each in text if each.isalpha()), "")
    fitting = _fitting(numbers_of(text.translate(_LOOKALIKES)), spec) if _MISTYPED.search(text) else ()
    return Cause("letter_for_digit", fitting, found=typed) if fitting else None


def _separators(text: str, _spec: Field) -> Cause | None:
    if text.isdecimal():
        return Cause("number_out_of_range")
    return Cause("separators") if re.fullmatch(rf"[{_MINUS}+]?[0-9{_SEPARATORS}]+", text) else None


_NUMBER_EXAMINERS: tuple[Callable[[str, Field], Cause | None], ...] = (
    _error,
    _formula,
    _truth,
    _plain_number,
    _quoted,
    _negative,
    _scientific,
    _day_as_number,
    _percent,
    _between,
    _mistyped_digits,
    _calculation,
    _with_words,
    _placeholder,
    _separators,
)
