"""The instructions sheet: steps to fill in the template, and the purpose of each column."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.entry.workbooks.formats.templates.mapping import Mapping, TemplateColumn
from services.entry.workbooks.formats.templates.styles import GREY, LINE, NAVY, PALE, Styles, height_of
from services.entry.workbooks.formats.templates.wording import accepted_values
from shared.i18n import Text, translate
from shared.i18n.days import day_text
from shared.reference import FOOTNOTE
from shared.reference.wording import kind_name

NAME = Text("Instructions")
"""The name of the sheet."""

_WIDTHS = (34, 16, 60, 60)


def write_instructions(
    sheet: Any, styles: Styles, mapping: Mapping, columns: Sequence[TemplateColumn], *, filled: int
) -> None:
    """Write the sheet. None of its rows may look like record headings, which the reader searches for."""
    sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    title = styles.of(bold=True, font_size=18, font_color=NAVY, valign="vcenter")
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, mapping.title, title)
    created = Text(
        "Created on {day} from the fields and code lists of that day.", day=day_text(mapping.made_on)
    )
    sheet.write_string(1, 0, translate(created, mapping.language), styles.of(font_color=GREY))
    made_for = Text(
        "For {reporter}: {pillar}, {kind}, {period}.",
        reporter=mapping.reporter,
        pillar=mapping.pillar,
        kind=kind_name(mapping.kind),
        period=mapping.period,
    )
    sheet.write_string(2, 0, translate(made_for, mapping.language), styles.of(font_color=GREY))
    row = 4
    for heading, text in _steps(mapping, columns, filled=filled):
        _write_step(sheet, styles, row, heading, text)
        row += 1
    sheet.repeat_rows(row + 1)
    row = _write_columns(sheet, styles, row + 1, columns, language=mapping.language)
    sheet.write_string(row + 1, 0, FOOTNOTE, styles.of(font_color=GREY, font_size=9))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&R&P / &N")
    sheet.fit_to_pages(1, 0)


def _steps(mapping: Mapping, columns: Sequence[TemplateColumn], *, filled: int) -> Iterator[tuple[str, str]]:
    for heading, text in _texts(mapping, columns, filled=filled):
        yield translate(heading, mapping.language), translate(text, mapping.language)


def _texts(
    mapping: Mapping, columns: Sequence[TemplateColumn], *, filled: int
) -> Iterator[tuple[Text, Text]]:
    yield (
        Text("One row each"),
        Text(
            "Enter each record in its own row on the sheet '{sheet}', below the headings. You may reorder columns, and "
            "delete columns that you do not need. Keep the row with the small grey names. They identify the columns.",
            sheet=mapping.sheet,
        ),
    )
    yield (
        Text("Required"),
        Text(
            "Columns whose heading ends with an asterisk (*) are required. The comment on a heading explains the column "
            "and its accepted values. If a column has a drop-down list, the small arrow beside the cell opens it."
        ),
    )
    yield (
        Text("Dates and amounts"),
        Text(
            "Enter a date as 2026-05-31 or 31.5.2026. Enter an amount without its currency: 1250000.50, 1.250.000,50 and "
            "1,250,000.50 are all accepted. Ambiguous values such as 03/04/2026 or 1.250 are reported to you, never "
            "guessed."
        ),
    )
    yield (
        Text("Several values"),
        Text("If a cell accepts several values, separate them with a semicolon."),
    )
    numbered = [column for column in columns if column.spec.number is not None]
    if numbered:
        first = numbered[0].spec
        following = sum(1 for each in numbered if each.spec.steps == first.steps)
        yield (
            Text("Numbered groups"),
            Text(
                "Fields that can occur several times, such as '{first}', have numbered groups of columns. Leave unused "
                "groups blank. If you need more, add columns and give them names with the next number, such as '{next}'. "
                "Numbers begin with 0 in the grey names, and with 1 in the headings.",
                first=numbered[0].label,
                next=f"{first.steps[0].name}.{following}.{first.field.name}",
            ),
        )
    if filled:
        yield (
            Text("Prefilled rows"),
            Text.counted(
                "{count:,} row contains a record from your previous report. Choose its disposition and correct what has "
                "changed. If you delete a row, you will be asked about it.",
                "{count:,} rows contain records from your previous report. Choose the disposition of each and correct "
                "what has changed. If you delete a row, you will be asked about it.",
                count=filled,
            ),
        )
    yield (
        Text("Languages"),
        Text(
            "Headings and list entries may be in any of the languages of this system, also mixed. Codes are the same in "
            "every language."
        ),
    )
    yield (
        Text("No classified information"),
        Text(
            "This system accepts no classified information. A file with a classification marking of the EU, NATO or a "
            "partner is refused and deleted. The TLP marking of a row says with whom the row may be shared."
        ),
    )


def _write_step(sheet: Any, styles: Styles, row: int, heading: str, text: str) -> None:
    sheet.write_string(row, 0, heading, styles.of(bold=True, font_color=NAVY, valign="top"))
    sheet.merge_range(row, 1, row, len(_WIDTHS) - 1, text, styles.of(text_wrap=True, valign="top"))
    sheet.set_row(row, height_of([(text, sum(_WIDTHS[1:]))]) + 4)


def _write_columns(
    sheet: Any, styles: Styles, row: int, columns: Sequence[TemplateColumn], *, language: str
) -> int:
    """Write the purpose of each column, and of the first group of numbered columns. Return the next row."""
    head = styles.of(bold=True, font_color="#FFFFFF", bg_color=NAVY)
    names = (Text("Column"), Text("Required?"), Text("Purpose"), Text("Accepted values"))
    for at, name in enumerate(names):
        sheet.write_string(row, at, translate(name, language), head)
    look = {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": LINE}
    plain, needed = styles.of(**look), styles.of(**look, bold=True, bg_color=PALE)
    for column in columns:
        spec = column.spec
        if spec.number not in (None, 1):
            continue
        row += 1
        required = translate(Text("yes"), language) if spec.is_required else ""
        texts = (column.label, required, column.help, accepted_values(column))
        for at, text in enumerate(texts):
            sheet.write_string(row, at, text, needed if spec.is_required and at == 0 else plain)
        sheet.set_row(row, height_of(list(zip(texts, _WIDTHS, strict=True))))
    return row + 1
