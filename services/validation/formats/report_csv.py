"""A report as CSV (RFC 4180): a line per place, for a spreadsheet and for those who read lines.

Its texts were written by reporters, and a spreadsheet would run one that begins like a formula: they are quoted.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from services.validation.formats.report_lines import COLUMNS, last_lines, lines_of
from services.validation.formats.report_words import value_text
from shared.documents.formulas import escape_formula

if TYPE_CHECKING:
    from services.validation.formats.report_words import Heading, Report

BOM = "\ufeff"
"""Excel takes a CSV for the local code page unless it begins so; letters such as ë, š and Cyrillic would be lost."""


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
    return escape_formula(value) if isinstance(value, str) else value_text(value)
