"""The first sheet: how to fill in the template, and what each column is for."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.entry.workbooks.formats.templates.mapping import Mapping, TemplateColumn
from services.entry.workbooks.formats.templates.styles import GREY, LINE, NAVY, PALE, Styles, height_of
from services.entry.workbooks.formats.templates.wording import accepted_values
from shared.reference import FOOTNOTE

STEPS = {
    "A row for each": (
        "Write each {kind} in a row of its own on the sheet '{sheet}', below the headings. Columns may stand in any "
        "order, and those that you do not need may be deleted. Keep the row with the small grey names: by them each "
        "column is known again."
    ),
    "Required": (
        "Columns that end with an asterisk (*) are required. The comment at a heading says what the column is for and "
        "what passes. Where there is a list to choose from, a small arrow beside the cell opens it."
    ),
    "Days and amounts": (
        "Write a day as 2026-05-31 or 31.5.2026, and an amount without its currency: 1250000.50, 1.250.000,50 and "
        "1,250,000.50 are all read. What may mean two things, such as 03/04/2026 or 1.250, is never guessed: you will "
        "be asked."
    ),
    "Several in a cell": "Where several may stand in one cell, put a semicolon between them.",
}
GROUPS = (
    "Of what there can be several, such as {first!r}, there are groups of columns with numbers. Leave those that you "
    "do not need blank. If you need more, add columns and give them names with the next number, such as {next!r}. In "
    "the grey names the numbers begin with 0, in the headings with 1."
)
FILLED = (
    "{filled:,} rows are filled in with what you reported before. Choose for each of them what has become of it, and "
    "correct what has changed. You will be asked for those that you take out."
)
CLASSIFIED = (
    "This system takes no classified information. A file that carries a marking of the EU, of NATO or of a partner is "
    "refused, and nothing of it is kept. With whom a row may be shared says its TLP marking."
)

_WIDTHS = (34, 12, 62, 62)


def write_instructions(
    sheet: Any, styles: Styles, mapping: Mapping, offers: Sequence[TemplateColumn], *, filled: int
) -> None:
    """Write it. No row of it looks like headings of records, for which a workbook is searched when it comes back."""
    sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    title = styles.of(bold=True, font_size=18, font_color=NAVY, valign="vcenter")
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, mapping.title, title)
    made = (
        f"Made on {mapping.made_on.day} {mapping.made_on:%B %Y} from the fields and code lists of that day."
    )
    sheet.write_string(1, 0, made, styles.of(font_color=GREY))
    row = 3
    for heading, text in _steps(mapping, offers, filled=filled):
        _write_step(sheet, styles, row, heading, text)
        row += 1
    row = _write_columns(sheet, styles, row + 1, offers, language=mapping.language)
    sheet.write_string(row + 1, 0, FOOTNOTE, styles.of(font_color=GREY, font_size=9))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _steps(mapping: Mapping, offers: Sequence[TemplateColumn], *, filled: int) -> Iterator[tuple[str, str]]:
    for heading, text in STEPS.items():
        yield heading, text.format(kind=mapping.kind, sheet=mapping.sheet)
    numbered = [offer.column for offer in offers if offer.column.number is not None]
    if numbered:
        first = numbered[0]
        following = sum(1 for each in numbered if each.steps == first.steps)
        name = f"{first.steps[0].name}.{following}.{first.field.name}"
        yield "Numbered groups", GROUPS.format(first=first.label(mapping.language), next=name)
    if filled:
        yield "Already filled in", FILLED.format(filled=filled)
    yield "Nothing classified", CLASSIFIED


def _write_step(sheet: Any, styles: Styles, row: int, heading: str, text: str) -> None:
    sheet.write_string(row, 0, heading, styles.of(bold=True, font_color=NAVY, valign="top"))
    sheet.merge_range(row, 1, row, len(_WIDTHS) - 1, text, styles.of(text_wrap=True, valign="top"))
    sheet.set_row(row, height_of([(text, sum(_WIDTHS[1:]))]) + 4)


def _write_columns(
    sheet: Any, styles: Styles, row: int, offers: Sequence[TemplateColumn], *, language: str
) -> int:
    """What each column is for, of numbered groups the first; returns the row below."""
    head = styles.of(bold=True, font_color="#FFFFFF", bg_color=NAVY)
    for at, name in enumerate(("Column", "Required?", "What it is for", "What passes")):
        sheet.write_string(row, at, name, head)
    look = {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": LINE}
    plain, needed = styles.of(**look), styles.of(**look, bold=True, bg_color=PALE)
    for offer in offers:
        column = offer.column
        if column.number not in (None, 1):
            continue
        row += 1
        required = "yes" if column.is_required else ""
        texts = (column.label(language), required, column.help, accepted_values(offer))
        for at, text in enumerate(texts):
            sheet.write_string(row, at, text, needed if column.is_required and at == 0 else plain)
        sheet.set_row(row, height_of(list(zip(texts, _WIDTHS, strict=True))))
    return row + 1
