"""A cause, and the texts of cells as causes are searched in them."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.shapes.vocabulary import PLACEHOLDERS
from shared.reference.spelling import normalise

MAX_EXAMINED = 120
"""The maximum length of a text that is examined. Numbers and dates are shorter."""

SPACES = "\u00a0\u2007\u2009\u202f \t"
_UNDERSCORES = re.compile(r"(?<=[0-9])_(?=[0-9])")
"""Thousands separators of programmers."""
ERROR = re.compile(r"#[A-Z0-9/!?_]{2,20}")
"""An error of a formula, such as #REF!"""


@dataclass(frozen=True)
class Cause:
    """Why a value is faulty. `readings` are the numbers or days that it may mean; `found` is the part that disturbs.

    `number` is a fact about the cause: the days of the month, or the month that does not exist.
    """

    reason: str
    readings: tuple[Any, ...] = ()
    found: str = ""
    number: int = 0


def plain_text(text: str) -> str:
    """Return a text without blanks at its ends, its digits as ASCII and its blanks as spaces."""
    cut = _UNDERSCORES.sub("", text.strip())
    if len(cut) > MAX_EXAMINED:
        return ""
    return "".join(
        str(unicodedata.digit(each))
        if each.isdigit() and not each.isascii() and each.isdecimal()
        else " "
        if each in SPACES
        else each
        for each in cut
    )


def is_placeholder(text: str) -> bool:
    """Whether a text only marks that there is no value, such as n/a or a dash."""
    cut = text[:MAX_EXAMINED]
    return not any(each.isalnum() for each in cut) or normalise(cut) in PLACEHOLDERS
