"""Cell references such as F7, and positions as row and column, both counted from 1."""

import re
from functools import lru_cache

from services.entry.files.domain.xml_edits import PartIsBroken

MAX_COLUMN = 16_384
MAX_ROW = 1_048_576
_LETTERS = 26
_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")


def cell_position(cell: str) -> tuple[int, int]:
    """Return the row and column of a reference; raise `PartIsBroken`."""
    found = _CELL.fullmatch(cell.upper())
    if found is None:
        raise PartIsBroken(f"{cell[:20]!r} is not a cell reference")
    return int(found[2]), column_number(found[1])


@lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number


def column_letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def cell_ref(row: int, column: int) -> str:
    """Return the reference of a cell: row 7 and column 6 are F7."""
    return f"{column_letters(column)}{row}"
