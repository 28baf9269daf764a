"""Texts in CSV that a spreadsheet would run: they get an apostrophe, and whoever reads them takes it away again.

A spreadsheet may begin a cell wherever one of them may separate: also after a semicolon, a tab or a line break inside a
text. What begins with an apostrophe of its own gets one too, so that none of its own is taken away.
"""

import re

# The wide signs are the same to Excel.
_FORMULA = "[ \"]*['=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_TO_QUOTE = re.compile(f"{_BEGINS}(?={_FORMULA})")
_QUOTED = re.compile(f"{_BEGINS}'(?={_FORMULA})")


def escape_formula(text: str) -> str:
    """The text as it stands in a file."""
    return _TO_QUOTE.sub("'", text)


def unescape_formula(text: str) -> str:
    """The text as it was."""
    return _QUOTED.sub("", text) if "'" in text else text
