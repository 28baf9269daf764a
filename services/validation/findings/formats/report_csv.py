"""A report as CSV (RFC 4180), one line per place.

Reporters wrote the texts, and a spreadsheet would run a text that begins like a formula, so texts are escaped.
"""

import csv
import io
from typing import Any

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats.report_lines import COLUMNS, closing_lines, file_lines, list_rows
from services.validation.findings.formats.report_text import value_text
from shared.documents.formulas import escape_formula
from shared.i18n import translate

BOM = "\ufeff"
"""The byte order mark. Without it, Excel reads a CSV in the local code page and loses ë, š and Cyrillic letters."""


def report_as_csv(report: Report, heading: ReportHeader) -> str:
    """Render one line per listed place, then what was read of the file and what was not, and the closing lines."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in list_rows(report):
        writer.writerow([_cell(value) for value in line])
    for read in file_lines(report):
        writer.writerow([escape_formula(translate(read, heading.language))])
    for last in closing_lines(report, heading, text.getvalue()):
        writer.writerow([translate(last, heading.language)])
    return BOM + text.getvalue()


def _cell(value: Any) -> str:
    return escape_formula(value) if isinstance(value, str) else value_text(value)
