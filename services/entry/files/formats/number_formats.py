"""Number formats of a workbook: which numbers are shown as percentages, and what a cell with an identifier shows.

The number 7 in the format 000 is shown as 007. A program that exports the sheet writes what is shown, so both are one ref.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from services.entry.files.domain.cell_values import MAX_EXACT_INTEGER

BUILT_IN = {"1": "0", "2": "0.00", "9": "0%", "10": "0.00%"}
"""The formats that a workbook uses without defining them, by number, as far as they matter here."""

_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<percent>%)|(?P<end>;)|(?P<literal>[-+() ])|(?P<other>.)",
    re.DOTALL,
)
_COLOUR = re.compile(r"(?i)(black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+)")
_LITERALS = ("quoted", "escaped", "currency", "literal")


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
    """Return a number format; None for dates and for formats that show a number's usual digits."""
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
