"""A report as CSV (RFC 4180): a line per place, for a spreadsheet and for those who read lines.

Its texts were written by reporters. A spreadsheet would run one that begins like a formula, so such a text gets an
apostrophe in front, wherever a spreadsheet may begin a cell: also after a semicolon, a tab or a line break, since most of
our readers' spreadsheets separate by semicolons. What begins with an apostrophe of its own gets one too, so that whoever
reads the lines can take each away again.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from services.validation.formats.report_lines import COLUMNS, last_lines, lines_of
from services.validation.formats.report_words import value_text

if TYPE_CHECKING:
    from services.validation.formats.report_words import Heading, Report

BOM = "\ufeff"
"""Excel takes a CSV for the local code page unless it begins so; letters such as ë, š and Cyrillic would be lost."""

# The wide signs are the same to Excel.
_BEGINS_LIKE_A_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[ \"]*['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


def report_as_csv(report: Report, heading: Heading) -> str:
    """One line per listed place; then how many are not listed, the marking, and the footnote where it is due."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines_of(report):
        writer.writerow([_cell(value) for value in line])
    for last in last_lines(report, heading, text.getvalue()):
        writer.writerow([last])
    return BOM + text.getvalue()


def _cell(value: Any) -> str:
    return _BEGINS_LIKE_A_FORMULA.sub("'", value) if isinstance(value, str) else value_text(value)
