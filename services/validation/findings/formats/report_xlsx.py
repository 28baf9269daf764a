"""A report as a workbook: a summary, the findings with one row per place, and the outcomes of each rule.

Every text is written as text, so that none becomes a formula or a link.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats.report_lines import COLUMNS, closing_lines, file_lines, list_rows
from services.validation.findings.formats.report_text import (
    SECTIONS,
    count_in_section,
    facts,
    headline,
    next_steps,
    reading_facts,
    sections,
)
from shared.documents.cells import WORKBOOK_OPTIONS, cell_text
from shared.i18n import Text, translate

HEADINGS = {
    "severity": Text("severity"),
    "rule": Text("rule"),
    "version": Text("version"),
    "title": Text("title"),
    "ref": Text("ref"),
    "pointer": Text("pointer"),
    "sheet": Text("sheet"),
    "row": Text("row"),
    "cell": Text("cell"),
    "value": Text("value"),
    "message": Text("message"),
    "expected": Text("expected"),
    "why": Text("why"),
    "reference": Text("reference"),
    "outcome": Text("outcome"),
    "state": Text("state"),
    "element": Text("element"),
    "heading": Text("heading"),
    "reason": Text("reason"),
    "bears": Text("bears"),
    "amount": Text("amount"),
    "currency": Text("currency"),
    "passed": Text("passed"),
    "failed": Text("failed"),
    "missing": Text("skipped: missing"),
    "condition": Text("skipped: condition"),
    "broken": Text("skipped: broken"),
    "nothing": Text("skipped: nothing"),
    "errored": Text("errored"),
}
"""The headings by column. In English, they are the names of the JSON."""
_WORDS = {
    "severity": {
        "blocker": Text("blocker"),
        "error": Text("error"),
        "warning": Text("warning"),
        "info": Text("info"),
    },
    "outcome": HEADINGS,
    "state": {"justified": Text("justified"), "waived": Text("waived")},
}
"""The columns whose values are shown in the reader's language."""

WIDTHS = {
    "severity": 17,
    "title": 34,
    "ref": 18,
    "pointer": 30,
    "value": 26,
    "message": 52,
    "expected": 52,
    "why": 44,
    "reference": 28,
    "element": 20,
    "heading": 24,
}
WIDTH = 11
_OF_UNREAD = {
    "reason": 18,
    "bears": 10,
    "sheet": 16,
    "row": 8,
    "cell": 8,
    "element": 20,
    "ref": 18,
    "amount": 16,
    "currency": 10,
    "message": 60,
    "expected": 60,
}
"""The columns of an unread part, and their widths."""
OF_A_RULE = ("passed", "failed", "missing", "condition", "broken", "nothing", "errored")
"""The outcomes of a rule; those in the middle are the reasons why it was skipped."""

_A3, _A4 = 8, 9
"""Sizes of paper, in the numbers of spreadsheets."""
_WIDE = 200
"""The number of characters that A4 still shows in a size that can be read."""
_WRAPPED = ("plain", "head")
"""The styles whose texts are wrapped."""
_LINE, _MAX_HEIGHT = 15, 400
"""The heights of a line and of the highest row, in points. Some programs do not make the rows of a file higher."""
_LETTERS_PER_DIGIT = 0.95
"""The average number of letters in the width of a digit, with room for lines that end early."""


