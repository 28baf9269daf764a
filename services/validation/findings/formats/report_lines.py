"""A report as lines, one per place: what its CSV and its sheet have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.findings.formats.report_text import counted, left_out, places_in
from shared.reference import FOOTNOTE, needs_footnote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.validation.findings.domain.reports import Heading, Report

COLUMNS = (
    *("severity", "rule", "version", "title"),
    *("ref", "pointer", "sheet", "row", "cell"),
    *("value", "message", "expected", "why", "reference", "outcome", "state"),
)
"""What a line says of the rule, of where the place is, and of what stands there.

Only a file has sheets; a state has what may stand: `justified` or `waived`.
"""


def lines_of(report: Report) -> Iterator[list[Any]]:
    """The listed places in the order of the report, a value per column; None where there is nothing to say."""
    for group in report["findings"]:
        for place in group["places"]:
            yield [place[name] if name in place else group.get(name) for name in COLUMNS]


def last_lines(report: Report, heading: Heading, shown: str) -> Iterator[str]:
    """What stands below the places: how many are not listed, the marking, and the footnote if `shown` needs it."""
    yield how_many(report)
    if heading.tlp:
        yield heading.tlp
    if needs_footnote(shown):
        yield FOOTNOTE


def how_many(report: Report) -> str:
    """How many places are listed, and how many are not."""
    found, more = places_in(report["findings"]), left_out(report)
    if not found:
        return "Nothing was found."
    if not more:
        return f"All places are listed: {found:,}."
    are = "is" if more == 1 else "are"
    return (
        f"{counted(found, 'place')} in all; {found - more:,} are listed, {more:,} more {are} not: "
        "of each rule the first ones only."
    )
