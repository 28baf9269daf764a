"""Escaping of texts in CSV that a spreadsheet would run as formulas: they get an apostrophe.

A spreadsheet may start a cell at any separator: also after a semicolon, a tab or a line break in a text. A text that
begins with an apostrophe gets another one, so that its own survives. Readers of other tables remove none: only a table
that says which texts have one of ours is read without them.
"""

import re

# Excel treats the full-width signs alike.
_FORMULA = "[ \"]*['=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_TO_QUOTE = re.compile(f"{_BEGINS}(?={_FORMULA})")


def escape_formula(text: str) -> str:
    """Return the text as it is written to a file."""
    return _TO_QUOTE.sub("'", text)
