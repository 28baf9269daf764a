"""Cells as values of a field. An invalid value stays a text, for the rules to report.

Columns are read as a whole. Most hold one type and few distinct values, which makes this fast.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from services.entry.files.domain.cell_values import LIST_SEPARATOR, MAX_EXACT_INTEGER
from services.entry.files.formats.locale_parsing import parse_day, parse_numbers
from services.entry.files.formats.number_formats import Percent, Shown
from shared.reference import CODELISTS, LANGUAGES, PARTNERS, PILLARS, Field, label, labels_of
from shared.reference.spelling import normalise

Values = list[Any]
ReadColumn = Callable[[Sequence[Any]], Values]
"""Converts the cells of a column to values, with None for a blank cell."""

OUTSIDE = "outside"
"""The code list of recipients outside the region, whose labels are English only."""

MAX_MEMO_ENTRIES = 5_000
"""The maximum number of distinct cells of a column whose values are memoised."""

WHOLE_PERCENTAGE = 100


def text_of(cell: Any) -> str:
    """Return a cell as the text that a person would type."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < MAX_EXACT_INTEGER else repr(cell)
    if isinstance(cell, Shown | Percent):
        return cell.text if isinstance(cell, Shown) else f"{text_of(cell.shown)}%"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def number_of(cell: Any) -> float | None:
    """Return the number in a cell; None for a text, and for a number with two meanings."""
    if isinstance(cell, Percent):
        return cell.shown
    if isinstance(cell, Shown):
        return cell.number
    if isinstance(cell, float):
        return cell
    candidates = list(parse_numbers(cell.strip())) if isinstance(cell, str) else []
    return candidates[0] if len(candidates) == 1 else None


def column_of(field: Field | None) -> ReadColumn:
    """Return the reader of a field's column. In a column without a field, everything but numbers is text."""
    if field is None:
        return _each(_read_unknown)
    if field.type == "list" and field.items is not None:
        return _memoised(_list_of(_cell_of(field.items)))
    if field.codelist is None and field.type in ("text", "ref"):
        return _texts
    if field.type in ("number", "integer"):
        return _numbers(field)
    return _memoised(_cell_of(field))


def _cell_of(field: Field) -> Callable[[Any], Any]:
    """Return the reader of a single cell that is not blank."""
    if field.codelist is not None or field.allowed:
        return _code_of(_codes_by_spelling(field))
    if field.type == "date":
        return _date
    return _number_of(field) if field.type in ("number", "integer") else text_of


def _read_unknown(cell: Any) -> Any:
    if isinstance(cell, Shown) and "." in cell.text:
        return _number(cell.number)
    return _number(cell) if isinstance(cell, float) else text_of(cell)


def _number(number: float) -> Any:
    """Return an integer where the number is integral. Spreadsheets store only fractions; infinities and NaN stay texts."""
    if number.is_integer():
        return int(number)
    return number if math.isfinite(number) else text_of(number)


def _texts(cells: Sequence[Any]) -> Values:
    if set(map(type, cells)) == {str}:
        return [cell.strip() or None for cell in cells]
    return [text_of(cell) or None for cell in cells]


def _numbers(field: Field) -> ReadColumn:
    read = _number_of(field)

    def column(cells: Sequence[Any]) -> Values:
        if set(map(type, cells)) == {float}:
            return [int(cell) if cell.is_integer() else _number(cell) for cell in cells]
        return [None if cell == "" else read(cell) for cell in cells]

    return column


def _number_of(field: Field) -> Callable[[Any], Any]:
    is_percentage = field.at_most == WHOLE_PERCENTAGE

    def read(cell: Any) -> Any:
        if isinstance(cell, float):
            return _number(cell)
        if isinstance(cell, Shown):
            return _number(cell.number)
        if isinstance(cell, Percent):
            return _number(cell.shown) if is_percentage else text_of(cell)
        text = text_of(cell)
        figures = text.removesuffix("%").rstrip() if is_percentage else text
        candidates = list(parse_numbers(figures))
        if len(candidates) > 1:
            # The field's bounds and type decide: a percentage "33.333" cannot be 33,333, but "1.250" often stays ambiguous.
            candidates = [number for number in candidates if _fits(number, field)]
        return candidates[0] if len(candidates) == 1 else text or None

    return read


