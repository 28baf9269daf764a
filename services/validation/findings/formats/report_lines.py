"""A report as rows, one per place, shared by CSV and workbook."""

from collections.abc import Iterator
from typing import Any

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats.report_text import (
    count_omitted,
    count_places,
    places_text,
    reading_facts,
    unread_lines,
)
from shared.i18n import Text
from shared.reference import FOOTNOTE, needs_footnote

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
    facts = [Text("{name}: {text}", name=name, text=text) for name, text in reading_facts(report)]
    return [*facts, *unread_lines(report)]


def places_summary(report: Report) -> Text:
    """Return the numbers of listed and unlisted places as a sentence."""
    found, more = count_places(report["findings"]), count_omitted(report)
    if not found:
        return Text("No findings.")
    if not more:
        return Text("All places are listed: {found:,}.", found=found)
    return Text.counted(
        "{places} in all; {listed:,} are listed, {count:,} more is not: only the first places of each rule are listed.",
        "{places} in all; {listed:,} are listed, {count:,} more are not: only the first places of each rule are listed.",
        count=more,
        listed=found - more,
        places=places_text(found),
    )