def report_as_xlsx(report: Report, heading: ReportHeader) -> bytes:
    """Render the workbook: the same bytes for the same report."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS | {"constant_memory": True}) as book:
        # The default is the time of day.
        book.set_properties(
            {
                "title": str(translate(Text("Findings"), heading.language)),
                "created": heading.judged_at.replace(tzinfo=None),
            }
        )
        styles = {
            "plain": book.add_format({"valign": "top", "align": "left", "text_wrap": True}),
            "figure": book.add_format({"valign": "top"}),
            "head": book.add_format(
                {
                    "bold": True,
                    "valign": "top",
                    "text_wrap": True,
                    "font_color": "#FFFFFF",
                    "bg_color": "#1D3F72",
                }
            ),
            "bold": book.add_format({"bold": True, "valign": "top"}),
            "large": book.add_format({"bold": True, "font_size": 16}),
        }
        for name, write in _sheets(report):
            sheet = _Sheet(book.add_worksheet(translate(name, heading.language)), styles, heading.language)
            write(sheet, report, heading)
            sheet.set_print_layout(heading.tlp)
    return file.getvalue()


def _sheets(report: Report) -> Iterator[tuple[Text, Callable[..., None]]]:
    yield Text("Summary"), _summary
    yield Text("Findings"), _findings
    if (report.get("reading") or {}).get("unread"):
        yield Text("Not read"), _unread
    yield Text("Rules"), _rules


class _Sheet:
    """A sheet that is written row by row, as the constant-memory mode requires."""

    def __init__(self, sheet: Any, styles: dict[str, Any], language: str) -> None:
        self.sheet = sheet
        self.row = 0
        self._styles = styles
        self._language = language
        self._widths: Sequence[int] = ()

    def add(self, values: Iterable[Any], *styles: str) -> None:
        """Write the next row; the last style applies to the remaining cells."""
        shown = [self._shown(value) for value in values]
        chosen = [styles[min(column, len(styles) - 1)] if styles else "plain" for column in range(len(shown))]
        # The height must be known before the first cell is written.
        if (lines := self._count_lines(shown, chosen)) > 1:
            self.sheet.set_row(self.row, min(lines * _LINE, _MAX_HEIGHT))
        for column, (value, style) in enumerate(zip(shown, chosen, strict=True)):
            self._write(column, value, self._styles[style])
        self.row += 1

    def _shown(self, value: Any) -> Any:
        return str(translate(value, self._language)) if isinstance(value, Text) else value

    def _count_lines(self, values: Sequence[Any], styles: Sequence[str]) -> int:
        return max(
            (
                sum(1 + int(len(line) / (width * _LETTERS_PER_DIGIT)) for line in value.split("\n"))
                for value, style, width in zip(values, styles, self._widths, strict=False)
                if isinstance(value, str) and style in _WRAPPED
            ),
            default=1,
        )

    def widths(self, widths: Sequence[int]) -> None:
        """Set the widths of the columns, in characters."""
        self._widths = widths
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)

    def set_print_layout(self, tlp: str | None) -> None:
        """Print in landscape, one page wide, with the marking on every page as TLP 2.0 requires."""
        self.sheet.set_landscape()
        self.sheet.set_paper(_A3 if sum(self._widths) > _WIDE else _A4)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_header(f"&L&A&R&B{tlp or ''}")
        self.sheet.set_footer(f"&L&P / &N&R&B{tlp or ''}")

    def _write(self, column: int, value: Any, style: Any) -> None:
        if value is None:
            self.sheet.write_blank(self.row, column, None, style)
        elif isinstance(value, bool):
            self.sheet.write_boolean(self.row, column, value, style)
        elif isinstance(value, int | float):
            self.sheet.write_number(self.row, column, value, style)
        else:
            self.sheet.write_string(self.row, column, cell_text(str(value)), style)


def _summary(sheet: _Sheet, report: Report, heading: ReportHeader) -> None:
    sheet.widths((38, 100))
    sheet.add([headline(report, heading)], "large")
    for step in next_steps(report, heading):
        sheet.add(["", step])
    sheet.add([])
    for name, text in facts(report, heading):
        sheet.add([name, text], "bold", "plain")
    sheet.add([])
    if read := reading_facts(report):
        for label, found in read:
            sheet.add([label, found], "bold", "plain")
        sheet.add([])
    for section, groups in sections(report).items():
        sheet.add([SECTIONS[section][0], count_in_section(section, groups)], "bold", "plain")
    sheet.add([])
    for last in closing_lines(report, heading, _shown(report, heading)):
        sheet.add(["", last])


def _shown(report: Report, heading: ReportHeader) -> str:
    texts = (text for _, text in facts(report, heading))
    return "\n".join([*texts, *map(str, list_rows(report)), *file_lines(report)])


def _findings(sheet: _Sheet, report: Report, heading: ReportHeader) -> None:
    sheet.widths([WIDTHS.get(name, WIDTH) for name in COLUMNS])
    sheet.sheet.freeze_panes(1, 0)
    sheet.sheet.repeat_rows(0)
    sheet.add([HEADINGS[name] for name in COLUMNS], "head")
    for line in list_rows(report):
        sheet.add([_word(name, value) for name, value in zip(COLUMNS, line, strict=True)])
    sheet.sheet.autofilter(0, 0, max(sheet.row - 1, 1), len(COLUMNS) - 1)
    sheet.add([])
    for last in closing_lines(report, heading, _shown(report, heading)):
        # In a narrow column the text would wrap after every word.
        sheet.add([last], "bold")


def _word(column: str, value: Any) -> Any:
    return _WORDS[column].get(value, value) if column in _WORDS else value


def _unread(sheet: _Sheet, report: Report, _heading: ReportHeader) -> None:
    """Write each listed part of the file that was not read, or not as it was written."""
    sheet.widths(list(_OF_UNREAD.values()))
    sheet.sheet.freeze_panes(1, 0)
    sheet.sheet.repeat_rows(0)
    sheet.add([HEADINGS[name] for name in _OF_UNREAD], "head")
    for part in report["reading"]["unread"]:
        sheet.add([part.get(name) for name in _OF_UNREAD])
    if left_out := report["reading"]["left_out"]:
        more = Text.counted(
            "{count:,} more part not listed here.", "{count:,} more parts not listed here.", count=left_out
        )
        sheet.add([more], "bold")


def _rules(sheet: _Sheet, report: Report, _heading: ReportHeader) -> None:
    """Write each rule with its outcomes, and the reasons why it was skipped."""
    sheet.widths((14, *(18,) * len(OF_A_RULE)))
    sheet.sheet.freeze_panes(1, 0)
    sheet.sheet.repeat_rows(0)
    sheet.add([HEADINGS[name] for name in ("rule", *OF_A_RULE)], "head")
    for rule, found in sorted(report["rules"].items()):
        outcomes = {**found, **found["skipped"]}
        sheet.add([rule, *(outcomes.get(each, 0) for each in OF_A_RULE)], "plain", "figure")
    sheet.sheet.autofilter(0, 0, max(sheet.row - 1, 1), len(OF_A_RULE))