def _fits(number: float, field: Field) -> bool:
    if field.type == "integer" and not float(number).is_integer():
        return False
    lowest = -math.inf if field.at_least is None else field.at_least
    return lowest <= number <= (math.inf if field.at_most is None else field.at_most)


def _date(cell: Any) -> Any:
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    text = text_of(cell)
    return parse_day(text) or text or None


def _code_of(codes: Mapping[str, str]) -> Callable[[Any], Any]:
    def read(cell: Any) -> Any:
        text = text_of(cell)
        code = codes.get(normalise(text))
        if code is None and isinstance(cell, Shown):
            # The format adds a word, not leading zeros.
            code = codes.get(normalise(text_of(cell.number)))
        return code or text or None

    return read


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_list(cell: Any) -> Any:
        entries = (
            text_of(cell).replace("\n", LIST_SEPARATOR).replace("\r", LIST_SEPARATOR).split(LIST_SEPARATOR)
        )
        return [read(each.strip()) for each in entries if each.strip()] or None

    return read_list


@lru_cache(maxsize=256)
def _codes_in(name: str) -> tuple[tuple[str, str], ...]:
    """Return each code of a code list with its label in each language, the English ones first.

    `theme` covers all pillars, whose labels are distinct.
    """
    names = [f"theme:{pillar}" for pillar in PILLARS] if name == "theme" else [name]
    return tuple(
        (code, label(each, code, language))
        for language in (LANGUAGES if name != OUTSIDE else LANGUAGES[:1])
        for each in names
        for code in CODELISTS[each].codes
    )


def _codes_by_spelling(field: Field) -> Mapping[str, str]:
    """Return codes by spelling: the code, its label in any language, or both. Ambiguous spellings are left out."""
    return _codes_of(field.codelist or "", field.also or "", field.allowed)


@lru_cache(maxsize=256)
def _codes_of(codelist: str, also: str, allowed: tuple[str, ...]) -> Mapping[str, str]:
    known = codelist in CODELISTS or codelist == "theme"
    pairs = list(_codes_in(codelist)) if known else []
    pairs += _codes_in(also) if also else ()
    pairs = pairs or [(code, words) for code in allowed for words in _partner_labels(code)]
    spellings: dict[str, set[str]] = {}
    for code, words in pairs:
        for spelling in (code, words, f"{code} {words}", f"{words} {code}"):
            spellings.setdefault(normalise(spelling), set()).add(code)
    # A code takes precedence over the label of another code.
    codes = {normalise(code): code for code, _ in pairs}
    return {spelling: min(found) for spelling, found in spellings.items() if len(found) == 1} | codes


def _partner_labels(code: str) -> tuple[str, ...]:
    """Return the labels of a partner; for any other code, the code itself."""
    return labels_of("beneficiary", code) if code in PARTNERS else (code,)


def _each(read: Callable[[Any], Any]) -> ReadColumn:
    return lambda cells: [None if cell == "" else read(cell) for cell in cells]


class _Memo(dict[Any, Any]):
    """The values of a column's cells. It keeps the first MAX_MEMO_ENTRIES and evicts none."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__({"": None})
        self._read = read

    def __missing__(self, cell: Any) -> Any:
        value = self._read(cell)
        if len(self) < MAX_MEMO_ENTRIES:
            self[cell] = value
        return value


def _memoised(read: Callable[[Any], Any]) -> ReadColumn:
    memo = _Memo(read)

    def column(cells: Sequence[Any]) -> Values:
        # Numbers are not memoised: the key TRUE equals the key 1.
        if {str, date, datetime}.issuperset(map(type, cells)):
            return list(map(memo.__getitem__, cells))
        return [None if cell == "" else read(cell) for cell in cells]

    return column
