"""Texts for cells written by XlsxWriter. They are shown unchanged, whatever they look like."""

import re
from html import escape

MAX_CELL = 32_767
"""The maximum UTF-16 units of a cell in Excel."""

WORKBOOK_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""The options of a workbook in which texts stay texts."""

_SHARED_UNDERSCORE = re.compile("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str) -> str:
    """Return the string to write so that the cell shows the text. A text too long for a cell is cut, with a note."""
    text = fitting(text)
    return _run(text) if _is_misread(text) else text


def _is_misread(text: str) -> bool:
    """Return whether XlsxWriter would write another text.

    It writes text between <r> and </r> unchanged, as the markup of a run. Of two escapes that share an underscore, such
    as _x0041_x0042_, it escapes only the first.
    """
    return (text.startswith("<r>") and text.endswith("</r>")) or _SHARED_UNDERSCORE.search(text) is not None


def _run(text: str) -> str:
    """Return the text as the markup of a run, in which XlsxWriter escapes nothing."""
    escaped = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<r><t xml:space="preserve">{escape(escaped).replace("_", "&#95;")}</t></r>'


def fitting(text: str) -> str:
    """Return the text that the cell shows: a text too long for a cell is cut, with a note."""
    # The markup of a run counts towards the limit, and may be sixteen times as long.
    longest = MAX_CELL // 16 if _is_misread(text) else MAX_CELL
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= longest:
        return text
    return f"{text[: longest // 2 - 100]}… (cut: a cell takes no more; the JSON has all {len(text):,} characters)"
