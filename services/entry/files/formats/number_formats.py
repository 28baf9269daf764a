"""Number formats of a workbook: which numbers are percentages, what identifiers show, what is hidden, and currencies.

The number 7 in the format 000 is shown as 007. A program that exports the sheet writes what is shown, so both are one ref.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from services.entry.files.domain.cell_values import MAX_EXACT_INTEGER
from shared.reference.currencies import CURRENCY_SIGNS, currencies_in
from shared.reference.multipliers import MULTIPLIERS
from shared.reference.spelling import normalise

BUILT_IN = {"1": "0", "2": "0.00", "9": "0%", "10": "0.00%"}
"""The formats that a workbook uses without defining them, by number, as far as they matter here."""

_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*+)[^\]]*+\]|\[(?P<bracket>[^\]]*+)\]'
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<percent>%)|(?P<end>;)|(?P<literal>[-+() ])|(?P<other>.)",
    re.DOTALL,
)
_COLOUR = re.compile(r"(?i)(black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+)")
_THOUSANDS = re.compile(r"[.,'\s]?0{3}([.,'\s]?0{3})*(?:\D.*)?")
_CONDITION = re.compile(r"[<>=].*")
_UNSHOWN = re.compile(f"{_COLOUR.pattern}|{_CONDITION.pattern}")
_LITERALS = ("quoted", "escaped", "currency", "literal")
_POSITIVE, _NEGATIVE, _ZERO, _TEXT = range(4)
"""The sections of a format, each for some of the values."""


@dataclass(frozen=True)
class Percent:
    """A number shown as a percentage: 0.25 is 25 %."""

    number: float

    @property
    def shown(self) -> float:
        """The number before the percent sign."""
        return round(self.number * 100, 10)


@dataclass(frozen=True)
class Shown:
    """A number, and the text that its cell shows."""

    number: float
    text: str


@dataclass(frozen=True)
class NumberFormat:
    """The first section of a format. `whole` and `fraction` are the placeholders and literals beside the decimal point."""

    is_percent: bool = False
    whole: tuple[str, ...] = ()
    fraction: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()
    """The sections that show nothing."""
    currency: str = ""
    """The text of the format that names a currency."""
    scale: str = ""
    """The text of the format after which a reader multiplies the number, as in 5,000 for 5, or 5 mil."""

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies that the format may name."""
        return currencies_in(self.currency)

    def hides(self, value: Any) -> bool:
        """Return whether a cell with this value shows nothing."""
        if not self.hidden:
            return False
        if isinstance(value, float):
            section = _NEGATIVE if value < 0 else _POSITIVE if value else _ZERO
        else:
            section = _TEXT
        return section in self.hidden

    def show(self, number: float) -> float | Percent | Shown:
        """Return the number as its cell shows it; the number itself where the format shows its usual digits."""
        if self.is_percent:
            return Percent(number)
        places = sum(1 for each in self.fraction if each in _PLACEHOLDERS)
        is_exact = 0 <= number < MAX_EXACT_INTEGER and math.isclose(
            number, round(number, places), rel_tol=1e-15, abs_tol=0
        )
        if not is_exact or not self.whole:
            return number
        whole, _, fraction = f"{number:.{places}f}".partition(".")
        shown = _fill_whole(self.whole, whole) + _fill_fraction(self.fraction, fraction)
        return Shown(number, shown.strip())


_PLACEHOLDERS = "0#?"


@lru_cache(maxsize=1_024)
def format_of(code: str) -> NumberFormat | None:
    """Return a number format; None for dates and for formats that show a number's usual digits, and no currency."""
    found = _digits_of(code) or NumberFormat()
    sections = list(_sections_of(code))
    found = replace(
        found, hidden=_hidden_in(sections), currency=_currency_in(sections), scale=_scale_in(sections[0])
    )
    return None if found == NumberFormat() else found


_Section = list[tuple[str, str]]
"""The kinds and texts of a section's tokens."""


def _sections_of(code: str) -> Iterator[_Section]:
    section: _Section = []
    for token in _TOKENS.finditer(code):
        kind = token.lastgroup or ""
        if kind == "end":
            yield section
            section = []
        elif kind:
            section.append((kind, token[kind] or ""))
    yield section


