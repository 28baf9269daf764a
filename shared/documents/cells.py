"""Texts for cells that XlsxWriter writes: they are shown as they are, whatever they begin with and look like."""

import re
from html import escape

MAX_CELL = 32_767
"""UTF-16 units that Excel takes in a cell."""

WORKBOOK_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Of a workbook: no text becomes anything else."""

_SHARED_UNDERSCORE = re.compile("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str) -> str:
    """What to write so that the cell shows the text; one that no cell takes is cut, and says so."""
    text = _fitting(text)
    return _run(text) if _is_misread(text) else text


def _is_misread(text: str) -> bool:
    """Whether XlsxWriter would write something else than the text.

    It writes what stands between <r> and </r> as it is, as the markup of a run of text; and of two escapes that share
    an underscore, such as _x0041_x0042_, it escapes the first only.
    """
    return (text.startswith("<r>") and text.endswith("</r>")) or _SHARED_UNDERSCORE.search(text) is not None


def _run(text: str) -> str:
    """The text as the markup of a run, in which XlsxWriter finds nothing that it would escape."""
    escaped = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<r><t xml:space="preserve">{escape(escaped).replace("_", "&#95;")}</t></r>'


def _fitting(text: str) -> str:
    # The markup of a run counts, and may take sixteen times as much.
    longest = MAX_CELL // 16 if _is_misread(text) else MAX_CELL
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= longest:
        return text
    return f"{text[: longest // 2 - 100]}… (cut: a cell takes no more; the JSON has all {len(text):,} characters)"
