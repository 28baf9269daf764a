"""A report as rows, one per place, shared by CSV and workbook."""

from collections.abc import Iterator
from typing import Any

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats.report_text import (
    count_omitted,
    count_places,
    reading_facts,
    unread_lines,
)
from shared.reference import FOOTNOTE, needs_footnote
from shared.reference.wording import pluralise

COLUMNS = (
    *("severity", "rule", "version", "title"),
    *("ref", "pointer", "sheet", "row", "cell"),
    *("value", "message", "expected", "why", "reference", "outcome", "state", "element", "heading"),
)
"""The columns of a row: the rule, the location of the place, and its value.

Only places in a file have a sheet, row, cell and heading, or an element. The state is `justified` or `waived` for exempted places.
"""


def list_rows(report: Report) -> Iterator[list[Any]]:
    """Yield the listed places in the order of the report, one value per column; None for no value."""
    for group in report["findings"]:
        for place in group["places"]:
            yield [place[name] if name in place else group.get(name) for name in COLUMNS]


def closing_lines(report: Report, heading: ReportHeader, shown: str) -> Iterator[str]:
    """Yield the lines below the places: the number not listed, the marking, and the footnote if `shown` needs it."""
    yield places_summary(report)
    if heading.tlp:
        yield heading.tlp
    if needs_footnote(shown):
        yield FOOTNOTE


def file_lines(report: Report) -> list[str]:
    """Return what was read of the submitted file, and each part that was not read, as sentences."""
    return [f"{name}: {text}" for name, text in reading_facts(report)] + unread_lines(report)


def places_summary(report: Report) -> str:
    """Return the numbers of listed and unlisted places as a sentence."""
    found, more = count_places(report["findings"]), count_omitted(report)
    if not found:
        return "No findings."
    if not more:
        return f"All places are listed: {found:,}."
    are = "is" if more == 1 else "are"
    return (
        f"{pluralise(found, 'place')} in all; {found - more:,} are listed, {more:,} more {are} not: "
        "only the first places of each rule are listed."
    )