def _hidden_in(sections: list[_Section]) -> frozenset[int]:
    """Return the sections that show nothing. A missing section is the first one; a missing one of texts shows them."""
    if len(sections) == 1 and not sections[0]:
        # No format at all.
        return frozenset()
    if any(kind == "bracket" and _CONDITION.fullmatch(text) for each in sections for kind, text in each):
        # The conditions decide which section is used.
        return frozenset(range(_TEXT)) if all(map(_is_blank, sections[:_TEXT])) else frozenset()
    of_numbers = [sections[at] if at < len(sections) else sections[0] for at in range(_TEXT)]
    hidden = {
        at for at, each in enumerate(of_numbers) if _is_blank(each) or (at != _ZERO and _has_no_number(each))
    }
    return frozenset(hidden | ({_TEXT} if len(sections) > _TEXT and _is_blank(sections[_TEXT]) else set()))


def _is_blank(section: _Section) -> bool:
    return not any(
        text.strip() for kind, text in section if not (kind == "bracket" and _UNSHOWN.fullmatch(text))
    )


def _has_no_number(section: _Section) -> bool:
    """Return whether a section shows the same text for any number, such as "n/a"."""
    return not any(kind in ("digit", "other", "percent") for kind, _ in section)


def _currency_in(sections: list[_Section]) -> str:
    for section in sections:
        text = "".join(text if kind in _LITERALS or text in CURRENCY_SIGNS else " " for kind, text in section)
        is_date = any(kind == "other" and text in "dmyhs" for kind, text in section)
        if not is_date and currencies_in(text):
            return " ".join(text.split())
    return ""


def _scale_in(section: _Section) -> str:
    """Return a literal that reads as thousands or millions, unless the format divides by them: a comma after the digits."""
    last = max((at for at, (kind, _) in enumerate(section) if kind == "digit"), default=None)
    if last is None or section[last + 1 : last + 2] == [("other", ",")]:
        return ""
    text = "".join(
        text if kind in ("quoted", "escaped") else " " for kind, text in section[last + 1 :]
    ).strip()
    is_zeros = _THOUSANDS.fullmatch(text) is not None
    return text if is_zeros or any(word in MULTIPLIERS for word in normalise(text).split()) else ""


def _digits_of(code: str) -> NumberFormat | None:
    whole: list[str] = []
    fraction: list[str] = []
    part = whole
    is_plain, is_percent = True, False
    for token in _TOKENS.finditer(code):
        kind, text = token.lastgroup, token[token.lastgroup] if token.lastgroup else ""
        if kind == "end":
            break
        if kind == "percent":
            is_percent = True
        elif kind == "point" and part is whole:
            part = fraction
            fraction.append(".")
        elif kind == "digit":
            part.append(text)
        elif kind in _LITERALS:
            part.extend(f"'{each}" for each in text or "")
        elif kind == "other" or (kind == "bracket" and not _COLOUR.fullmatch(text or "")):
            is_plain = False
    if is_percent:
        return NumberFormat(is_percent=True)
    placeholders = [each for each in whole if each in _PLACEHOLDERS]
    if not is_plain or not placeholders or (whole in (["0"], ["#"]) and not fraction):
        return None
    return NumberFormat(whole=tuple(whole), fraction=tuple(fraction))


def _fill_whole(pattern: tuple[str, ...], digits: str) -> str:
    """Fill the placeholders from the right. The first takes all remaining digits."""
    left = list(digits.lstrip("0"))
    placeholders = sum(1 for each in pattern if each in _PLACEHOLDERS)
    shown: list[str] = []
    for each in reversed(pattern):
        if each not in _PLACEHOLDERS:
            shown.append(each[1:])
            continue
        placeholders -= 1
        shown.append(left.pop() if left else {"0": "0", "?": " ", "#": ""}[each])
        while placeholders == 0 and left:
            shown.append(left.pop())
    return "".join(reversed(shown))


def _fill_fraction(pattern: tuple[str, ...], digits: str) -> str:
    left = list(digits)
    shown = [left.pop(0) if each in _PLACEHOLDERS else each.removeprefix("'") for each in pattern]
    optional = {at for at, each in enumerate(pattern) if each in "#?"}
    while shown and len(shown) - 1 in optional and shown[-1] == "0":
        shown.pop()
    return "".join(shown)
